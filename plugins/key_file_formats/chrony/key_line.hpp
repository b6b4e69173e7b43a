// One line of a key file, taken apart as chronyd does it.
#pragma once

#include "key_file_formats/chrony/types.hpp"

#include "ntpkeygen/sdk/text_lines.hpp"

#include <cstdint>
#include <string_view>

namespace ntpkeygen::plugins::chrony {

inline constexpr std::uint32_t longest_line = 2047; // without fgets's final NUL
inline constexpr std::string_view hex_prefix = "HEX:", ascii_prefix = "ASCII:";

// What is wrong with a line, in the order in which chronyd finds it. It skips the line for each of them.
enum class Fault : std::uint8_t {
  none,
  empty, // nothing, or a comment
  missing_key,
  trailing_text,
  bad_key_id,
  empty_key,
  odd_hex_digits,
  invalid_hex,
  unknown_type,
  unusable_type,
  wrong_key_length
};

struct KeyLine {
  Fault fault = Fault::none;
  bool comment = false; // why it is empty
  KeyId id = 0;
  std::string_view id_field{}, type_field{}, key_field{}; // views into the line; empty: not there
  std::string_view text{};                                // the key field without its prefix
  Encoding encoding{};
  bool signs = false;       // among its hex digits
  std::size_t key_size = 0; // bytes
  const MacFunction *function = nullptr;
};

// Takes the lines of one file apart. Remembers the last type: files have few of them.
class LineSplitter {
public:
  // `line` ends before its line feed and before its first NUL; it outlives the splitter.
  [[nodiscard]] KeyLine split(std::string_view line) noexcept { return take_apart(line, {}); }

protected:
  // Decodes hex digits into `decoded`, unless it is empty.
  [[nodiscard]] KeyLine take_apart(std::string_view line, std::span<std::byte> decoded) noexcept;

private:
  [[nodiscard]] const MacFunction *function_of(std::string_view type_field) noexcept;

  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
};

// The same, and keeps the bytes of a hex key.
class KeyLineReader : private LineSplitter {
public:
  explicit KeyLineReader(SecretMemory &memory) : decoded_(memory, longest_line / 2) {}

  [[nodiscard]] KeyLine read(std::string_view line) noexcept { return take_apart(line, decoded_.reveal_mutable()); }

  // The bytes of the line that was read last, if it had no fault.
  [[nodiscard]] std::span<const std::byte> key(const KeyLine &line) const noexcept {
    return line.encoding == Encoding::hex ? decoded_.reveal().first(line.key_size)
                                          : std::as_bytes(std::span(line.text));
  }

private:
  SecretBytes decoded_;
};

[[nodiscard]] LineFault words_of(Fault fault) noexcept;

} // namespace ntpkeygen::plugins::chrony
