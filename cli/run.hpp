// The whole program, but for the process around it: argv in, exit status out, everything else through the Environment.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <vector>

namespace ntpkeygen::cli {

// All commands but the generating one. Asked for when one of them is to be run.
using FurtherCommands = Result<std::span<const Command *const>> (*)();

// `arguments[0]` is the name that the program was started under. Returns the exit status (CLI.md's table, in short: 0
// good, 1 failed or a bad verdict, 2 no verdict).
int run(const std::vector<std::string> &arguments, Environment &environment, FurtherCommands further);

} // namespace ntpkeygen::cli
