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

// What sscanf(3) of glibc takes for a number, at the beginning of a text.
struct ScannedNumber {
  std::uint32_t value = 0; // the lower 32 bits, all that %u and %d store
  std::size_t end = 0;     // where the text goes on
};

namespace detail {

struct Magnitude {
  std::uint64_t value = 0;
  std::size_t end = 0;
  bool negative = false, overflow = false;
};

// Blanks, a sign, digits; none without any digit.
[[nodiscard]] constexpr std::optional<Magnitude> scan_magnitude(std::string_view text) noexcept {
  Magnitude found;
  std::size_t at = c_blanks.skip(text, 0);
  found.negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+'))
    ++at;
  const std::size_t begin = at;
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    const auto digit = static_cast<std::uint64_t>(text[at] - '0');
    found.overflow = found.overflow || found.value > most / 10 || (found.value == most / 10 && digit > most % 10);
    found.value = found.value * 10 + digit;
  }
  found.end = at;
  return at == begin ? std::nullopt : std::optional(found);
}

} // namespace detail

// %u, where long has 64 bits: a strtoul(3), so that too large a number is the largest, and a negative one wraps.
[[nodiscard]] constexpr std::optional<ScannedNumber> c_scanf_u(std::string_view text) noexcept {
  const auto found = detail::scan_magnitude(text);
  if (!found)
    return std::nullopt;
  const std::uint64_t value = found->overflow   ? std::numeric_limits<std::uint64_t>::max()
                              : found->negative ? 0 - found->value
                                                : found->value;
  return ScannedNumber{static_cast<std::uint32_t>(value), found->end};
}

// %d, likewise: a strtol(3), which stops at the limits of 64 bits.
[[nodiscard]] constexpr std::optional<ScannedNumber> c_scanf_d(std::string_view text) noexcept {
  const auto found = detail::scan_magnitude(text);
  if (!found)
    return std::nullopt;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const bool beyond = found->overflow || found->value > most;
  const std::uint64_t value = found->negative ? 0 - (beyond ? most + 1 : found->value) : beyond ? most : found->value;
  return ScannedNumber{static_cast<std::uint32_t>(value), found->end};
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

// The id that a person reads in a key line's first field. A byte order mark before it is not to be seen.
[[nodiscard]] constexpr std::optional<KeyId> id_as_written(std::string_view id_field) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (id_field.starts_with(byte_order_mark))
    id_field.remove_prefix(byte_order_mark.size());
  return plain_decimal(id_field);
}

} // namespace ntpkeygen
