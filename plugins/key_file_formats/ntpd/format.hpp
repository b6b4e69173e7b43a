// The keys file that both ntpds read: how it is written and parsed.
#pragma once

#include "key_file_formats/ntpd/key_line.hpp"

#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/render.hpp"

#include <memory>

namespace ntpkeygen::plugins::ntpd {

// What the two formats write differently, each as its own generator does.
struct Style {
  FormatInfo info;
  Recipe recipe;
  std::span<const TypeWord> words;
  std::string_view holds; // `words`, for a message
  // What is said of a type in `words` at a length that it does not have there; `keys` are "AES keys of 136 bits".
  tl::unexpected<Error> (*wrong_length)(const std::string &keys);
  std::string_view longest_frame;       // what stands beside a key in the longest line, line feed included
  std::string_view header_end;          // what stands behind the two comments
  bool word_in_comment;                 // "# MD5 key" behind each key
  char first_character, last_character; // of a generated ASCII key; none is a '#'
  unsigned (*recognise)(std::span<const std::byte> file) noexcept;
};

// `dialect` outlives the format.
[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format(const Dialect &dialect, Style &&style);

} // namespace ntpkeygen::plugins::ntpd
