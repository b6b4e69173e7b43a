#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_file_formats/ntpsec/python_text.hpp"
#include "key_file_formats/ntpsec/types.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::ntpsec {
namespace {

constexpr std::size_t longest_ascii = 20;     // characters; more are hex digits
constexpr std::size_t longest_key = 32;       // bytes
constexpr std::uint64_t last_id = 0xffffffff; // what fits into a packet

// Why a line defines no key. ntpdig fails as a whole for each of the first ones; the others matter only when it is
// asked for that key.
enum class DigFault : std::uint8_t {
  none,
  not_utf8,
  missing_type,
  missing_key,
  trailing_text,
  invalid_hex,
  bad_key_id,
  key_id_out_of_range,
  unknown_type,
  unusable_type,
  beyond_latin1
};

LineFault words_of(DigFault fault) {
  switch (fault) {
  case DigFault::none:
    break;
  case DigFault::not_utf8:
    return {"not-utf-8", "a line is not UTF-8, so ntpdig fails"};
  case DigFault::missing_type:
    return {"missing-type", "a line has one field instead of three, so ntpdig fails"};
  case DigFault::missing_key:
    return {"missing-key", "a line has two fields instead of three, so ntpdig fails"};
  case DigFault::trailing_text:
    return {"trailing-text", "a line has more than three fields, so ntpdig fails"};
  case DigFault::invalid_hex:
    return {"invalid-hex", "a key of more than 20 characters is read as hex, and this one has others, so ntpdig fails"};
  case DigFault::bad_key_id:
    return {"bad-key-id", "a line does not begin with a number and nothing but a number, so ntpdig fails"};
  case DigFault::key_id_out_of_range:
    return {"key-id-out-of-range", "no packet can carry this key id, or it is 0, which ntpdig takes for no key"};
  case DigFault::unknown_type:
    return {"unknown-type", "ntpdig has no such key type, and fails when it is asked for this key"};
  case DigFault::unusable_type:
    return {"unusable-type", "ntpdig's libcrypto computes no MAC with this type, so it asks without one"};
  case DigFault::beyond_latin1:
    return {"beyond-latin-1", "the key has characters beyond Latin-1, over which ntpdig fails when it is asked for it"};
  }
  return {};
}

// The characters at `first` and `second`, as int(pair, 16) takes them; none where that, or the character of such a
// code, is an error.
std::optional<std::byte> byte_of(std::string_view digits, std::size_t first, std::size_t second) noexcept {
  const std::uint8_t high = python::digit_value(digits, first), low = python::digit_value(digits, second);
  if (low == hex::no_digit)
    return std::nullopt;
  if (digits[first] == '+' || (digits[first] == '-' && low == 0))
    return std::byte{low};
  return high == hex::no_digit ? std::nullopt : std::optional(static_cast<std::byte>(high << 4U | low));
}

// The file's lines in their order, and what each of them does to ntpdig's table of keys.
class Digging {
public:
  Digging(std::span<const std::byte> file, SecretMemory &memory)
      : file_(as_text(file)), bytes_(memory, longest_key), loaded_(file.size(), shortest_key_line, memory) {}

  Interpretation run() {
    const std::size_t valid = python::find_invalid_utf8(file_);
    python::Lines lines(file_);
    for (Extent line; lines.next(line);)
      take(line, valid >= line.offset && valid - line.offset < line.size);
    if (loaded_.result().decided_by) {
      for (const Reading &reading : loaded_.result().readings)
        loaded_.refuse(reading, "program-exits", "another line makes ntpdig fail");
      return loaded_.take_none(FileOutcome::exits);
    }
    loaded_.last_of_each_id_wins("a later line has the same key id, and ntpdig uses the last one");
    return loaded_.take();
  }

private:
  void take(Extent origin, bool invalid) {
    std::string_view line = file_.substr(origin.offset, origin.size);
    line = line.substr(0, line.find('#'));
    if (loaded_.result().decided_by || invalid)
      line = line.substr(0, python::find_invalid_utf8(line)); // only to tell which lines are not read
    std::size_t at = 0;
    const std::string_view id = python::next_field(line, at);
    if (id.empty() && !invalid)
      return;
    if (loaded_.result().decided_by)
      return loaded_.refuse(id_as_written(id), origin, "not-read", "an earlier line makes ntpdig fail");
    if (invalid)
      return end(DigFault::not_utf8, {}, origin);
    const std::string_view type = python::next_field(line, at), key = python::next_field(line, at);
    if (type.empty())
      return end(DigFault::missing_type, id, origin);
    if (key.empty())
      return end(DigFault::missing_key, id, origin);
    if (!python::next_field(line, at).empty())
      return end(DigFault::trailing_text, id, origin);

    const std::size_t ascii_part = python::size_of_characters(key, longest_ascii);
    std::size_t size = 0;
    DigFault fault = DigFault::none;
    if (ascii_part < key.size()) {
      const auto decoded = decode(key);
      if (!decoded)
        return end(DigFault::invalid_hex, id, origin);
      size = *decoded;
    } else {
      const auto encoded = encode(key);
      if (encoded)
        size = *encoded;
      else
        fault = DigFault::beyond_latin1;
    }
    const auto number = python::to_int(id, last_id);
    if (!number)
      return end(DigFault::bad_key_id, id, origin);
    if (number->value == 0 || number->value > last_id || number->negative)
      return loaded_.refuse(id_as_written(id), origin, words_of(DigFault::key_id_out_of_range));
    load(static_cast<KeyId>(number->value), type, size, fault, origin);
  }

