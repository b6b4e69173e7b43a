// Text as Python 3 has it: UTF-8, lines that end in three ways, blanks of all of Unicode, numbers by int().
#pragma once

#include "ntpkeygen/sdk/key_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::ntpsec::python {

// Where the first byte stands that is not UTF-8; the text's size when all of it is.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

// How many bytes the character at `at` has, in text that is UTF-8.
[[nodiscard]] constexpr std::size_t character_size(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

// How many bytes the first `most` characters have.
[[nodiscard]] std::size_t size_of_characters(std::string_view text, std::size_t most) noexcept;

// Lines as open() in text mode gives them: they end in LF, CR LF or CR.
class Lines {
public:
  explicit Lines(std::string_view file) noexcept : file_(file) {}

  // The next one without its end; false at the end of the file.
  [[nodiscard]] bool next(Extent &line) noexcept;

private:
  std::string_view file_;
  std::size_t at_ = 0;
};

// The next field of str.split(), from `at` on, which comes to stand behind it; empty: there is none.
[[nodiscard]] std::string_view next_field(std::string_view line, std::size_t &at) noexcept;

// The value of the character at `at` as a digit of int(), in text that is UTF-8: 0 to 15, Unicode's decimal digits of
// all scripts included, or hex::no_digit.
[[nodiscard]] std::uint8_t digit_value(std::string_view text, std::size_t at) noexcept;

// int(text), of at most `most`: a sign and decimal digits, with an underscore between two of them. None: it is no
// number.
struct Integer {
  bool negative = false;
  std::uint64_t value = 0; // `most` + 1, where it is more
};
[[nodiscard]] std::optional<Integer> to_int(std::string_view text, std::uint64_t most) noexcept;

} // namespace ntpkeygen::plugins::ntpsec::python
