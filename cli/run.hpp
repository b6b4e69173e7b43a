// The whole program, but for the process around it: argv in, exit status out, everything else through the Environment.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>
#include <vector>

namespace ntpkeygen::cli {

// Whether keys are to be generated, which is what a program does that was not given a command.
[[nodiscard]] bool is_generating(int argc, const char *const *argv);

// `arguments[0]` is the name that the program was started under, `further` all commands but the generating one; they
// are not needed when it is generating. Returns the exit status (CLI.md's table, in short: 0 good, 1 failed or a bad
// verdict, 2 no verdict).
int run(const std::vector<std::string> &arguments, Environment &environment, std::span<const Command *const> further);

} // namespace ntpkeygen::cli
