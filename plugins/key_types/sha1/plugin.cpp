#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/sha1/sha1.hpp"

NTPKEYGEN_PLUGIN(key_type, "sha1", NTPKEYGEN_VERSION, "SHA-1 keyed digest with a key of 80 to 1024 bits",
                 ntpkeygen::plugins::sha1::enroll);
