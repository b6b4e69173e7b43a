// Whose keys file it could be: the formats that fit it, each with what its program loads from it.
#pragma once

#include "cli/command.hpp"

#include <memory>
#include <vector>

namespace ntpkeygen::cli {

struct LikelyFormat {
  unsigned sure = 0; // as it recognises the file
  std::shared_ptr<const KeyFileFormat> format{};
};

// The likeliest first, without those that fit much worse; none, where no format knows the file's lines. `names`: which
// to try. Formats that cannot be opened are left out with a warning.
[[nodiscard]] std::vector<LikelyFormat> likely_formats(std::span<const std::byte> file,
                                                       const std::vector<std::string> &names, const Invocation &call);

// What a file is taken for that fits all of these, of which there is at least one: `check` and `convert` take it for
// the same.
[[nodiscard]] const LikelyFormat &usual_format(const std::vector<LikelyFormat> &likely);

// Of the likeliest one: whether a word in the file is that format's alone; whether so few lines are keys that it may
// as well be another one's file, with mistakes.
[[nodiscard]] bool knows_a_word(unsigned sure);
[[nodiscard]] bool knows_too_little(unsigned sure);

// All names of formats, those first that files have most often.
[[nodiscard]] std::vector<std::string> format_names(PluginSet &plugins);

struct FormatReading {
  unsigned sure = 0; // as its format recognises the file; 0: it was not asked
  std::shared_ptr<const KeyFileFormat> format{};
  std::shared_ptr<const KeyFileReader> reader{};
  Interpretation loaded{};
};

// Errors: those of the plugin and the reader; unsupported, where the format is only written.
[[nodiscard]] Result<FormatReading> read_as_format(std::shared_ptr<const KeyFileFormat> format,
                                                   std::span<const std::byte> file, const Invocation &call);

// Those of all likely formats, the one that `usual_format` takes first.
[[nodiscard]] Result<std::vector<FormatReading>> fitting_formats(std::span<const std::byte> file,
                                                                 const Invocation &call);

} // namespace ntpkeygen::cli
