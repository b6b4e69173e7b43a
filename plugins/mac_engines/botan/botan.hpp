// The MAC engine "botan": keyed digests (RFC 5905), CMAC (RFC 4493) and HMAC (RFC 2104), by Botan 2 or 3.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::botan {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::botan
