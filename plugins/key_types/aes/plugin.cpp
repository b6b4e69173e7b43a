#include "ntpkeygen/sdk/plugin.hpp"
#include "key_types/aes/aes.hpp"

NTPKEYGEN_PLUGIN(key_type, "aes", NTPKEYGEN_VERSION, "AES keys of 128, 192 and 256 bits, for CMAC",
                 ntpkeygen::plugins::aes::enroll);
