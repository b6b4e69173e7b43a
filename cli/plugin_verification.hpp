// `ntpkeygen plugins --verify FILE.so`.
#pragma once

#include "cli/command.hpp"

namespace ntpkeygen::cli {

// Exit status 0: the plugin holds to all laws that could be tried; 1: it does not, or was refused.
[[nodiscard]] Result<int> verify_plugin(const Invocation &call);

} // namespace ntpkeygen::cli
