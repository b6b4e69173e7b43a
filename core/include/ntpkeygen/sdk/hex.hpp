// Hex digits for secrets: from and into memory that the caller gives, without a string in between.
#pragma once

#include "ntpkeygen/sdk/eight_bytes.hpp"

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

namespace detail {

// Eight digits at once into four bytes, without a table and without branches on what they are. False when one of them
// is no digit: `out` is as it was.
inline bool decode_eight(const char *digits, std::byte *out) noexcept {
  constexpr std::uint64_t each = each_of_eight, tops = top_bits;
  const std::uint64_t text = load_eight(digits);
  // The top bit of a sum tells whether its byte is at least the bound. A byte that has it already is taken for neither,
  // so that what it carries into the next does not matter.
  const std::uint64_t lower_case = text | 0x20 * each;
  const std::uint64_t decimal = (text + (0x80 - '0') * each) & ~(text + (0x80 - ('9' + 1)) * each) & tops;
  const std::uint64_t letter = (lower_case + (0x80 - 'a') * each) & ~(lower_case + (0x80 - ('f' + 1)) * each) & tops;
  if ((decimal | letter) != tops)
    return false;
  std::uint64_t halves = (text & 0x0f * each) + 9 * (letter >> 7);
  halves = (halves << 4 | halves >> 8) & 0x00ff00ff00ff00ffU; // a byte in each 16 bits
  halves = (halves | halves >> 8) & 0x0000ffff0000ffffU;
  auto bytes = static_cast<std::uint32_t>(halves | halves >> 16);
  if constexpr (std::endian::native == std::endian::big)
    bytes = __builtin_bswap32(bytes);
  std::memcpy(out, &bytes, sizeof bytes);
  return true;
}

} // namespace detail

// Decodes digits until one is none, the text ends or `out` is full. Returns how many digits it took; the last of an odd
// number is the upper half of a byte whose lower half is 0.
inline std::size_t decode(std::string_view text, std::span<std::byte> out) noexcept {
  const std::size_t most = text.size() < 2 * out.size() ? text.size() : 2 * out.size();
  std::size_t taken = 0;
  while (taken + 8 <= most && detail::decode_eight(text.data() + taken, out.data() + taken / 2))
    taken += 8;
  for (; taken < most; ++taken) {
    const unsigned half = value(text[taken]);
    if (half == no_digit)
      break;
    std::byte &byte = out[taken / 2];
    byte = taken % 2 == 0 ? static_cast<std::byte>(half << 4) : byte | static_cast<std::byte>(half);
  }
  return taken;
}

// Whether all of it is digits.
[[nodiscard]] inline bool is_hex(std::string_view text) noexcept {
  for (const char c : text)
    if (value(c) == no_digit)
      return false;
  return true;
}

} // namespace ntpkeygen::hex
