// The entropy assessment "sp800-90b": the statistical procedures of NIST SP 800-90B (January 2018).
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::sp800_90b {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::sp800_90b
