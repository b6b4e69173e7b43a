// What the estimators of section 6.3 have in common.
#pragma once

#include "ntpkeygen/sdk/entropy_assessment.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

// Z(0.995), of the upper end of a 99 % confidence interval. NIST's tool has all these digits, the publication 2.576.
inline constexpr long double z_995 = 2.575829303548900384158L;

struct Estimate {
  std::optional<double> min_entropy{}; // bits per symbol; none where the estimator has no answer
  std::vector<NamedValue> details{};   // the publication's intermediate values
  std::string note{};                  // why there is no answer
};

// -log2 of an upper bound of a probability; 0, not -0, of 1.
[[nodiscard]] double min_entropy_of(double probability) noexcept;
[[nodiscard]] double min_entropy_of(long double probability) noexcept;

// The upper end of the 99 % confidence interval of a proportion that was measured on so many symbols (section 6.3.1,
// step 2, and likewise elsewhere). Rounded as in NIST's tool, whose compiler fuses the product and the sum.
[[nodiscard]] double upper_bound(double proportion, std::size_t symbols) noexcept;

[[nodiscard]] Estimate no_estimate(std::string why);

} // namespace ntpkeygen::plugins::sp800_90b
