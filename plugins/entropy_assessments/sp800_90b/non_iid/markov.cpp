#include "entropy_assessments/sp800_90b/non_iid/markov.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ntpkeygen::plugins::sp800_90b {

Estimate markov(const BitString &bits) {
  // Transitions from a bit to the next, 64 at a time; the last bit has none.
  std::uint64_t ones = 0, from_one = 0, one_to_one = 0, to_one = 0;
  const std::size_t transitions = bits.size() - 1;
  for (std::size_t i = 0; i < transitions; i += 64) {
    const std::uint64_t valid = transitions - i >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> (transitions - i));
    const std::uint64_t bit = bits.window(static_cast<std::ptrdiff_t>(i)) & valid;
    const std::uint64_t next = bits.window(static_cast<std::ptrdiff_t>(i + 1)) & valid;
    from_one += static_cast<std::uint64_t>(std::popcount(bit));
    to_one += static_cast<std::uint64_t>(std::popcount(next));
    one_to_one += static_cast<std::uint64_t>(std::popcount(bit & next));
  }
  ones = from_one + bits[transitions];
  const std::uint64_t from_zero = transitions - from_one;
  const std::uint64_t one_to_zero = from_one - one_to_one;
  const std::uint64_t zero_to_zero = from_zero - (to_one - one_to_one);

  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  const double p_0 = share(bits.size() - ones, bits.size());
  const double p_1 = 1.0 - p_0;
  const double p_00 = from_zero != 0 ? share(zero_to_zero, from_zero) : 0.0;
  const double p_01 = from_zero != 0 ? 1.0 - p_00 : 0.0;
  const double p_10 = from_one != 0 ? share(one_to_zero, from_one) : 0.0;
  const double p_11 = from_one != 0 ? 1.0 - p_10 : 0.0;

  // The publication's table of the likeliest sequences of 128 bits; one with an impossible transition does not occur.
  double entropy = 128.0;
  const auto consider = [&entropy](double candidate) { entropy = std::min(entropy, candidate); };
  if (p_00 > 0)
    consider(-std::log2(p_0) - 127.0 * std::log2(p_00));
  if (p_01 > 0 && p_10 > 0)
    consider(-std::log2(p_0) - 64.0 * std::log2(p_01) - 63.0 * std::log2(p_10));
  if (p_01 > 0 && p_11 > 0)
    consider(-std::log2(p_0) - std::log2(p_01) - 126.0 * std::log2(p_11));
  if (p_10 > 0 && p_00 > 0)
    consider(-std::log2(p_1) - std::log2(p_10) - 126.0 * std::log2(p_00));
  if (p_10 > 0 && p_01 > 0)
    consider(-std::log2(p_1) - 64.0 * std::log2(p_10) - 63.0 * std::log2(p_01));
  if (p_11 > 0)
    consider(-std::log2(p_1) - 127.0 * std::log2(p_11));

  return {std::min(entropy / 128.0, 1.0),
          {{"p_0", p_0},
           {"p_1", p_1},
           {"p_00", p_00},
           {"p_01", p_01},
           {"p_10", p_10},
           {"p_11", p_11},
           {"p_hat_max", std::exp2(-entropy)}},
          {}};
}

} // namespace ntpkeygen::plugins::sp800_90b
