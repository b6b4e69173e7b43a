#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/cpu_jitter/cpu_jitter.hpp"

NTPKEYGEN_PLUGIN(random_source, "cpu-jitter", NTPKEYGEN_VERSION, "timing noise of memory accesses",
                 ntpkeygen::plugins::cpu_jitter::enroll);
