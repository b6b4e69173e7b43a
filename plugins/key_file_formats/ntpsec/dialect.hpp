// NTPsec's ntpd, as far as it reads its keys file in another way than NTP Classic's.
#pragma once

#include "key_file_formats/ntpd/key_line.hpp"

namespace ntpkeygen::plugins::ntpsec {

extern const ntpd::Dialect dialect;

} // namespace ntpkeygen::plugins::ntpsec
