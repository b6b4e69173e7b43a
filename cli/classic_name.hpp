// What is different for those who start the program under the name of NTP Classic's, ntp-keygen.
#pragma once

#include "cli/options.hpp"

#include <string>
#include <vector>

namespace ntpkeygen::cli {

// Under that name there is one thing to do.
[[nodiscard]] CommandSpec classic_spec(CommandSpec spec);

// Refuses what asks NTP Classic's program for Autokey material, as its own parser would understand the arguments:
// options stand in one word there, and long ones can be abbreviated. Never says the value of an option: it may be a
// password. Errors: unsupported.
[[nodiscard]] Result<void> check_classic_arguments(const CommandSpec &spec, const std::vector<std::string> &arguments);

// Without -M, Classic's program makes host keys, and never touches ntp.keys. Errors: unsupported.
[[nodiscard]] Result<void> check_classic_invocation(const ParsedOptions &options);

} // namespace ntpkeygen::cli