  // Into bytes_: pairs of the first 64 characters; the last of an odd number is dropped.
  std::optional<std::size_t> decode(std::string_view key) {
    const std::string_view digits = key.substr(0, python::size_of_characters(key, 2 * longest_key));
    const std::span<std::byte> bytes = bytes_.reveal_mutable();
    const std::size_t taken = hex::decode(digits, bytes);
    if (taken == digits.size())
      return taken / 2;
    std::size_t count = 0;
    for (std::size_t at = 0; at < digits.size();) {
      const std::size_t first = at, second = at + python::character_size(digits, at);
      if (second == digits.size())
        break;
      at = second + python::character_size(digits, second);
      const auto byte = byte_of(digits, first, second);
      if (!byte)
        return std::nullopt;
      bytes[count++] = *byte;
    }
    return count;
  }

  // Into bytes_: UTF-8 becomes Latin-1.
  std::optional<std::size_t> encode(std::string_view key) {
    const std::span<std::byte> bytes = bytes_.reveal_mutable();
    std::size_t count = 0;
    for (std::size_t at = 0; at < key.size(); at += python::character_size(key, at)) {
      const auto lead = static_cast<unsigned char>(key[at]);
      if (lead > 0xc3)
        return std::nullopt;
      bytes[count++] = static_cast<std::byte>(
          lead < 0x80 ? lead : (lead & 0x03U) << 6U | (static_cast<unsigned>(key[at + 1]) & 0x3fU));
    }
    return count;
  }

  // `fault` is the key's, so far.
  void load(KeyId id, std::string_view type, std::size_t size, DigFault fault, Extent origin) {
    if (type != last_type_) {
      last_type_ = type;
      last_function_ = find_by_name(type.substr(0, type.find('\0')));
    }
    const MacFunction *const function = last_function_;
    if (function == nullptr)
      fault = DigFault::unknown_type;
    else if (!function->usable)
      fault = DigFault::unusable_type;
    Reading reading{id, LoadedKeys::no_mac, Certainty::certain, origin, {}};
    if (fault == DigFault::none) {
      const std::size_t used = function->key_bytes != 0 ? function->key_bytes : size;
      reading.mac = mac_index(*function);
      reading.bytes = loaded_.stored(bytes_.reveal().first(std::min(size, used)), used);
      if (size < used) // the rest of a buffer on the stack, which is never written
        reading.certainty = Certainty::indeterminate;
    } else {
      loaded_.refuse(id, origin, words_of(fault));
    }
    loaded_.add(reading);
  }

  std::uint8_t mac_index(const MacFunction &function) {
    return loaded_.mac_index(static_cast<std::uint8_t>(&function - mac_functions().data()), [&] {
      MacSpec whole = function.spec();
      whole.tag_bytes = function.full_bytes; // 1.2.5 cuts it to 20 bytes, as ntpd does
      return whole;
    });
  }

  void end(DigFault fault, std::string_view id, Extent origin) {
    const LineFault words = words_of(fault);
    loaded_.refuse(id_as_written(id), origin, words);
    loaded_.result().decided_by = origin;
    loaded_.result().reason = words.reason;
  }

  static constexpr std::size_t shortest_key_line = 6;

  std::string_view file_;
  SecretBytes bytes_; // of the line's key
  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
  LoadedKeys loaded_;
};

} // namespace

std::unique_ptr<KeyFileReader> make_ntpdig_reader() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "ntpdig",
                 .product = "NTPsec ntpdig",
                 .version = "1.2.2",
                 .format = "ntpsec",
                 .client = true,
                 .sends_unauthenticated_without_key = true},
      [](std::span<const std::byte> file, SecretMemory &memory) { return Digging(file, memory).run(); });
}

} // namespace ntpkeygen::plugins::ntpsec
