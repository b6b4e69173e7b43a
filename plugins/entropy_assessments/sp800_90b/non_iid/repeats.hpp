// How often the substrings of a string repeat: what sections 6.3.5 and 6.3.6 count.
#pragma once

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

inline constexpr std::uint32_t frequent = 35; // occurrences: fewer do not count for the t-tuple estimate

struct Repeats {
  // most[t - 1]: occurrences of the most common substring of t symbols, for every t for which these are `frequent`.
  std::vector<std::uint32_t> most{};
  std::size_t longest = 0; // repeated substring, v; 0 if no symbol occurs twice
};

// Calls `pairs(w, count)` for each length w from most.size() + 1 to `longest` (or, where count stays the same over
// several lengths, at least for the last of these): `count` pairs of positions have equal substrings of w symbols.
//
// The string is one of symbols of `width` bits. Nothing of a cancelled count is valid.
using PairsOfLength = std::function<void(std::size_t w, std::uint64_t count)>;
[[nodiscard]] Repeats count_repeats(const BitString &bits, unsigned width, Work &work, const PairsOfLength &pairs);

} // namespace ntpkeygen::plugins::sp800_90b
