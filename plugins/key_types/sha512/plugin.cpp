#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/sha512/sha512.hpp"

NTPKEYGEN_PLUGIN(key_type, "sha512", NTPKEYGEN_VERSION, "SHA-512 keyed digest with a key of 80 to 1024 bits",
                 ntpkeygen::plugins::sha512::enroll);
