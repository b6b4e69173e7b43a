// The options of every command that writes a keys file.
#pragma once

#include "cli/options.hpp"
#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/host/publisher.hpp"

namespace ntpkeygen::cli {

inline constexpr OptionSpec replace_option{
    "replace", '\0', "", false,
    "FILE may exist: it is exchanged atomically, and the\nold one kept as FILE.<filestamp>"};
inline constexpr OptionSpec mode_option{
    "mode", '\0', "OCTAL", false, "the file's mode (default: the replaced file's\nwithout others' bits, else 0400)"};
inline constexpr OptionSpec owner_option{"owner", '\0', "USER[:GROUP]", false,
                                         "the file's owner (default: the replaced file's,\nelse you)"};

// --mode and --owner. Errors: invalid_argument, not_found (no such user or group).
[[nodiscard]] Result<void> read_permissions(const ParsedOptions &parsed, Host &host, Permissions &permissions);

} // namespace ntpkeygen::cli
