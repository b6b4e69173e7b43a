#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ntpkeygen::plugins::sp800_90b {

double min_entropy_of(double probability) noexcept {
  return probability == 1.0 ? 0.0 : -std::log2(probability);
}

double min_entropy_of(long double probability) noexcept {
  return probability == 1.0L ? 0.0 : static_cast<double>(-std::log2(probability));
}

double upper_bound(double proportion, std::size_t symbols) noexcept {
  const double deviation = std::sqrt(proportion * (1.0 - proportion) / (static_cast<double>(symbols) - 1.0));
  return std::min(1.0, std::fma(static_cast<double>(z_995), deviation, proportion));
}

Estimate no_estimate(std::string why) {
  return {std::nullopt, {}, std::move(why)};
}

} // namespace ntpkeygen::plugins::sp800_90b
