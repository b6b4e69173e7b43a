#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/sha256/sha256.hpp"

NTPKEYGEN_PLUGIN(key_type, "sha256", NTPKEYGEN_VERSION, "SHA-256 keyed digest with a key of 80 to 1024 bits",
                 ntpkeygen::plugins::sha256::enroll);
