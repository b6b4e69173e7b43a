// The random source "openssl": RAND_priv_bytes(3) of OpenSSL 3, its generator for values that must stay private.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::openssl_random {

// As RAND_priv_bytes(3): 1 for success.
using PrivateBytes = int (*)(unsigned char *bytes, int size);

[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(PrivateBytes private_bytes);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::openssl_random
