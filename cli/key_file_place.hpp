// Who can read or change a keys file where it lies: its mode and owner, and those of the folders that it is found in.
#pragma once

#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/host/lint.hpp"

namespace ntpkeygen::cli {

// Adds findings about the place, all at the begin of the file. `file` is what the path leads to. What cannot be looked
// at is left out.
void check_place(const std::string &path, const FileStatus &file, const FormatInfo &format, Environment &environment,
                 Findings &findings);

} // namespace ntpkeygen::cli
