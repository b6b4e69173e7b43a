#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/pkcs11/pkcs11.hpp"

NTPKEYGEN_PLUGIN(random_source, "pkcs11", NTPKEYGEN_VERSION, "the generator of a PKCS#11 token",
                 ntpkeygen::plugins::pkcs11::enroll);
