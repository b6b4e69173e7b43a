#include "ntpkeygen/sdk/plugin.hpp"
#include "mac_engines/botan/botan.hpp"

NTPKEYGEN_PLUGIN(mac_engine, "botan", NTPKEYGEN_VERSION, "keyed digests, CMAC and HMAC by the Botan library",
                 ntpkeygen::plugins::botan::enroll);
