// The entropy assessment "fips140-2": the statistical tests that FIPS 140-2 had for random number generators.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::plugins::fips140_2 {

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::fips140_2
