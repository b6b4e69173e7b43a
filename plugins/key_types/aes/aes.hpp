// AES keys for CMAC (RFC 4493), which RFC 8573 recommends for NTP.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::aes {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::aes
