#include "ntpkeygen/sdk/plugin.hpp"
#include "random_sources/openssl/openssl.hpp"

NTPKEYGEN_PLUGIN(random_source, "openssl", NTPKEYGEN_VERSION, "OpenSSL's random generator",
                 ntpkeygen::plugins::openssl_random::enroll);
