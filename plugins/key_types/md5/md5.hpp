// MD5 keys: the digest of key and packet that RFC 5905 defines and RFC 8573 deprecates.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::md5 {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::md5
