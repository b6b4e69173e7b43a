// Section 6.3.2, the Collision Estimate; for bit strings only.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate collision(const BitString &bits, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
