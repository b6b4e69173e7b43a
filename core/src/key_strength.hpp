// How hard a key is to guess, as far as its bytes alone tell.
#pragma once

#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ntpkeygen {

// An upper bound: 8 bits for a byte of hex, and for a character of a text as many as the kinds of characters that occur
// in it allow.
struct KeyStrength {
  std::size_t bits = 0;
  bool patterned = false; // few different bytes, or each as far from the last as the one before
};

[[nodiscard]] inline KeyStrength strength_of(std::span<const std::byte> key, bool is_text) noexcept {
  std::array<std::uint64_t, 4> seen{};
  enum : unsigned { digits = 1, hex_letters = 2, lower = 4, upper = 8, others = 16, beyond_ascii = 32 };
  unsigned kinds = 0;
  std::size_t steady = 0; // how often a step is the one before
  unsigned last = 0, last_step = 256;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(key[i]);
    seen[byte / 64] |= std::uint64_t{1} << (byte % 64);
    const unsigned step = i == 0 ? 256 : (byte - last) & 0xffU;
    steady += i > 1 && step == last_step ? 1U : 0U;
    last_step = step;
    last = byte;
    if (is_text)
      kinds |= byte >= '0' && byte <= '9'   ? digits
               : byte >= 'a' && byte <= 'z' ? (byte <= 'f' ? hex_letters : lower)
               : byte >= 'A' && byte <= 'Z' ? (byte <= 'F' ? hex_letters | beyond_ascii << 1U : upper)
               : byte < 0x80                ? others
                                            : beyond_ascii;
  }
  // Tenths of a bit for a character, and how many different ones there are to draw from.
  std::size_t tenths = 80, alphabet = 256;
  if (is_text && (kinds & beyond_ascii) == 0) {
    const bool hex_upper = (kinds & beyond_ascii << 1U) != 0;
    const bool all_hex = (kinds & (lower | upper | others)) == 0;
    alphabet = 0;
    if ((kinds & digits) != 0)
      alphabet += 10;
    if (all_hex)
      alphabet += (kinds & hex_letters) != 0 ? 6 : 0;
    else
      alphabet += ((kinds & (lower | hex_letters)) != 0 ? 26U : 0U) + ((kinds & upper) != 0 || hex_upper ? 26U : 0U) +
                  ((kinds & others) != 0 ? 33U : 0U);
    // log2, rounded up to the tables' few values
    tenths = alphabet <= 10   ? 34
             : alphabet <= 16 ? 40
             : alphabet <= 26 ? 48
             : alphabet <= 36 ? 52
             : alphabet <= 62 ? 60
                              : 66;
  }
  std::size_t different = 0;
  for (const std::uint64_t some : seen)
    different += static_cast<std::size_t>(std::popcount(some));
  return {key.size() * tenths / 10,
          key.size() >= 4 && (different * 2 <= std::min(key.size(), alphabet) || steady * 4 >= (key.size() - 2) * 3)};
}

} // namespace ntpkeygen
