// The commands for tests: linked, where the program opens a library.
#pragma once

#include "cli/further_commands.hpp"

namespace ntpkeygen::cli {

inline Result<std::span<const Command *const>> linked_commands() {
  return further_commands();
}

} // namespace ntpkeygen::cli
