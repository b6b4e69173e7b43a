// A string of bits, packed, in the order in which the publication reads them: the first bit is the highest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

class BitString {
public:
  // The low `width` bits of each symbol, highest first (SP 800-90B section 3.1.3).
  BitString(std::span<const std::uint8_t> symbols, unsigned width);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] unsigned operator[](std::size_t i) const noexcept {
    return static_cast<unsigned>(words_[margin + i / 64] >> (63 - i % 64)) & 1U;
  }

  // 64 bits from bit i on, the first as the highest. i may be as low as -128 and as high as size(): what lies outside
  // the string reads as 0.
  [[nodiscard]] std::uint64_t window(std::ptrdiff_t i) const noexcept {
    const std::size_t at = static_cast<std::size_t>(i + static_cast<std::ptrdiff_t>(margin * 64));
    const std::uint64_t *const word = words_.data() + at / 64;
    const unsigned shift = at % 64;
    return word[0] << shift | word[1] >> 1 >> (63 - shift);
  }

private:
  static constexpr std::size_t margin = 2; // words of zeros before and after

  std::size_t size_;
  std::vector<std::uint64_t> words_;
};

} // namespace ntpkeygen::plugins::sp800_90b
