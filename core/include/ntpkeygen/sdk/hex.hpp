// Hex digits for secrets: table-driven, into memory that the caller gives, without a string in between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ntpkeygen::hex {

inline constexpr std::uint8_t no_digit = 0xff;

using DigitPairs = std::array<char, 512>; // the two digits of every byte value, one behind the other

namespace detail {

constexpr DigitPairs pairs_of(std::string_view digits) {
  DigitPairs pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = digits[i >> 4];
    pairs[2 * i + 1] = digits[i & 15];
  }
  return pairs;
}

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::uint8_t i = 0; i < 10; ++i)
    values[static_cast<std::size_t>('0') + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(10 + i);
    values[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}

inline constexpr auto values = make_values();

} // namespace detail

inline constexpr DigitPairs lower = detail::pairs_of("0123456789abcdef");
inline constexpr DigitPairs upper = detail::pairs_of("0123456789ABCDEF");

// 0 to 15, or no_digit; both cases.
[[nodiscard]] constexpr std::uint8_t value(char digit) noexcept {
  return detail::values[static_cast<unsigned char>(digit)];
}

// Writes two digits for each byte; `out` has room for them.
inline void encode(std::span<const std::byte> bytes, std::byte *out, const DigitPairs &digits = lower) noexcept {
  for (const std::byte byte : bytes) {
    std::memcpy(out, &digits[2 * std::to_integer<std::size_t>(byte)], 2);
    out += 2;
  }
}

// Decodes digits until one is none, the text ends or `out` is full. Returns how many digits it took; the last of an odd
// number is the upper half of a byte whose lower half is 0.
inline std::size_t decode(std::string_view text, std::span<std::byte> out) noexcept {
  const std::size_t most = text.size() < 2 * out.size() ? text.size() : 2 * out.size();
  std::size_t taken = 0;
  for (; taken + 2 <= most; taken += 2) {
    const unsigned high = value(text[taken]), low = value(text[taken + 1]);
    if (((high | low) & 0xf0U) != 0)
      break;
    out[taken / 2] = static_cast<std::byte>(high << 4 | low);
  }
  if (taken < most && value(text[taken]) != no_digit) {
    out[taken / 2] = static_cast<std::byte>(value(text[taken]) << 4);
    ++taken;
  }
  return taken;
}

} // namespace ntpkeygen::hex
