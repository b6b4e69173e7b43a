// Text eight characters at a time, in one register: what makes long files quick to read.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace ntpkeygen {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

inline constexpr std::uint64_t each_of_eight = 0x0101010101010101U; // times a byte: eight of them
inline constexpr std::uint64_t top_bits = 0x80 * each_of_eight;

// Eight characters, the first in the lowest byte.
[[nodiscard]] inline std::uint64_t load_eight(const char *text) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  if constexpr (std::endian::native == std::endian::big)
    word = __builtin_bswap64(word);
  return word;
}

// The top bit of the lowest byte of `word` that is zero; bits of higher bytes may be set where they are not.
[[nodiscard]] constexpr std::uint64_t first_zero(std::uint64_t word) noexcept {
  return (word - each_of_eight) & ~word & top_bits;
}

} // namespace ntpkeygen
