// One line of a keys file, taken apart as NTPsec's ntpd does it.
#pragma once

#include "key_file_formats/ntpsec/types.hpp"

#include "ntpkeygen/sdk/text_lines.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ntpkeygen::plugins::ntpsec {

inline constexpr std::uint32_t longest_line = 511; // without fgets's final NUL
inline constexpr std::size_t longest_ascii = 20;   // characters; more are hex digits
inline constexpr std::size_t longest_key = 32;     // bytes

// What is wrong with a line, in the order in which ntpd finds it.
enum class Fault : std::uint8_t {
  none,
  empty, // nothing before the line's end or its comment
  bad_key_id,
  carriage_return, // where an id or a hex digit is expected, and nothing else would be wrong
  key_id_out_of_range,
  missing_type,
  unknown_type,
  missing_key,
  invalid_hex
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
  // `line` ends before its line feed and before its first NUL; it outlives the splitter.
  [[nodiscard]] KeyLine split(std::string_view line) noexcept;

protected:
  // The fields before the key; `at` comes to stand where the key begins.
  [[nodiscard]] Fault take_head(std::string_view line, KeyLine &found, std::size_t &at) noexcept;

private:
  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
};

// The same, and decodes hex digits.
class KeyLineReader : private LineSplitter {
public:
  explicit KeyLineReader(SecretMemory &memory) : trial_(memory, longest_key), decoded_(memory, longest_key) {}

  [[nodiscard]] KeyLine read(std::string_view line) noexcept;

  // The digits of the last hex key, decoded, and behind them what the keys before it left, as far as any has written.
  // ntpd keeps them too, and pads short keys for CMAC from them.
  [[nodiscard]] std::span<const std::byte> decoded() const noexcept { return decoded_.reveal().first(written_); }

private:
  SecretBytes trial_; // the digits that a key begins with, be it hex or not
  SecretBytes decoded_;
  std::size_t written_ = 0;
};

// The stable name of a fault, and one sentence on it.
[[nodiscard]] std::string_view rule_of(Fault fault) noexcept;
[[nodiscard]] std::string_view reason_of(Fault fault) noexcept;

// The id that a person would read in the line.
[[nodiscard]] std::optional<KeyId> id_as_written(std::string_view id_field) noexcept;

} // namespace ntpkeygen::plugins::ntpsec
