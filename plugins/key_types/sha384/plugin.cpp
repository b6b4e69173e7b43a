#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/sha384/sha384.hpp"

NTPKEYGEN_PLUGIN(key_type, "sha384", NTPKEYGEN_VERSION, "SHA-384 keyed digest with a key of 80 to 1024 bits",
                 ntpkeygen::plugins::sha384::enroll);
