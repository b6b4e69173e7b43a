// The root of a decreasing function by bisection, for the publication's "solve for p by binary search".
//
// Where the function is flat or its rounding errors show, the answer depends on how the search goes and when it ends.
// This one goes and ends as NIST's tool does, so that the figures agree in their last digits too.
#pragma once

#include <functional>

namespace ntpkeygen::plugins::sp800_90b {

// p in [low, high] with function(p) == target. `none` where the search runs into values that a decreasing function
// cannot have.
[[nodiscard]] double decreasing_root(const std::function<double(double)> &function, double target, double low,
                                     double high, double none);

} // namespace ntpkeygen::plugins::sp800_90b
