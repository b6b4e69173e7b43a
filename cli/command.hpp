// A command: its table of options, and what it does with them.
#pragma once

#include "cli/messages.hpp"
#include "cli/options.hpp"

#include <array>

namespace ntpkeygen::cli {

struct Invocation {
  const ParsedOptions &options;
  Environment &environment;
  Messages &messages;
  std::string_view typed; // the whole command line, quoted where a shell needs it: for hints that add an option
};

struct Command {
  CommandSpec spec{};
  // Exit status 0 or what the command's verdict is; an error is printed by the caller.
  Result<int> (*execute)(const Invocation &invocation) = nullptr;
  // Exit status of an error: 1 where the command makes something, 2 where it gives a verdict and could not.
  int failed_status = 1;
};

[[nodiscard]] const Command &generate_command();

// All commands by name; the first is what runs when no command is named.
inline constexpr std::array<std::string_view, 15> command_names{
    "generate",          "convert",          "check",          "explain",         "probe",
    "plugins",           "entropy assess",   "entropy report", "entropy restart", "entropy conditioning",
    "entropy transpose", "entropy selftest", "entropy bench",  "entropy record",  "entropy list"};

} // namespace ntpkeygen::cli
