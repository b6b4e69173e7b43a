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

int run_further_commands(int argc, char **argv) noexcept try {
  const auto library = open_further_commands();
  if (library)
    return (*library)->run(argc, argv);
  DescriptorOutput err(STDERR_FILENO, "standard error");
  cli::Messages(err, "ntpkeygen", false).error(library.error());
  return 1;
} catch (const std::bad_alloc &) {
  return cli::out_of_memory();
}

} // namespace

int main(int argc, char **argv) {
  if (!cli::protect_process())
    return 1;
  return cli::is_generating(argc, argv) ? cli::run_process(argc, argv, {}) : run_further_commands(argc, argv);
}
