// The programs that --for names, and what each of them loads from a file.
#pragma once

#include "cli/command.hpp"
#include "ntpkeygen/host/key_comparison.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::cli {

inline constexpr OptionSpec for_option{"for", '\0', "D[,D...]", false,
                                       "the implementations to read it as (default: all\nthat are installed)"};

using Implementations = std::vector<std::shared_ptr<const KeyFileReader>>;

// In the order in which they are named, each once; without names all that are installed, and those that cannot be
// opened are left out with a warning. Errors: not_found, listing what there is; those of the plugin.
[[nodiscard]] Result<Implementations> open_implementations(const std::optional<std::string> &named,
                                                           const Invocation &call);

[[nodiscard]] Result<std::vector<ProgramView>> read_as(const Implementations &programs, std::span<const std::byte> file,
                                                       SecretMemory &memory);

} // namespace ntpkeygen::cli
