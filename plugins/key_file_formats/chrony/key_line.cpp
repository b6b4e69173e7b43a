#include "key_file_formats/chrony/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

namespace ntpkeygen::plugins::chrony {
namespace {

constexpr CharacterSet comment_signs{"!;#%"};

// From `at` on, which comes to stand behind it. No blank is between `at` and `known`.
std::string_view take_word(std::string_view line, std::size_t &at, std::size_t known) noexcept {
  const std::size_t begin = at;
  at = c_blanks.find(line, known);
  return line.substr(begin, at - begin);
}

// chronyd hands two characters at a time to strtol: besides two digits, a sign and a digit make a byte.
std::optional<std::byte> byte_of(char first, char second) noexcept {
  const std::uint8_t value = hex::value(second);
  if (value == hex::no_digit)
    return std::nullopt;
  if (first == '+')
    return std::byte{value};
  if (first == '-')
    return static_cast<std::byte>(0 - value);
  const std::uint8_t upper = hex::value(first);
  return upper == hex::no_digit ? std::nullopt : std::optional(static_cast<std::byte>(upper << 4U | value));
}

// The key field is taken. The first `done` characters behind the prefix are known to be digits, and are decoded.
Fault take_key(KeyLine &found, std::size_t done, std::span<std::byte> decoded) noexcept {
  found.text = found.key_field;
  if (!found.text.starts_with(hex_prefix)) {
    if (found.text.starts_with(ascii_prefix))
      found.text.remove_prefix(ascii_prefix.size());
    found.key_size = found.text.size();
    return found.text.empty() ? Fault::empty_key : Fault::none;
  }
  found.encoding = Encoding::hex;
  found.text.remove_prefix(hex_prefix.size());
  found.key_size = found.text.size() / 2;
  if (found.text.empty())
    return Fault::empty_key;
  for (std::size_t at = done / 2 * 2; at + 1 < found.text.size(); at += 2) {
    const auto byte = byte_of(found.text[at], found.text[at + 1]);
    if (!byte)
      return Fault::invalid_hex;
    found.signs = found.signs || hex::value(found.text[at]) == hex::no_digit;
    if (!decoded.empty())
      decoded[at / 2] = *byte;
  }
  return found.text.size() % 2 == 0 ? Fault::none : Fault::odd_hex_digits;
}

} // namespace

const MacFunction *LineSplitter::function_of(std::string_view type_field) noexcept {
  if (type_field.empty())
    return &default_function();
  if (type_field != last_type_) {
    last_function_ = find_mac_function(type_field);
    last_type_ = type_field;
  }
  return last_function_;
}

KeyLine LineSplitter::take_apart(std::string_view line, std::span<std::byte> decoded) noexcept {
  KeyLine found;
  const auto faulty = [&](Fault fault) {
    found.fault = fault;
    return found;
  };
  std::size_t at = c_blanks.skip(line, 0);
  found.comment = at < line.size() && comment_signs.contains(line[at]);
  if (at == line.size() || found.comment)
    return faulty(Fault::empty);
  found.id_field = take_word(line, at, at);
  at = c_blanks.skip(line, at);
  if (at == line.size())
    return faulty(Fault::missing_key);
  found.key_field = take_word(line, at, at);
  at = c_blanks.skip(line, at);
  std::size_t digits = 0;
  if (at < line.size()) {
    found.type_field = found.key_field;
    std::size_t known = at;
    if (line.substr(at, hex_prefix.size()) == hex_prefix) {
      // Most keys are hex digits: decoding them finds their end, too.
      known += hex_prefix.size();
      digits = hex::decode(line.substr(known), decoded);
      known += digits;
    }
    found.key_field = take_word(line, at, known);
    at = c_blanks.skip(line, at);
  }
  if (at < line.size())
    return faulty(Fault::trailing_text);
  const auto id = c_scanf_u(found.id_field);
  if (!id)
    return faulty(Fault::bad_key_id);
  found.id = id->value;
  if (const Fault fault = take_key(found, digits, decoded); fault != Fault::none)
    return faulty(fault);
  found.function = function_of(found.type_field);
  if (found.function == nullptr)
    return faulty(Fault::unknown_type);
  if (!found.function->usable)
    return faulty(Fault::unusable_type);
  if (found.function->key_bytes != 0 && found.key_size != found.function->key_bytes)
    return faulty(Fault::wrong_key_length);
  return found;
}

LineFault words_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::missing_key:
    return {"missing-key", "the line has one word, and chrony needs an id and a key, so it skips the line"};
  case Fault::trailing_text:
    return {"trailing-text", "the line goes on behind the key, with a comment or another field, so chrony skips it"};
  case Fault::bad_key_id:
    return {"bad-key-id", "the line does not begin with a key id, so chrony skips it"};
  case Fault::empty_key:
    return {"empty-key", "nothing stands behind the key's prefix, so chrony skips the line"};
  case Fault::odd_hex_digits:
    return {"odd-hex-digits", "the key has an odd number of hex digits, so chrony skips the line"};
  case Fault::invalid_hex:
    return {"invalid-hex", "a character behind HEX: is no hex digit, so chrony skips the line"};
  case Fault::unknown_type:
    return {"unknown-type", "chrony has no key type of exactly this name, so it skips the line"};
  case Fault::unusable_type:
    return {"unusable-type",
            "chrony has this type only with another crypto library than Debian's, so it skips the line"};
  case Fault::wrong_key_length:
    return {"wrong-key-length", "the key does not have the cipher's length, so chrony skips the line"};
  }
  return {};
}

} // namespace ntpkeygen::plugins::chrony
