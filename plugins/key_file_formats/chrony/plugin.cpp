#include "ntpkeygen/sdk/plugin.hpp"
#include "key_file_formats/chrony/chrony.hpp"

NTPKEYGEN_PLUGIN(key_file_format, "chrony", NTPKEYGEN_VERSION, "chrony's key file, and what chronyd reads from one",
                 ntpkeygen::plugins::chrony::enroll);
