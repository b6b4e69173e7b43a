#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/system/system.hpp"

NTPKEYGEN_PLUGIN(random_source, "system", NTPKEYGEN_VERSION, "the kernel's random generator (getrandom)",
                 ntpkeygen::plugins::system_random::enroll);
