// Section 6.3.9, the MultiMMC Prediction Estimate: Markov models of orders 1 to 16, counting.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate multi_mmc(const BitString &bits, Work &work);
[[nodiscard]] Estimate multi_mmc(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
