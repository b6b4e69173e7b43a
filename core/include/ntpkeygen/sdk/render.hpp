// What formats share when they write a file: its header, the words for key types, the lines' order and ends, and a
// key's id and text.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace ntpkeygen {

// Comments, a line for each text. `longest` is the most that the program takes for one line, line feed included: it
// would read the rest of a longer comment as a line of its own.
[[nodiscard]] inline Result<std::string> comment_lines(std::initializer_list<std::string_view> texts,
                                                       std::string_view sign = "#",
                                                       std::size_t longest = std::numeric_limits<std::size_t>::max()) {
  std::string lines;
  for (const std::string_view text : texts) {
    if (sign.size() + sizeof(" \n") - 1 + text.size() > longest || text.find('\n') != std::string_view::npos)
      return failure(ErrorCode::invalid_argument, "the file's name does not fit into a comment line");
    lines.append(sign).append(" ").append(text).append("\n");
  }
  return lines;
}

// What a key type is called in a format's files, at one length.
struct TypeWord {
  std::string_view key_type; // canonical name
  std::uint16_t bits;        // 0: any
  std::string_view text;
};

template <class Word> struct FoundWord {
  const Word *word = nullptr; // null: there is none
  bool other_length = false;  // because the table has the type at other lengths only
};
// In a table of TypeWords, or of what else has their `key_type` and `bits`.
template <class Words> [[nodiscard]] FoundWord<typename Words::value_type>
find_word(const Words &words, std::string_view key_type, std::uint16_t bits) noexcept {
  FoundWord<typename Words::value_type> found;
  for (const auto &word : words) {
    if (word.key_type != key_type)
      continue;
    if (word.bits == 0 || word.bits == bits)
      return {&word, false};
    found.other_length = true;
  }
  return found;
}

// For messages: "AES keys of 136 bits".
[[nodiscard]] inline std::string keys_of_bits(std::string_view key_type, std::uint16_t bits) {
  return std::string(key_type) + " keys of " + std::to_string(bits) + " bits";
}

// The whole file: lines that have text as it is, the others by `write_key(SecretWriter &, const Key &) ->
// Result<void>`, which ends its line itself. A last line without line feed gets one when a new line follows. `frame` is
// the most that a new line has beside its key's text; it sizes the memory, so that it need not grow.
template <class WriteKey> [[nodiscard]] Result<SecretText> render_lines(const KeyFile &file, SecretMemory &memory,
                                                                        std::size_t frame, WriteKey &&write_key) {
  std::size_t size = file.text.size() + 1;
  for (const Line &line : file.lines)
    if (!line.written())
      size += frame + (line.key.encoding == Encoding::hex ? 2U : 1U) * std::size_t{line.key.bytes.size};
  SecretWriter out(memory, size);
  for (const Line &line : file.lines) {
    if (line.written()) {
      out.append(slice(file.text.reveal(), line.raw));
      continue;
    }
    if (out.size() != 0 && out.reveal().back() != std::byte{'\n'})
      out.append('\n');
    if (Result<void> written = write_key(out, line.key); !written)
      return failure(std::move(written.error()));
  }
  return out.take();
}

// The same, where a word for the key's type stands in its line: `word_for(type, bits, encoding) -> Result<Word>` finds
// it, and is asked again only for a key that is unlike the one before; `write_key(SecretWriter &, const Key &, const
// Word &, bytes) -> Result<void>` writes the line. Ids that the format does not have are refused.
template <class WordFor, class WriteKey>
[[nodiscard]] Result<SecretText> render_keys(const FormatInfo &format, const KeyFile &file, SecretMemory &memory,
                                             std::size_t frame, WordFor &&word_for, WriteKey &&write_key) {
  typename decltype(word_for(std::string_view(), std::uint16_t{}, Encoding{}))::value_type word{};
  const Key *last = nullptr; // the key that `word` was looked up for
  return render_lines(file, memory, frame, [&](SecretWriter &out, const Key &key) -> Result<void> {
    if (key.id < format.first_id || key.id > format.last_id)
      return failure(ErrorCode::invalid_argument,
                     "the " + format.name + " format has no key id " + std::to_string(key.id),
                     "key ids are " + std::to_string(format.first_id) + " to " + std::to_string(format.last_id));
    if (last == nullptr || last->type != key.type || last->bits != key.bits || last->encoding != key.encoding) {
      auto found = word_for(file.types.at(key.type), key.bits, key.encoding);
      if (!found)
        return failure(std::move(found.error()));
      word = *found;
      last = &key;
    }
    return write_key(out, key, word, slice(file.key_bytes.reveal(), key.bytes));
  });
}

// As printf's %*u.
inline void append_key_id(SecretWriter &out, KeyId id, std::size_t width) {
  std::array<char, 10> digits{};
  const char *const end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  for (std::size_t column = size; column < width; ++column)
    out.append(' ');
  out.append(std::string_view(digits.data(), size));
}

inline void append_hex(SecretWriter &out, std::span<const std::byte> bytes,
                       const hex::DigitPairs &digits = hex::lower) {
  hex::encode(bytes, out.extend(2 * bytes.size()).data(), digits);
}

// As hex digits, or as they are.
inline void append_key(SecretWriter &out, Encoding encoding, std::span<const std::byte> bytes) {
  if (encoding == Encoding::hex)
    append_hex(out, bytes);
  else
    out.append(bytes);
}

} // namespace ntpkeygen
