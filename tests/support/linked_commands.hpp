// The commands for tests: linked, where the program opens a library.
#pragma once

#include "cli/further_commands.hpp"

namespace ntpkeygen::cli {

inline const std::span<const Command *const> linked_commands = further_commands();

} // namespace ntpkeygen::cli
