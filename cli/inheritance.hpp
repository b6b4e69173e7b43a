// What a new file takes over from the one before it: what must not be, and what is said of it.
#pragma once

#include "cli/messages.hpp"
#include "ntpkeygen/host/publisher.hpp"

namespace ntpkeygen::cli {

// permission: others can write to the file, so that its lines may not be its owner's.
[[nodiscard]] Result<void> check_lines_are_the_owners(const Publisher::Replaced &replaced, const std::string &path);

// What of the replaced file's owner and mode the new one does not have.
void report_what_is_not_inherited(const Published &published, const std::optional<Publisher::Replaced> &replaced,
                                  const std::string &folder, Messages &messages);

} // namespace ntpkeygen::cli
