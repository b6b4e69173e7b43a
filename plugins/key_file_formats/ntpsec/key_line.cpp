#include "key_file_formats/ntpsec/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <cstring>

namespace ntpkeygen::plugins::ntpsec {
namespace {

constexpr CharacterSet blanks{" \t"};
constexpr CharacterSet field_ends{" \t#"};
constexpr std::uint32_t last_id = 65535;

// From `at` on, which comes to stand behind it. Nothing between `at` and `known` ends a field.
std::string_view take_field(std::string_view line, std::size_t &at, std::size_t known) noexcept {
  const std::size_t begin = at;
  at = field_ends.find(line, known);
  return {line.data() + begin, at - begin};
}
std::string_view next_field(std::string_view line, std::size_t &at) noexcept {
  at = blanks.skip(line, at);
  return take_field(line, at, at);
}

// They are not all digits.
Fault fault_of_digits(std::string_view digits) noexcept {
  const bool line_end = digits.back() == '\r' && hex::is_hex(digits.substr(0, digits.size() - 1));
  return line_end ? Fault::carriage_return : Fault::invalid_hex;
}

} // namespace

Fault LineSplitter::take_head(std::string_view line, KeyLine &found, std::size_t &at) noexcept {
  found.id_field = next_field(line, at);
  if (found.id_field.empty())
    return Fault::empty;
  found.id = static_cast<KeyId>(c_atoi(found.id_field));
  if (found.id == 0)
    return found.id_field == "\r" ? Fault::carriage_return : Fault::bad_key_id;
  if (found.id > last_id)
    return Fault::key_id_out_of_range;
  found.type_field = next_field(line, at);
  if (found.type_field.empty())
    return Fault::missing_type;
  if (found.type_field != last_type_) {
    last_function_ = find_mac_function(found.type_field);
    last_type_ = found.type_field;
  }
  found.function = last_function_;
  at = blanks.skip(line, at);
  return found.function == nullptr ? Fault::unknown_type : Fault::none;
}

KeyLine LineSplitter::split(std::string_view line) noexcept {
  KeyLine found;
  std::size_t at = 0;
  found.fault = take_head(line, found, at);
  if (found.fault != Fault::none)
    return found;
  found.key_field = take_field(line, at, at);
  if (found.key_field.empty()) {
    found.fault = Fault::missing_key;
  } else if (found.key_field.size() > longest_ascii) {
    found.digits = std::min(found.key_field.size(), 2 * longest_key);
    if (const std::string_view digits = found.key_field.substr(0, found.digits); !hex::is_hex(digits))
      found.fault = fault_of_digits(digits);
  }
  return found;
}

KeyLine KeyLineReader::read(std::string_view line) noexcept {
  KeyLine found;
  std::size_t at = 0;
  found.fault = take_head(line, found, at);
  if (found.fault != Fault::none)
    return found;
  // Most keys are hex digits: decoding them finds their end, too.
  const std::size_t taken = hex::decode({line.data() + at, line.size() - at}, trial_.reveal_mutable());
  found.key_field = take_field(line, at, at + taken);
  if (found.key_field.empty()) {
    found.fault = Fault::missing_key;
  } else if (found.key_field.size() > longest_ascii) {
    found.digits = std::min(found.key_field.size(), 2 * longest_key);
    const std::size_t bytes = (taken + 1) / 2;
    std::memcpy(decoded_.reveal_mutable().data(), trial_.reveal().data(), bytes);
    written_ = std::max(written_, bytes);
    if (taken < found.digits)
      found.fault = fault_of_digits(found.key_field.substr(0, found.digits));
  }
  return found;
}

std::string_view rule_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::bad_key_id:
    return "bad-key-id";
  case Fault::carriage_return:
    return "carriage-return";
  case Fault::key_id_out_of_range:
    return "key-id-out-of-range";
  case Fault::missing_type:
    return "missing-type";
  case Fault::unknown_type:
    return "unknown-type";
  case Fault::missing_key:
    return "missing-key";
  case Fault::invalid_hex:
    return "invalid-hex";
  }
  return {};
}

std::string_view reason_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::bad_key_id:
    return "the line does not begin with a key id, so NTPsec skips it";
  case Fault::carriage_return:
    return "the line ends in CR LF, and NTPsec takes the CR as text, so it loses the line";
  case Fault::key_id_out_of_range:
    return "NTPsec's key ids are 1 to 65535, so it skips the line";
  case Fault::missing_type:
    return "the line ends behind the key id, so NTPsec skips it";
  case Fault::unknown_type:
    return "NTPsec has no such key type, so it skips the line";
  case Fault::missing_key:
    return "the line has no key behind the type, so NTPsec skips it";
  case Fault::invalid_hex:
    return "a key of more than 20 characters is read as hex, and this one has others, so NTPsec skips the line";
  }
  return {};
}

std::optional<KeyId> id_as_written(std::string_view id_field) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (id_field.substr(0, byte_order_mark.size()) == byte_order_mark)
    id_field.remove_prefix(byte_order_mark.size());
  return plain_decimal(id_field);
}

} // namespace ntpkeygen::plugins::ntpsec
