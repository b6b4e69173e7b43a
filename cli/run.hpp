// The whole program, but for the process around it: argv in, exit status out, everything else through the Environment.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>
#include <vector>

namespace ntpkeygen::cli {

// Which of command_names is to be run; empty: a word that is none of them. `arguments` is as for run.
[[nodiscard]] std::string_view command_of(const std::vector<std::string> &arguments);

// `arguments[0]` is the name that the program was started under, `further` all commands but the generating one; they
// are not needed to generate, or to say that a command is unknown. Returns the exit status (CLI.md's table, in short: 0
// good, 1 failed or a bad verdict, 2 no verdict).
int run(const std::vector<std::string> &arguments, Environment &environment, std::span<const Command *const> further);

} // namespace ntpkeygen::cli
