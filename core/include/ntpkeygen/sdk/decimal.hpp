// Decimal numbers as the C library reads them, for the key ids of programs that use it.
#pragma once

#include "ntpkeygen/sdk/text_lines.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace ntpkeygen {

// strtol(3), base 10, where long has 64 bits: blanks, a sign, then digits as far as they go; 0 without any, and the
// nearest limit where the value does not fit.
[[nodiscard]] constexpr std::int64_t c_strtol(std::string_view text) noexcept {
  std::size_t at = 0;
  bool negative = false;
  if (!text.empty() && text.front() <= '-') { // most numbers begin with a digit
    at = c_blanks.skip(text, 0);
    negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
      ++at;
  }
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    const auto digit = static_cast<std::uint64_t>(text[at] - '0');
    if (value > most / 10 || (value == most / 10 && digit > most % 10))
      return negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    value = value * 10 + digit;
  }
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

// atoi(3) as glibc has it: the lower 32 bits of strtol.
[[nodiscard]] constexpr std::int32_t c_atoi(std::string_view text) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(c_strtol(text))));
}

// What a person reads: digits and nothing else, in 32 bits.
[[nodiscard]] constexpr std::optional<std::uint32_t> plain_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > std::numeric_limits<std::uint32_t>::max())
      return std::nullopt;
  }
  if (text.empty())
    return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

} // namespace ntpkeygen
