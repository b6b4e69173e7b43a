// Section 6.3.3, the Markov Estimate; for bit strings only.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate markov(const BitString &bits);

} // namespace ntpkeygen::plugins::sp800_90b
