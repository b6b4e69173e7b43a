#include "key_file_formats/busybox/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <cstring>

namespace ntpkeygen::plugins::busybox {
namespace {

constexpr CharacterSet blanks{" \t"};
constexpr CharacterSet field_ends{" \t#"};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

const MacFunction *function_of(std::string_view word) noexcept {
  if (lower(word[0]) == 'm')
    return &md5;
  return word.size() >= 3 && lower(word[0]) == 's' && lower(word[1]) == 'h' && lower(word[2]) == 'a' ? &sha1 : nullptr;
}

// Digits in pairs; a colon may stand behind each pair, and a single digit before a colon or at the end is a byte, too.
// Returns how many bytes there are, at most `most`; none for anything else in the text.
std::optional<std::size_t> decode(std::string_view text, std::size_t most, std::span<std::byte> out) noexcept {
  std::size_t count = hex::decode(text, out) / 2; // mostly there are no colons
  std::size_t at = 2 * count;
  if (at < text.size() && text[at] == ':' && count != 0)
    ++at;
  while (at < text.size() && count < most) {
    const unsigned first = hex::value(text[at++]);
    if (first == hex::no_digit)
      return std::nullopt;
    unsigned value = first;
    if (at < text.size() && text[at] != ':') {
      const unsigned second = hex::value(text[at]);
      if (second == hex::no_digit)
        return std::nullopt;
      value = first << 4U | second;
    }
    if (!out.empty())
      out[count] = static_cast<std::byte>(value);
    ++count;
    ++at; // the second digit, or the colon in its place
    if (at < text.size() && text[at] == ':')
      ++at;
  }
  return count;
}

Fault take_id(KeyLine &found) noexcept {
  if (!std::ranges::all_of(found.id_field, [](char c) { return c >= '0' && c <= '9'; }))
    return Fault::bad_key_id;
  const std::optional<std::uint32_t> id = plain_decimal(found.id_field);
  if (!id || *id < 1 || *id > last_id)
    return Fault::key_id_out_of_range;
  found.id = *id;
  return Fault::none;
}

Fault take_key(KeyLine &found, std::span<std::byte> decoded) noexcept {
  const std::string_view key = found.key_field;
  if (found.function->hex && key.back() == '\r')
    return Fault::carriage_return;
  if (key.size() > longest_key_field)
    return Fault::key_too_long;
  found.key_size = found.decoded = key.size();
  if (!found.function->hex)
    return Fault::none;
  if (key.size() % 2 != 0)
    return Fault::odd_hex_digits;
  found.key_size = key.size() / 2;
  const std::optional<std::size_t> bytes = decode(key, found.key_size, decoded);
  if (!bytes)
    return Fault::invalid_hex;
  found.decoded = *bytes;
  return Fault::none;
}

} // namespace

bool LogicalLines::next(LogicalLine &line) {
  LinePiece piece;
  if (!pieces_.next(piece))
    return false;
  line.extent = piece.extent;
  line.ended = piece.ended;
  line.continued = false;
  line.text = as_text(slice(file_, piece.content()));
  if (!line.text.ends_with('\\'))
    return true;

  if (joined_.empty())
    joined_ = SecretBytes(memory_, file_.size());
  const std::span<std::byte> joined = joined_.reveal_mutable();
  std::size_t size = 0;
  const auto append = [&](Extent text) {
    const std::span<const std::byte> bytes = slice(file_, text);
    if (!bytes.empty())
      std::memcpy(joined.data() + size, bytes.data(), bytes.size());
    size += bytes.size();
  };
  append(piece.content());
  while (size != 0 && joined[size - 1] == std::byte{'\\'}) {
    --size;
    if (!pieces_.next(piece))
      break;
    append(piece.content());
    line.extent.size += piece.extent.size;
    line.ended = piece.ended;
    line.continued = true;
  }
  line.text = as_text(joined.first(size));
  return true;
}

KeyLine KeyLineReader::take_apart(std::string_view line, std::span<std::byte> decoded) noexcept {
  KeyLine found;
  const auto faulty = [&](Fault fault) {
    found.fault = fault;
    return found;
  };
  std::size_t at = blanks.skip(line, 0);
  const auto next_field = [&]() -> std::string_view {
    const std::size_t begin = at;
    at = field_ends.find(line, begin);
    const std::string_view field = line.substr(begin, at - begin);
    at = blanks.skip(line, at);
    return field;
  };
  found.id_field = next_field();
  if (found.id_field.empty())
    return faulty(Fault::empty);
  found.type_field = next_field();
  if (found.type_field.empty())
    return faulty(found.id_field == "\r" ? Fault::carriage_return : Fault::missing_type);
  found.key_field = next_field();
  if (found.key_field.empty())
    return faulty(Fault::missing_key);
  if (at < line.size() && line[at] != '#')
    return faulty(Fault::trailing_text);
  found.function = function_of(found.type_field);
  if (found.function == nullptr)
    return faulty(Fault::unknown_type);
  if (const Fault fault = take_key(found, decoded); fault != Fault::none)
    return faulty(fault);
  return faulty(take_id(found));
}

LineFault words_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::trailing_text:
    return {"trailing-text", "a line has a fourth field, and there busybox ntpd stops reading without a word"};
  case Fault::carriage_return:
    return {"carriage-return", "the line ends in CR LF, and busybox ntpd takes the CR as text, so it exits"};
  case Fault::missing_type:
    return {"missing-type", "a line ends behind the key id, so busybox ntpd exits"};
  case Fault::missing_key:
    return {"missing-key", "a line has no key behind the type, so busybox ntpd exits"};
  case Fault::unknown_type:
    return {"unknown-type", "busybox ntpd has MD5 and SHA1 only, and exits for any other type"};
  case Fault::key_too_long:
    return {"key-too-long", "a key has more than 40 characters, so busybox ntpd exits"};
  case Fault::odd_hex_digits:
    return {"odd-hex-digits", "a SHA1 key has an odd number of hex digits, so busybox ntpd exits"};
  case Fault::invalid_hex:
    return {"invalid-hex", "a SHA1 key has a character that is no hex digit, so busybox ntpd exits"};
  case Fault::bad_key_id:
    return {"bad-key-id", "a key id is not written in digits alone, so busybox ntpd exits"};
  case Fault::key_id_out_of_range:
    return {"key-id-out-of-range", "busybox ntpd's key ids are 1 to 65535, and it exits for another one"};
  }
  return {};
}

} // namespace ntpkeygen::plugins::busybox
