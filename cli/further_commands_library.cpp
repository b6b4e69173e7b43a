#include "cli/further_commands.hpp"
#include "cli/process.hpp"
#include "ntpkeygen/sdk/throwing.hpp"

#include <new>

namespace {

using namespace ntpkeygen;

int run(int argc, char **argv) noexcept try {
  cli::end_in_words_without_memory(cli::failed_status_of(argv[1]));
  prepare_to_throw();
  return cli::run_process(argc, argv, cli::further_commands());
} catch (const std::bad_alloc &) {
  cli::say_out_of_memory();
  return cli::failed_status_of(argv[1]);
}

} // namespace

extern "C" [[gnu::visibility("default")]] const cli::FurtherCommandsLibrary ntpkeygen_program{NTPKEYGEN_VERSION, run};
