// The commands that generating keys does not need. They are a library of their own (further_commands_library.cpp),
// which the program opens for them alone: what they would add to every start is more than what a run takes.
#pragma once

#include "cli/command.hpp"

namespace ntpkeygen::cli {

[[nodiscard]] const Command &check_command();
[[nodiscard]] const Command &convert_command();
[[nodiscard]] const Command &entropy_assess_command();
[[nodiscard]] const Command &entropy_bench_command();
[[nodiscard]] const Command &entropy_conditioning_command();
[[nodiscard]] const Command &entropy_list_command();
[[nodiscard]] const Command &entropy_record_command();
[[nodiscard]] const Command &entropy_report_command();
[[nodiscard]] const Command &entropy_restart_command();
[[nodiscard]] const Command &entropy_selftest_command();
[[nodiscard]] const Command &entropy_transpose_command();
[[nodiscard]] const Command &explain_command();
[[nodiscard]] const Command &plugins_command();
[[nodiscard]] const Command &probe_command();

[[nodiscard]] std::span<const Command *const> further_commands();
[[nodiscard]] std::vector<const Command *> all_commands(); // generating first

// What the library exports, under the name `further_commands_symbol`. It holds the whole program again, and nothing
// else crosses: each of the two has its own copy of the C++ runtime (cmake/runtime.cmake).
struct FurtherCommandsLibrary {
  const char *version; // of the program
  int (*run)(int argc, char **argv) noexcept;
};
inline constexpr const char *further_commands_file = "commands.so";
inline constexpr const char *further_commands_symbol = "ntpkeygen_program";

} // namespace ntpkeygen::cli
