// What an AppArmor profile lets a daemon read, as far as a path in it tells.
#pragma once

#include "ntpkeygen/host/environment.hpp"

#include <optional>
#include <string>

namespace ntpkeygen::cli {

// Whether the profile, with the files that it includes from /etc/apparmor.d, has a rule that lets this path be read,
// and none that denies it. nullopt: there is no profile, it only complains, or it cannot be read.
[[nodiscard]] std::optional<bool> apparmor_lets_read(const std::string &profile, const std::string &path,
                                                     Environment &environment);

// Whether a path fits a pattern of AppArmor's: * ? [..] for one component, ** across them, {a,b} for either. Variables
// fit anything, since what they stand for is defined elsewhere.
[[nodiscard]] bool apparmor_pattern_fits(std::string_view pattern, std::string_view path);

} // namespace ntpkeygen::cli
