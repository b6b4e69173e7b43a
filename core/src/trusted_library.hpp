// Opening code: only what those could have written whom this process trusts anyway, and only whole files.
#pragma once

#include "path_trust.hpp"

#include <boost/dll/shared_library.hpp>

#include <memory>
#include <string>

namespace ntpkeygen {

// `path`: without links, as realpath(3) gives it; `status`: what lstat(2) says of it. Errors: permission (the hint says
// what mends it), plugin_fault (no regular file, no whole shared object for this machine, or the dynamic loader's
// reason). The message is a sentence about "it": the caller names the file.
[[nodiscard]] Result<std::shared_ptr<boost::dll::shared_library>>
open_trusted_library(PathTrust &trust, const std::string &path, const struct stat &status);

} // namespace ntpkeygen
