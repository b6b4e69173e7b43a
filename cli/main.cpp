#include "cli/further_commands.hpp"
#include "cli/messages.hpp"
#include "cli/process.hpp"
#include "ntpkeygen/host/own_library.hpp"
#include "ntpkeygen/host/posix_environment.hpp"

#include <cstring>
#include <new>
#include <unistd.h>

namespace {

using namespace ntpkeygen;

Result<const cli::FurtherCommandsLibrary *> open_further_commands() {
  const auto symbol = open_own_library(cli::further_commands_file, cli::further_commands_symbol);
  if (!symbol)
    return failure(symbol.error());
  const auto *library = static_cast<const cli::FurtherCommandsLibrary *>(*symbol);
  if (std::strcmp(library->version, NTPKEYGEN_VERSION) != 0)
    return failure(ErrorCode::plugin_fault,
                   std::string("the program's library ") + cli::further_commands_file +
                       " is of another version than the program: an interrupted upgrade?",
                   "install ntpkeygen again, or build all of it");
  return library;
}

int run_further_command(std::string_view command, int argc, char **argv) {
  const auto library = open_further_commands();
  if (library)
    return (*library)->run(argc, argv);
  DescriptorOutput err(STDERR_FILENO, "standard error");
  cli::Messages(err, "ntpkeygen", false).error(library.error());
  return cli::failed_status_of(command);
}

} // namespace

int main(int argc, char **argv) try {
  cli::end_in_words_without_memory(cli::failed_status_of(argc > 1 ? argv[1] : ""));
  if (!cli::protect_process())
    return 1;
  const std::string_view command = cli::command_of({argv, argv + argc});
  if (command.empty() || command == cli::command_names.front())
    return cli::run_process(argc, argv, {});
  return run_further_command(command, argc, argv);
} catch (const std::bad_alloc &) {
  cli::say_out_of_memory();
  return cli::failed_status_of(argc > 1 ? argv[1] : "");
}
