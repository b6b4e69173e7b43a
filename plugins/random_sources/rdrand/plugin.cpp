#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/rdrand/rdrand.hpp"

NTPKEYGEN_PLUGIN(random_source, "rdrand", NTPKEYGEN_VERSION, "the processor's random generator",
                 ntpkeygen::plugins::rdrand::enroll);
