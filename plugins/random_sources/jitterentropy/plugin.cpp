#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/jitterentropy/jitterentropy.hpp"

NTPKEYGEN_PLUGIN(random_source, "jitterentropy", NTPKEYGEN_VERSION, "the library jitterentropy",
                 ntpkeygen::plugins::jitterentropy::enroll);
