// What `ntpkeygen explain` found, and the two forms that it is printed in.
#pragma once

#include "cli/implementations.hpp"
#include "ntpkeygen/host/fingerprint.hpp"

namespace ntpkeygen::cli {

struct ExplainReport {
  std::string path{};
  SecretText file{};
  Implementations programs{};
  std::vector<ProgramView> views{};             // of `programs`, in the same order
  std::optional<Fingerprinter> fingerprinter{}; // there for JSON, and for a table that reveals nothing
  bool reveal = false;                          // keys are shown
};

// For programs; written in blocks, since it grows with the file. Errors: those of the output and of the fingerprinter.
[[nodiscard]] Result<void> print_explain_json(ExplainReport &report, Environment &environment);
// For people: what each program does with the file, a table of the keys, and in words where they differ and why.
[[nodiscard]] Result<void> print_explain_table(ExplainReport &report, Environment &environment);

} // namespace ntpkeygen::cli
