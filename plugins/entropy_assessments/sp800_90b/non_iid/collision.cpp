#include "entropy_assessments/sp800_90b/non_iid/collision.hpp"

#include <cmath>

namespace ntpkeygen::plugins::sp800_90b {

Estimate collision(const BitString &bits, Work &work) {
  // A collision takes two bits if they are equal; if not, the third equals one of them. So only pairs are looked at.
  std::size_t at = 0, pairs = 0, triples = 0;
  while (at + 2 < bits.size()) {
    if (work.cancelled())
      return {};
    for (int burst = 0; burst < 4096 && at + 2 < bits.size(); ++burst) {
      const std::size_t differ = bits[at] ^ bits[at + 1];
      triples += differ;
      pairs += 1 - differ;
      at += 2 + differ;
    }
  }
  if (at + 2 == bits.size() && bits[at] == bits[at + 1]) {
    ++pairs;
    at += 2;
  }

  const double v = static_cast<double>(pairs + triples);
  const double sum = static_cast<double>(at);
  const double mean = sum / v;
  const double squares = static_cast<double>(4 * pairs + 9 * triples);
  // Fused, as the compiler does it in NIST's tool: the difference is small, and where all collisions take equally long,
  // it consists of rounding errors.
  const double deviation = std::sqrt(std::fma(-sum, mean, squares) / (v - 1.0));
  double bound = mean - static_cast<double>(z_995) * deviation / std::sqrt(v);
  if (bound < 2.0) // a collision cannot take less
    bound = 2.0;

  // For bits, the right side of the publication's step 7 is 2 + 2p - 2p^2; above 2.5 there is no root, and step 8 gives
  // full entropy.
  const double p = bound < 2.5 ? 0.5 + std::sqrt(1.25 - 0.5 * bound) : 0.5;
  return {min_entropy_of(p),
          {{"v", v}, {"sum_t", sum}, {"x_bar", mean}, {"sigma_hat", deviation}, {"x_bar_bound", bound}, {"p", p}},
          {}};
}

} // namespace ntpkeygen::plugins::sp800_90b
