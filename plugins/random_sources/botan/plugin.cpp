#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/botan/botan.hpp"

NTPKEYGEN_PLUGIN(random_source, "botan-chacha", NTPKEYGEN_VERSION, "Botan's random generators",
                 ntpkeygen::plugins::botan_random::enroll);
