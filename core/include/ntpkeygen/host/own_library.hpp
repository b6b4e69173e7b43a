// The program's own libraries: parts of it that lie in files of their own, so that a run which does not need them does
// not pay for them.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <string>
#include <vector>

namespace ntpkeygen {

// Set-uid, set-gid or file capabilities: whoever started this process must not choose the code that it runs.
[[nodiscard]] bool has_borrowed_privileges();

// The folders of the program's own libraries, in the order in which they are searched: the one relative to the
// executable, the compiled-in one; with borrowed privileges only the last.
[[nodiscard]] std::vector<std::string> own_library_folders();

// The folders of the program's own helpers, likewise.
[[nodiscard]] std::vector<std::string> own_helper_folders();

// The address of a symbol in the first library of that file name. The library stays open. Errors: not_found;
// plugin_fault when it is there and cannot be trusted or opened, or has no such symbol.
[[nodiscard]] Result<const void *> open_own_library(const std::string &file, const std::string &symbol);

} // namespace ntpkeygen
