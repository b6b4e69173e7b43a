// The estimators of SP 800-90B section 6.3, written from the publication's text, step by step, with no thought of
// speed. They are what the plugin's are compared with. Where NIST's tool deviates from the text, they do as it does,
// and say so.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace ntpkeygen::test::slow {

using Symbols = std::vector<std::uint8_t>; // 0 to alphabet - 1; for bit strings 0 and 1

[[nodiscard]] double most_common_value(const Symbols &s, unsigned alphabet);
[[nodiscard]] double collision(const Symbols &bits);
[[nodiscard]] double markov(const Symbols &bits);
[[nodiscard]] std::optional<double> compression(const Symbols &bits);

struct Tuples {
  std::optional<double> t_tuple, lrs;
};
[[nodiscard]] Tuples tuples(const Symbols &s);

[[nodiscard]] std::optional<double> multi_mcw(const Symbols &s, unsigned alphabet);
[[nodiscard]] double lag(const Symbols &s, unsigned alphabet);
[[nodiscard]] double multi_mmc(const Symbols &s, unsigned alphabet);
[[nodiscard]] double lz78y(const Symbols &s, unsigned alphabet);

} // namespace ntpkeygen::test::slow
