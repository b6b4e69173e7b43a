// What a new file takes over from the one before it: what must not be, and what is said of it.
#pragma once

#include "cli/generate_report.hpp"

namespace ntpkeygen::cli {

// permission: others can write to the file, so that its lines may not be its owner's.
[[nodiscard]] Result<void> check_lines_are_the_owners(const Publisher::Replaced &replaced, const std::string &path);

// Where the new file's mode is narrower than that of the replaced one.
void report_narrowed_mode(const GenerateResult &result, Messages &messages);

} // namespace ntpkeygen::cli
