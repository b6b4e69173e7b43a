// SHA-512 keys: RFC 5905's digest of key and packet, with SHA-512 in the place of MD5.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::sha512 {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::sha512
