// NTP Classic's ntpd, as far as it reads its keys file in another way than NTPsec's.
#pragma once

#include "key_file_formats/ntpd/key_line.hpp"

namespace ntpkeygen::plugins::classic {

extern const ntpd::Dialect dialect;

// ntpd rejects the whole file for each fault but these: it skips a line that is sound but for an unknown type.
[[nodiscard]] constexpr bool rejects_file(ntpd::Fault fault) noexcept {
  return fault != ntpd::Fault::none && fault != ntpd::Fault::empty && fault != ntpd::Fault::unknown_type;
}

} // namespace ntpkeygen::plugins::classic
