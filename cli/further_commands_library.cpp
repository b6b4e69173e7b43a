#include "cli/further_commands.hpp"
#include "ntpkeygen/sdk/plugin.hpp"

extern "C" [[gnu::visibility("default")]] const ntpkeygen::cli::FurtherCommandsLibrary ntpkeygen_further_commands{
    NTPKEYGEN_VERSION, ntpkeygen::abi::version, ntpkeygen::abi::layout_digest, ntpkeygen::cli::further_commands};
