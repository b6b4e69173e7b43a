// Whose keys file it could be: the formats that fit it, each with what its program loads from it.
#pragma once

#include "cli/command.hpp"

#include <memory>
#include <vector>

namespace ntpkeygen::cli {

struct FormatReading {
  std::shared_ptr<const KeyFileFormat> format{};
  std::shared_ptr<const KeyFileReader> reader{};
  Interpretation loaded{};
};

// Errors: those of the plugin and the reader; unsupported, where the format is only written.
[[nodiscard]] Result<FormatReading> read_as_format(std::shared_ptr<const KeyFileFormat> format,
                                                   std::span<const std::byte> file, const Invocation &call);

// The likeliest first; none, where no format knows the file's lines. Formats that cannot be opened are left out with a
// warning.
[[nodiscard]] Result<std::vector<FormatReading>> fitting_formats(std::span<const std::byte> file,
                                                                 const Invocation &call);

} // namespace ntpkeygen::cli
