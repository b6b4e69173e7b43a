// The process around run(): what is set up before anything secret exists in it, and the real world as the Environment.
#pragma once

#include "cli/run.hpp"

#include <span>

namespace ntpkeygen::cli {

// Holds the standard descriptors and keeps other processes from reading this one's memory. False: a closed standard
// stream cannot be held.
[[nodiscard]] bool protect_process();

// One run of the program, of `generate` and the given commands. Returns its exit status; nothing is thrown.
int run_process(int argc, char **argv, std::span<const Command *const> further) noexcept;

// Says it, without needing any.
void say_out_of_memory() noexcept;

} // namespace ntpkeygen::cli
