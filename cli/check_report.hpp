// The findings of `ntpkeygen check`, file by file, in the two forms that they are printed in.
#pragma once

#include "cli/buffered_output.hpp"
#include "cli/json.hpp"
#include "ntpkeygen/host/lint.hpp"

namespace ntpkeygen::cli {

// `file:line:col: severity: message [rule-id]` and a line with the hint for people, coloured on a terminal, where a
// rule is told of twenty times in a file and then counted; one document for programs. Written in blocks while the files
// are checked.
class CheckReport {
public:
  CheckReport(bool json, Environment &environment);

  // `text` is what the findings point into.
  void add(std::string_view path, std::string_view format, std::span<const std::byte> text, const Findings &findings);
  // Of a file that could not be checked, for programs; people read it elsewhere.
  void add_failure(std::string_view path, std::string_view message);
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::size_t count(Severity severity) const { return counts_[static_cast<std::size_t>(severity)]; }

private:
  void add_json(std::string_view path, std::string_view format, const LineIndex &lines, const Findings &findings);
  void add_text(std::string_view path, const LineIndex &lines, const Findings &findings);
  void append_foreign(std::string_view text);
  void coloured(std::string_view code, std::string_view text);

  bool as_json_, colour_;
  BufferedOutput out_;
  JsonWriterTo<BufferedOutput> json_;
  std::array<std::size_t, 3> counts_{};
};

} // namespace ntpkeygen::cli
