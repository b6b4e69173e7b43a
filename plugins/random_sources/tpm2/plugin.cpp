#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/tpm2/tpm2.hpp"

NTPKEYGEN_PLUGIN(random_source, "tpm2", NTPKEYGEN_VERSION, "the generator of a TPM 2.0",
                 ntpkeygen::plugins::tpm2::enroll);
