// What formats share when they write a file: the lines' order, line ends, and a key's id and text.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/key_file.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace ntpkeygen {

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

} // namespace ntpkeygen
