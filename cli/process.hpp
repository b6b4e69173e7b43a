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

// Where there is no memory even for an exception, the C++ runtime ends the process: with those words and this status
// from now on, in the module that calls this.
void end_in_words_without_memory(int status) noexcept;

} // namespace ntpkeygen::cli
