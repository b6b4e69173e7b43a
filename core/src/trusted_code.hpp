// Code that is opened in this process: only what those could have written whom it trusts anyway, and only whole files.
#pragma once

#include "path_trust.hpp"

#include <string>

namespace ntpkeygen {

// `path`: without links, as realpath(3) gives it; `status`: what lstat(2) says of it. Errors: permission (the hint says
// what mends it), plugin_fault (no regular file, no whole shared object for this machine). The message is a sentence
// about "it": the caller names the file.
[[nodiscard]] Result<void> check_code(PathTrust &trust, const std::string &path, const struct stat &status);

} // namespace ntpkeygen
