#include "cli/further_commands.hpp"
#include "cli/process.hpp"

#include <new>

namespace {

using namespace ntpkeygen;

int run(int argc, char **argv) noexcept try {
  return cli::run_process(argc, argv, cli::further_commands());
} catch (const std::bad_alloc &) {
  return cli::out_of_memory();
}

} // namespace

extern "C"
    [[gnu::visibility("default")]] const cli::FurtherCommandsLibrary ntpkeygen_further_commands{NTPKEYGEN_VERSION, run};
