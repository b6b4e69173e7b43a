#include "key_file_formats/ntpsec/dialect.hpp"

#include "key_file_formats/ntpsec/types.hpp"

namespace ntpkeygen::plugins::ntpsec {
namespace {

using ntpd::Fault;

std::string_view reason_of(Fault fault) noexcept {
  switch (fault) {
  case Fault::none:
  case Fault::empty:
  case Fault::invalid_address:
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

} // namespace

constinit const ntpd::Dialect dialect{
    .program = "NTPsec",
    .padding = "what happens to be in its memory",
    .find_mac_function = find_mac_function,
    .reason_of = reason_of,
    .is_address_list = nullptr,
};

} // namespace ntpkeygen::plugins::ntpsec
