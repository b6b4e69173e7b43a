#include "cli/foreign_text.hpp"

#include "ntpkeygen/sdk/eight_bytes.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace ntpkeygen::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t size = 0; // in bytes; 0: the text does not begin with a character
};

// RFC 3629: neither longer than needed, nor a surrogate, nor beyond U+10FFFF.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80)
    return {lead, 1};
  const auto size = static_cast<std::size_t>(std::countl_one(lead));
  if (size < 2 || size > 4 || size > text.size())
    return {};
  char32_t code = lead & (0x7fU >> size);
  for (const char character : text.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(character);
    if ((byte & 0xc0U) != 0x80)
      return {};
    code = code << 6U | (byte & 0x3fU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return {};
  return {code, size};
}

bool is_harmless(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool line_or_direction = (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !control && !line_or_direction;
}

void append_escaped(std::string &out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '\n')
      out += "\\n";
    else if (character == '\r')
      out += "\\r";
    else if (character == '\t')
      out += "\\t";
    else
      out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
}

} // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character first = first_character(text);
    const std::size_t size = first.size == 0 ? 1 : first.size;
    if (first.size != 0 && is_harmless(first.code))
      out.append(text.substr(0, size));
    else
      append_escaped(out, text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

bool may_need_escapes(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const std::uint64_t word = load_eight(text.data() + at);
    const std::uint64_t below_blank = (word - ' ' * each_of_eight) & ~word,
                        del_or_above = (word + each_of_eight) | word;
    if (((below_blank | del_or_above) & top_bits) != 0)
      return true;
  }
  return std::ranges::any_of(text.substr(at), [](char c) { return c < ' ' || c > '~'; });
}

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = first_character(text).size;
    out.append(size == 0 ? "\xef\xbf\xbd" : text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

} // namespace ntpkeygen::cli
