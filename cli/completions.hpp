// What shells complete: commands, options and their values, out of the options' tables.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>

namespace ntpkeygen::cli {

// Scripts for bash, zsh and fish; names of plugins are asked of the installed program when they are completed.
[[nodiscard]] std::string bash_completion(std::span<const Command *const> commands);
[[nodiscard]] std::string zsh_completion(std::span<const Command *const> commands);
[[nodiscard]] std::string fish_completion(std::span<const Command *const> commands);

} // namespace ntpkeygen::cli
