// Section 6.3.1, the Most Common Value Estimate.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"

#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Estimate most_common_value(std::span<const std::uint8_t> symbols);
[[nodiscard]] Estimate most_common_value(const BitString &bits);

} // namespace ntpkeygen::plugins::sp800_90b
