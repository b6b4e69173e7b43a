#include "cli/further_commands.hpp"

namespace ntpkeygen::cli {

std::span<const Command *const> further_commands() {
  static const std::array commands{&convert_command(),
                                   &check_command(),
                                   &explain_command(),
                                   &probe_command(),
                                   &plugins_command(),
                                   &entropy_assess_command(),
                                   &entropy_report_command(),
                                   &entropy_restart_command(),
                                   &entropy_conditioning_command(),
                                   &entropy_transpose_command(),
                                   &entropy_selftest_command(),
                                   &entropy_list_command(),
                                   &entropy_record_command(),
                                   &entropy_bench_command()};
  return commands;
}

std::vector<const Command *> all_commands() {
  std::vector<const Command *> commands{&generate_command()};
  for (const Command *command : further_commands())
    commands.push_back(command);
  return commands;
}

} // namespace ntpkeygen::cli
