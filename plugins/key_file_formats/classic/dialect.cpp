#include "key_file_formats/classic/dialect.hpp"

#include "key_file_formats/classic/address_list.hpp"
#include "key_file_formats/classic/types.hpp"

namespace ntpkeygen::plugins::classic {
namespace {

using ntpd::Fault;

std::string_view reason_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
    break;
  case Fault::unknown_type:
    return "NTP Classic has no such key type, so it skips the line";
  case Fault::bad_key_id:
    return "a line does not begin with a key id, so NTP Classic rejects the whole file";
  case Fault::carriage_return:
    return "the line ends in CR LF, and NTP Classic takes the CR as text, so it rejects the whole file";
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

} // namespace

constinit const ntpd::Dialect dialect{
    .program = "NTP Classic",
    .padding = "zeros",
    .find_mac_function = find_mac_function,
    .reason_of = reason_of,
    .is_address_list = is_address_list,
};

} // namespace ntpkeygen::plugins::classic
