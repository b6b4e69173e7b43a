// One line of a keys file, taken apart as busybox ntpd does it.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

namespace ntpkeygen::plugins::busybox {

inline constexpr std::size_t longest_key_field = 40; // characters
inline constexpr KeyId last_id = 65535;
inline constexpr std::uint32_t any_length = std::numeric_limits<std::uint32_t>::max(); // of a line

// A line as getline(3) has it, of any length, and with it those that it goes on in: one that ends in a backslash does.
struct LogicalLine {
  Extent extent{}; // of all of it
  bool ended = false;
  bool continued = false;  // it is more than one line of the file
  std::string_view text{}; // without line feeds and the backslashes before them; valid until the next line is taken

  [[nodiscard]] Extent content() const noexcept { return {extent.offset, extent.size - (ended ? 1U : 0U)}; }
};

class LogicalLines {
public:
  LogicalLines(std::span<const std::byte> file, SecretMemory &memory) noexcept
      : file_(file), memory_(memory), pieces_(file, any_length) {}

  // False at the end of the file.
  [[nodiscard]] bool next(LogicalLine &line);

private:
  std::span<const std::byte> file_;
  SecretMemory &memory_;
  BufferedLines pieces_;
  SecretBytes joined_{}; // memory for it is taken when a line goes on
};

// What is wrong with a line, in the order in which busybox finds it. It exits for each of them but the first three.
enum class Fault : std::uint8_t {
  none,
  empty,           // nothing, or a comment
  trailing_text,   // a fourth field, at which busybox stops reading
  carriage_return, // behind a hex key, or alone
  missing_type,
  missing_key,
  unknown_type,
  key_too_long,
  odd_hex_digits,
  invalid_hex,
  bad_key_id,
  key_id_out_of_range
};
[[nodiscard]] constexpr bool ends_program(Fault fault) noexcept {
  return fault > Fault::trailing_text;
}

struct MacFunction {
  std::string_view key_type; // canonical name, and the word in the file
  std::string_view algorithm;
  std::uint8_t tag_bytes;
  bool hex;             // how keys are written, all of them
  std::uint8_t longest; // key, in bytes

  [[nodiscard]] MacSpec spec() const { return {MacSpec::Kind::keyed_digest, std::string(algorithm), tag_bytes}; }
};
inline constexpr MacFunction md5{"MD5", "md5", 16, false, longest_key_field};
inline constexpr MacFunction sha1{"SHA1", "sha1", 20, true, longest_key_field / 2};

struct KeyLine {
  Fault fault = Fault::none;
  KeyId id = 0;
  std::string_view id_field{}, type_field{}, key_field{}; // views into the line; empty: not there
  const MacFunction *function = nullptr;
  std::size_t key_size = 0; // bytes
  std::size_t decoded = 0;  // of these, bytes that the text has; the others are what happens to be in memory
};

class KeyLineReader {
public:
  explicit KeyLineReader(SecretMemory &memory) : decoded_(memory, sha1.longest) {}

  // `line` ends before its first NUL.
  [[nodiscard]] KeyLine read(std::string_view line) noexcept { return take_apart(line, decoded_.reveal_mutable()); }
  // Without the bytes.
  [[nodiscard]] static KeyLine split(std::string_view line) noexcept { return take_apart(line, {}); }

  // The bytes of the line that was read last, if it had no fault.
  [[nodiscard]] std::span<const std::byte> key(const KeyLine &line) const noexcept {
    return line.function->hex ? decoded_.reveal().first(line.decoded) : std::as_bytes(std::span(line.key_field));
  }

private:
  [[nodiscard]] static KeyLine take_apart(std::string_view line, std::span<std::byte> decoded) noexcept;

  SecretBytes decoded_;
};

[[nodiscard]] LineFault words_of(Fault fault) noexcept;

} // namespace ntpkeygen::plugins::busybox
