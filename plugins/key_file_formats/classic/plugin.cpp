#include "ntpkeygen/sdk/plugin.hpp"
#include "key_file_formats/classic/classic.hpp"

NTPKEYGEN_PLUGIN(key_file_format, "classic", NTPKEYGEN_VERSION,
                 "NTP Classic's keys file, and what its ntpd and sntp read from one",
                 ntpkeygen::plugins::classic::enroll);
