#include "key_file_formats/classic/key_line.hpp"

#include "key_file_formats/classic/address_list.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::classic {
namespace {

constexpr CharacterSet blanks{" \t"};
constexpr CharacterSet field_ends{" \t#"};
constexpr std::uint32_t last_id = 65535;

std::string_view next_field(std::string_view line, std::size_t &at) noexcept {
  const std::size_t begin = blanks.skip(line, at), end = field_ends.find(line, begin);
  at = end;
  return line.substr(begin, end - begin);
}

bool is_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return hex::value(c) != hex::no_digit; });
}

} // namespace

const MacFunction *LineSplitter::function_of(std::string_view type_field) noexcept {
  if (type_field != last_type_) {
    last_function_ = find_mac_function(type_field);
    last_type_ = type_field;
  }
  return last_function_;
}

KeyLine LineSplitter::split(std::string_view line) noexcept {
  KeyLine found;
  const auto stop = [&](Fault fault) {
    found.fault = fault;
    return found;
  };
  std::size_t at = 0;
  found.id_field = next_field(line, at);
  if (found.id_field.empty())
    return stop(Fault::empty);
  found.id = static_cast<KeyId>(c_atoi(found.id_field));
  if (found.id == 0)
    return stop(Fault::bad_key_id);
  if (found.id > last_id)
    return stop(Fault::key_id_out_of_range);

  found.type_field = next_field(line, at);
  if (found.type_field.empty())
    return stop(Fault::missing_type);
  found.function = function_of(found.type_field);

  found.key_field = next_field(line, at);
  if (found.key_field.empty())
    return stop(Fault::missing_key);
  if (found.key_field.size() > longest_ascii) {
    found.digits = std::min(found.key_field.size(), 2 * longest_key);
    if (!is_hex(found.key_field.substr(0, found.digits)))
      return stop(Fault::invalid_hex);
  }
  found.addresses = next_field(line, at);
  if (!found.addresses.empty() && !is_address_list(found.addresses))
    return stop(Fault::invalid_address);
  // Only now: a line of a type that this libcrypto lacks must still be well-formed.
  return found.function == nullptr ? stop(Fault::unknown_type) : found;
}

std::string_view rule_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::unknown_type:
    return "unknown-type";
  case Fault::bad_key_id:
    return "bad-key-id";
  case Fault::key_id_out_of_range:
    return "key-id-out-of-range";
  case Fault::missing_type:
    return "missing-type";
  case Fault::missing_key:
    return "missing-key";
  case Fault::invalid_hex:
    return "invalid-hex";
  case Fault::invalid_address:
    return "invalid-address";
  }
  return {};
}

std::string_view reason_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::unknown_type:
    return "NTP Classic has no such key type, so it skips the line";
  case Fault::bad_key_id:
    return "a line does not begin with a key id, so NTP Classic rejects the whole file";
  case Fault::key_id_out_of_range:
    return "NTP Classic's key ids are 1 to 65535, and it rejects the whole file for another one";
  case Fault::missing_type:
    return "a line ends behind the key id, so NTP Classic rejects the whole file";
  case Fault::missing_key:
    return "a line has no key behind the type, so NTP Classic rejects the whole file";
  case Fault::invalid_hex:
    return "a key of more than 20 characters is read as hex, and this one has others, so NTP Classic rejects the whole "
           "file";
  case Fault::invalid_address:
    return "what follows the key is not a list of addresses, so NTP Classic rejects the whole file";
  }
  return {};
}

std::optional<KeyId> id_as_written(std::string_view id_field) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (id_field.substr(0, byte_order_mark.size()) == byte_order_mark)
    id_field.remove_prefix(byte_order_mark.size());
  return plain_decimal(id_field);
}

} // namespace ntpkeygen::plugins::classic
