#include "cli/further_commands.hpp"

extern "C"
    [[gnu::visibility("default")]] const ntpkeygen::cli::FurtherCommandsLibrary ntpkeygen_program{"0.9.9", nullptr};
