#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/md5/md5.hpp"

NTPKEYGEN_PLUGIN(key_type, "md5", NTPKEYGEN_VERSION, "MD5 keyed digest with a key of 80 to 1024 bits",
                 ntpkeygen::plugins::md5::enroll);
