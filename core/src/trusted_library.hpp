// Opening code that passes the rules of trusted_code.hpp.
#pragma once

#include "path_trust.hpp"

#include <boost/dll/shared_library.hpp>

#include <memory>
#include <string>

namespace ntpkeygen {

// `path`: without links, as realpath(3) gives it; `status`: what lstat(2) says of it. Errors: those of
// check_code, and plugin_fault with the dynamic loader's reason. The message is a sentence about "it": the caller names
// the file.
[[nodiscard]] Result<std::shared_ptr<boost::dll::shared_library>>
open_trusted_library(PathTrust &trust, const std::string &path, const struct stat &status);

} // namespace ntpkeygen
