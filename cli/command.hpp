// A command: its table of options, and what it does with them.
#pragma once

#include "cli/messages.hpp"
#include "cli/options.hpp"

#include <algorithm>
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
};

[[nodiscard]] const Command &generate_command();

// All commands by name; the first is what runs when no command is named.
inline constexpr std::array<std::string_view, 15> command_names{
    "generate",          "convert",          "check",          "explain",         "probe",
    "plugins",           "entropy assess",   "entropy report", "entropy restart", "entropy conditioning",
    "entropy transpose", "entropy selftest", "entropy bench",  "entropy record",  "entropy list"};

// Exit status of an error: 1 where the command makes something, 2 where it gives a verdict and could not.
[[nodiscard]] constexpr int failed_status_of(std::string_view command) {
  constexpr std::array<std::string_view, 7> judging{
      "check", "explain", "probe", "entropy assess", "entropy restart", "entropy conditioning", "entropy selftest"};
  return std::ranges::find(judging, command) != judging.end() ? 2 : 1;
}

} // namespace ntpkeygen::cli
