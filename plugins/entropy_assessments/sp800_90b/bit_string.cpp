#include "entropy_assessments/sp800_90b/bit_string.hpp"

namespace ntpkeygen::plugins::sp800_90b {

BitString::BitString(std::span<const std::uint8_t> symbols, unsigned width)
    : size_(symbols.size() * width), words_((size_ + 63) / 64 + 2 * margin) {
  std::uint64_t *out = words_.data() + margin;
  std::uint64_t word = 0;
  unsigned room = 64;
  for (const std::uint8_t symbol : symbols) {
    const std::uint64_t value = symbol & ((1U << width) - 1);
    if (room >= width) {
      room -= width;
      word |= value << room;
      continue;
    }
    const unsigned rest = width - room;
    *out++ = word | value >> rest;
    room = 64 - rest;
    word = value << room;
  }
  if (size_ != 0)
    *out = word;
}

} // namespace ntpkeygen::plugins::sp800_90b
