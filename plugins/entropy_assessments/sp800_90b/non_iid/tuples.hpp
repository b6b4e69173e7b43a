// Sections 6.3.5 and 6.3.6, the t-Tuple and the Longest Repeated Substring (LRS) Estimates.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

namespace ntpkeygen::plugins::sp800_90b {

struct TupleEstimates {
  Estimate t_tuple{}, lrs{};
};

// Of a string of symbols of `width` bits.
[[nodiscard]] TupleEstimates tuples(const BitString &bits, unsigned width, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
