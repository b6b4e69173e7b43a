#include "ntpkeygen/sdk/plugin.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

NTPKEYGEN_PLUGIN(key_file_format, "ntpsec", NTPKEYGEN_VERSION,
                 "NTPsec's keys file, and what its ntpd and ntpdig read from one", ntpkeygen::plugins::ntpsec::enroll);
