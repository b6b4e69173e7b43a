// The tables of options in the manual page, made out of the options' tables.
#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen::cli {

// How mdoc writes an option as it is defined: `Fl -first-id Ar N | Cm auto`.
[[nodiscard]] std::string option_in_mdoc(const OptionSpec &option);

// The page as it is, but for the head of each option in the sections "Options of COMMAND" and "Options of every
// command": it is made of the definition. An option that the page does not have yet comes last in its command's table,
// with its help as the text. Errors: invalid_argument, with the line, for an option or a command that there is not, and
// for one that is there twice.
[[nodiscard]] Result<std::string> with_options(std::string_view page, std::span<const Command *const> commands);

} // namespace ntpkeygen::cli
