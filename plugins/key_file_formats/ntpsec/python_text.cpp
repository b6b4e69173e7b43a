#include "key_file_formats/ntpsec/python_text.hpp"

#include "ntpkeygen/sdk/eight_bytes.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <iterator>

namespace ntpkeygen::plugins::ntpsec::python {
namespace {

constexpr CharacterSet line_ends{"\r\n"};

// The well-formed byte sequences of Unicode's table 3-7: what may follow a lead byte first; all later bytes are 80 to
// bf.
struct Sequence {
  unsigned char first, last; // lead bytes
  unsigned char low, high;   // second byte
  std::size_t size;
};
constexpr Sequence sequences[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

constexpr unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

// Bytes of the character at `at`, which is not ASCII; 0: it is not well formed.
std::size_t checked_size(std::string_view text, std::size_t at) noexcept {
  const auto *const found = std::ranges::find_if(sequences, [lead = byte_at(text, at)](const Sequence &sequence) {
    return lead >= sequence.first && lead <= sequence.last;
  });
  if (found == std::ranges::end(sequences) || text.size() - at < found->size)
    return 0;
  if (byte_at(text, at + 1) < found->low || byte_at(text, at + 1) > found->high)
    return 0;
  for (std::size_t i = 2; i < found->size; ++i)
    if ((byte_at(text, at + i) & 0xc0U) != 0x80)
      return 0;
  return found->size;
}

// Bytes of the character at `at`, if str.isspace() is true of it; else 0.
std::size_t blank_size(std::string_view text, std::size_t at) noexcept {
  const unsigned char c = byte_at(text, at);
  if (c < 0x80)
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f) ? 1 : 0;
  const std::string_view rest = text.substr(at);
  for (const std::string_view one : {"\u0085", "\u00a0", "\u1680", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"})
    if (rest.starts_with(one))
      return one.size();
  const bool en_quad_to_hair_space = rest.starts_with("\xe2\x80") && byte_at(rest, 2) <= 0x8a;
  return en_quad_to_hair_space ? 3 : 0;
}

// The zeros of Unicode 14's decimal digits (category Nd) beyond ASCII; nine more digits follow each of them.
constexpr char32_t zeros[] = {0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,
                              0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,
                              0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,
                              0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0,
                              0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
                              0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
                              0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};
static_assert(std::is_sorted(std::begin(zeros), std::end(zeros)));

constexpr char32_t code_point(std::string_view text, std::size_t at) noexcept {
  const std::size_t size = character_size(text, at);
  char32_t code = byte_at(text, at) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i)
    code = code << 6U | (byte_at(text, at + i) & 0x3fU);
  return code;
}

} // namespace

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (at + 8 <= text.size() && (load_eight(text.data() + at) & top_bits) == 0) {
      at += 8;
    } else if (byte_at(text, at) < 0x80) {
      ++at;
    } else {
      const std::size_t size = checked_size(text, at);
      if (size == 0)
        return at;
      at += size;
    }
  }
  return text.size();
}

std::size_t size_of_characters(std::string_view text, std::size_t most) noexcept {
  std::size_t at = 0;
  for (; most != 0 && at < text.size(); --most)
    at += character_size(text, at);
  return at;
}

bool Lines::next(Extent &line) noexcept {
  if (at_ >= file_.size())
    return false;
  const std::size_t end = line_ends.find(file_, at_);
  line = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end - at_)};
  at_ = end + (file_.substr(end, 2) == "\r\n" ? 2 : 1);
  return true;
}

std::string_view next_field(std::string_view line, std::size_t &at) noexcept {
  while (at < line.size()) {
    const std::size_t blank = blank_size(line, at);
    if (blank == 0)
      break;
    at += blank;
  }
  const std::size_t begin = at;
  while (at < line.size() && blank_size(line, at) == 0)
    at += character_size(line, at);
  return line.substr(begin, at - begin);
}

std::uint8_t digit_value(std::string_view text, std::size_t at) noexcept {
  if (byte_at(text, at) < 0x80)
    return hex::value(text[at]);
  const char32_t code = code_point(text, at);
  const auto *const above = std::ranges::upper_bound(zeros, code);
  return above != std::begin(zeros) && code - above[-1] <= 9 ? static_cast<std::uint8_t>(code - above[-1])
                                                             : hex::no_digit;
}

std::optional<Integer> to_int(std::string_view text, std::uint64_t most) noexcept {
  constexpr std::size_t most_digits = 4300; // sys.get_int_max_str_digits()
  Integer number;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    at = 1;
  }
  std::size_t digits = 0;
  bool after_digit = false;
  for (; at < text.size(); at += character_size(text, at)) {
    if (text[at] == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    const std::uint8_t digit = digit_value(text, at);
    if (digit > 9 || ++digits > most_digits)
      return std::nullopt;
    number.value = std::min(number.value * 10 + digit, most + 1);
    after_digit = true;
  }
  return after_digit ? std::optional(number) : std::nullopt;
}

} // namespace ntpkeygen::plugins::ntpsec::python
