#include "cli/further_commands.hpp"
#include "ntpkeygen/sdk/plugin.hpp"

extern "C" [[gnu::visibility("default")]] const ntpkeygen::cli::FurtherCommandsLibrary ntpkeygen_further_commands{
    "0.9.9", ntpkeygen::abi::version, ntpkeygen::abi::layout_digest, nullptr};
