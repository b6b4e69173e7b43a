#include "entropy_assessments/sp800_90b/non_iid/root.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// No more than four representable numbers apart.
bool close(double a, double b) noexcept {
  if (a == b)
    return true;
  if (!std::isfinite(a) || !std::isfinite(b))
    return false;
  constexpr double least = std::numeric_limits<double>::min();
  if (std::fabs(a) < least || std::fabs(b) < least || std::fabs(a - b) < least)
    return std::fabs(a - b) <= least;
  if (std::signbit(a) != std::signbit(b))
    return false;
  const auto distance = std::bit_cast<std::int64_t>(std::fabs(a)) - std::bit_cast<std::int64_t>(std::fabs(b));
  return distance >= -4 && distance <= 4;
}

} // namespace

double decreasing_root(const std::function<double(double)> &function, double target, double low, double high,
                       double none) {
  double above = std::numeric_limits<double>::infinity(), below = -above; // the values at low and high
  double p = (low + high) / 2.0;
  double value = function(p);
  while (!close(value, target)) {
    if (target < value) {
      low = p;
      above = value;
    } else {
      high = p;
      below = value;
    }
    if (!(below <= target && target <= above))
      return none;
    const double next = (low + high) / 2.0;
    if (next <= low || next >= high)
      return high;
    p = next;
    value = function(p);
    if (!(below <= value && value <= above))
      return high;
  }
  return p;
}

} // namespace ntpkeygen::plugins::sp800_90b
