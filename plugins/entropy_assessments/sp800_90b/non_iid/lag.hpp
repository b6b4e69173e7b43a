// Section 6.3.8, the Lag Prediction Estimate: predictors that repeat what stood 1 to 128 symbols before.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate lag(const BitString &bits, Work &work);
[[nodiscard]] Estimate lag(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
