// For plugins that load code which a user names, such as a token's driver. It runs in this process as plugins do, and
// has to lie as safely (docs/plugin-abi.md, "Where plugins may lie").
//
// No part of the SDK: whoever links the library ntpkeygen_trust has a copy of the rules compiled in.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <string>
#include <string_view>

namespace ntpkeygen {

// The path without links, to be opened as it is. `what` is for messages: "PKCS#11 module". Errors: not_found;
// permission, the hint says what mends it; plugin_fault (no whole shared object for this machine).
[[nodiscard]] Result<std::string> check_named_code(std::string_view what, const std::string &path);

} // namespace ntpkeygen
