// One keys file as `ntpkeygen check` looks at it.
#pragma once

#include "cli/implementations.hpp"
#include "ntpkeygen/host/lint.hpp"

namespace ntpkeygen::cli {

struct CheckedKeys {
  std::shared_ptr<const KeyFileFormat> format{};
  bool guessed = false; // nobody has named the format
  bool unsure = false;  // and little in the file tells it
  KeyFile file{};
  FileStatus status{};
  Findings findings{};
};

// `format`: by name, else the one that recognises the file best, of those that `programs` read where there are some;
// chrony's where nothing else tells and the path does.
// Errors: those of reading the file and of plugins.
[[nodiscard]] Result<CheckedKeys> check_keys(const std::string &path, const std::optional<std::string> &format,
                                             const Implementations &programs, const Invocation &call);

} // namespace ntpkeygen::cli
