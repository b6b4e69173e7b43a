#include "key_file_formats/ntpd/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::ntpd {
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
// Inlined, like fault_of_tail: otherwise long files would take longer.
[[gnu::always_inline]] inline std::string_view next_field(std::string_view line, std::size_t &at) noexcept {
  at = blanks.skip(line, at);
  return take_field(line, at, at);
}

// They are not all digits.
Fault fault_of_digits(std::string_view digits) noexcept {
  const bool line_end = digits.back() == '\r' && hex::is_hex(digits.substr(0, digits.size() - 1));
  return line_end ? Fault::carriage_return : Fault::invalid_hex;
}

std::size_t digits_of(std::string_view key_field) noexcept {
  return key_field.size() > longest_ascii ? std::min(key_field.size(), 2 * longest_key) : 0;
}

bool has_wrong_addresses(const Dialect &dialect, std::string_view line, std::size_t at) noexcept {
  const std::string_view field = next_field(line, at);
  return !field.empty() && !dialect.is_address_list(field);
}

// The key field is taken, and `at` stands behind it; `is_hex` says whether its digits are digits.
[[gnu::always_inline]] inline Fault fault_of_tail(const Dialect &dialect, std::string_view line, const KeyLine &found,
                                                  std::size_t at, bool is_hex) noexcept {
  if (found.key_field.empty())
    return Fault::missing_key;
  if (found.digits != 0 && !is_hex)
    return fault_of_digits(found.key_field.substr(0, found.digits));
  if (dialect.is_address_list != nullptr && has_wrong_addresses(dialect, line, at))
    return Fault::invalid_address;
  return found.function == nullptr ? Fault::unknown_type : Fault::none;
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
    last_function_ = dialect_.find_mac_function(found.type_field);
    last_type_ = found.type_field;
  }
  found.function = last_function_;
  at = blanks.skip(line, at);
  return found.function == nullptr && dialect_.is_address_list == nullptr ? Fault::unknown_type : Fault::none;
}

KeyLine LineSplitter::split(std::string_view line) noexcept {
  KeyLine found;
  std::size_t at = 0;
  found.fault = take_head(line, found, at);
  if (found.fault == Fault::none) {
    found.key_field = take_field(line, at, at);
    found.digits = digits_of(found.key_field);
    found.fault = fault_of_tail(dialect_, line, found, at, hex::is_hex(found.key_field.substr(0, found.digits)));
  }
  return found;
}

KeyLine KeyLineReader::read(std::string_view line) noexcept {
  KeyLine found;
  std::size_t at = 0;
  found.fault = take_head(line, found, at);
  if (found.fault == Fault::none) {
    // Most keys are hex digits: decoding them finds their end, too.
    digits_taken_ = hex::decode({line.data() + at, line.size() - at}, decoded_.reveal_mutable());
    found.key_field = take_field(line, at, at + digits_taken_);
    found.digits = digits_of(found.key_field);
    found.fault = fault_of_tail(dialect_, line, found, at, digits_taken_ >= found.digits);
  }
  return found;
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
  case Fault::carriage_return:
    return "carriage-return";
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

} // namespace ntpkeygen::plugins::ntpd
