// One line of a keys file, taken apart as both ntpds do it: NTPsec's descends from NTP Classic's, and what they still
// have in common is in this folder. Each of their plugins compiles it in, so that they stay independent of each other.
#pragma once

#include "key_file_formats/ntpd/mac_function.hpp"

#include "ntpkeygen/sdk/text_lines.hpp"

#include <cstdint>
#include <string_view>

namespace ntpkeygen::plugins::ntpd {

inline constexpr std::uint32_t longest_line = 511; // without fgets's final NUL
inline constexpr std::size_t longest_ascii = 20;   // characters; more are hex digits
inline constexpr std::size_t longest_key = 32;     // bytes

// What is wrong with a line.
enum class Fault : std::uint8_t {
  none,
  empty, // nothing before the line's end or its comment
  unknown_type,
  bad_key_id,
  carriage_return, // where an id or a hex digit is expected, and nothing else would be wrong
  key_id_out_of_range,
  missing_type,
  missing_key,
  invalid_hex,
  invalid_address // for NTP Classic only
};

// What the ntpds read differently.
struct Dialect {
  std::string_view program; // as messages call it
  std::string_view padding; // what it fills a cipher's key up with that is too short
  // Null: no such type.
  const MacFunction *(*find_mac_function)(std::string_view type_field) noexcept;
  // One sentence.
  std::string_view (*reason_of)(Fault fault) noexcept;
  // Whether the field behind the key is what it should be. Null: nobody looks there, nor behind an unknown type.
  bool (*is_address_list)(std::string_view field) noexcept;
};

struct KeyLine {
  Fault fault = Fault::none;
  KeyId id = 0;
  std::string_view id_field{}, type_field{}, key_field{}; // views into the line; empty: not reached
  const MacFunction *function = nullptr;
  std::size_t digits = 0; // hex digits that count; 0: the key is ASCII

  // Bytes that the text has, before a cipher's length cuts or pads them.
  [[nodiscard]] std::size_t key_size() const noexcept { return digits != 0 ? digits / 2 : key_field.size(); }
};

// Takes the lines of one file apart. Remembers the last type: files have few of them.
class LineSplitter {
public:
  explicit LineSplitter(const Dialect &dialect) noexcept : dialect_(dialect) {}

  // `line` ends before its line feed and before its first NUL; it outlives the splitter.
  [[nodiscard]] KeyLine split(std::string_view line) noexcept;

protected:
  // The fields before the key; `at` comes to stand where the key begins.
  [[nodiscard]] Fault take_head(std::string_view line, KeyLine &found, std::size_t &at) noexcept;

  const Dialect &dialect_;

private:
  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
};

// The same, and decodes hex digits.
class KeyLineReader : private LineSplitter {
public:
  KeyLineReader(const Dialect &dialect, SecretMemory &memory) : LineSplitter(dialect), decoded_(memory, longest_key) {}

  [[nodiscard]] KeyLine read(std::string_view line) noexcept;

  // Where the key of the line that was read last is hex: its bytes, up to the first character that is no digit, whose
  // byte has the digit before it.
  [[nodiscard]] std::span<const std::byte> decoded() const noexcept {
    return decoded_.reveal().first((digits_taken_ + 1) / 2);
  }
  // The key's bytes, as far as the text has them, if the line had no fault.
  [[nodiscard]] std::span<const std::byte> key(const KeyLine &line) const noexcept {
    return line.digits != 0 ? decoded_.reveal().first(line.digits / 2) : std::as_bytes(std::span(line.key_field));
  }

private:
  SecretBytes decoded_;
  std::size_t digits_taken_ = 0;
};

// The stable name of a fault.
[[nodiscard]] std::string_view rule_of(Fault fault) noexcept;

} // namespace ntpkeygen::plugins::ntpd
