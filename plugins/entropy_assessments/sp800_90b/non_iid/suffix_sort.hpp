// The suffixes of a text in their order.
#pragma once

#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

// Where each suffix begins, the smallest one first; nothing if the work was cancelled meanwhile. Throws std::bad_alloc.
[[nodiscard]] std::optional<std::vector<std::int32_t>> sort_suffixes(std::vector<std::uint8_t> text, Work &work);

} // namespace ntpkeygen::plugins::sp800_90b
