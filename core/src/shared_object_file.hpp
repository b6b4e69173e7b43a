// Whether a file is a whole shared object. The dynamic loader maps a file without asking how long it is: one that was
// cut short kills the process with SIGBUS when the missing pages are touched.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <string>

namespace ntpkeygen {

// Errors: plugin_fault (it is not for this machine, or has not all the bytes that its headers speak of), io.
[[nodiscard]] Result<void> check_shared_object(const std::string &path);

} // namespace ntpkeygen
