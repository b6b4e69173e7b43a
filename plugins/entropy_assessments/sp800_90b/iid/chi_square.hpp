// Section 5.2.1 to 5.2.4, the chi-square tests, and 5.2.5, the length of the longest repeated substring.
#pragma once

#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstddef>

namespace ntpkeygen::plugins::sp800_90b {

// Of work that is cancelled, results mean nothing.
struct ChiSquare {
  double t = 0, degrees = 0, p_value = 1;
  [[nodiscard]] bool passed() const noexcept { return p_value >= 0.001; }
};
[[nodiscard]] ChiSquare chi_square_independence(const Symbols &symbols, const Work &work);
[[nodiscard]] ChiSquare chi_square_goodness_of_fit(const Symbols &symbols, const Work &work);

struct LongestRepeat {
  std::size_t length = 0; // W
  double p_collision = 0; // of two symbols
  double p_value = 0;     // that independent samples repeat as much
  bool passed = false;
};
[[nodiscard]] LongestRepeat longest_repeat(const Symbols &symbols, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
