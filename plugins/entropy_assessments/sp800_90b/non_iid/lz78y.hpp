// Section 6.3.10, the LZ78Y Prediction Estimate.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate lz78y(const BitString &bits, Work &work);
[[nodiscard]] Estimate lz78y(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
