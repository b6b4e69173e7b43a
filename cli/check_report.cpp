#include "cli/check_report.hpp"

#include "cli/foreign_text.hpp"
#include "cli/json.hpp"
#include "cli/messages.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>
#include <map>

namespace ntpkeygen::cli {
namespace {

struct SeverityWords {
  std::string_view name, colour;
};
constexpr std::array severities{SeverityWords{"error", "1;31"}, SeverityWords{"warning", "1;33"},
                                SeverityWords{"advice", "1;34"}};

const SeverityWords &words_for(Severity severity) {
  return severities[static_cast<std::size_t>(severity)];
}

} // namespace

CheckReport::CheckReport(bool json, Environment &environment)
    : as_json_(json), colour_(!json && wants_colour(environment.out)), out_(environment.out, environment.secrets),
      json_(out_) {
  if (!as_json_)
    return;
  json_.StartObject();
  put(json_, "schema", "ntpkeygen/check/1");
  put_key(json_, "files");
  json_.StartArray();
}

void CheckReport::add(std::string_view path, std::string_view format, std::span<const std::byte> text,
                      const Findings &findings) {
  for (const Severity severity : {Severity::error, Severity::warning, Severity::advice})
    counts_[static_cast<std::size_t>(severity)] += findings.count(severity);
  const LineIndex lines(text);
  as_json_ ? add_json(path, format, lines, findings) : add_text(path, lines, findings);
}

void CheckReport::add_failure(std::string_view path, std::string_view message) {
  if (!as_json_)
    return;
  json_.StartObject();
  put(json_, "file", path);
  put_or_null(json_, "format", {});
  put(json_, "error", message);
  put_key(json_, "findings");
  json_.StartArray();
  json_.EndArray();
  json_.EndObject();
}

void CheckReport::add_json(std::string_view path, std::string_view format, const LineIndex &lines,
                           const Findings &findings) {
  json_.StartObject();
  put(json_, "file", path);
  put(json_, "format", format);
  put_key(json_, "findings");
  json_.StartArray();
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding finding = findings[i];
    json_.StartObject();
    put_key(json_, "line");
    json_.Uint(lines.line_at(finding.offset));
    put_key(json_, "column");
    json_.Uint(lines.column_at(finding.offset));
    put(json_, "severity", words_for(finding.severity).name);
    put(json_, "rule", finding.rule);
    put(json_, "message", finding.message);
    put_or_null(json_, "hint", finding.hint);
    json_.EndObject();
  }
  json_.EndArray();
  json_.EndObject();
}

void CheckReport::coloured(std::string_view code, std::string_view text) {
  if (!colour_) {
    out_.append(text);
    return;
  }
  out_.append("\033[");
  out_.append(code);
  out_.append("m");
  out_.append(text);
  out_.append("\033[0m");
}

// A message may name a file as a configuration does.
void CheckReport::append_foreign(std::string_view text) {
  may_need_escapes(text) ? out_.append(escaped(text)) : out_.append(text);
}

void CheckReport::add_text(std::string_view path, const LineIndex &lines, const Findings &findings) {
  constexpr std::size_t most_of_a_rule = 20;
  const std::string file = escaped(input_name(std::string(path)));
  std::map<std::pair<std::string_view, Severity>, std::size_t> told;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding finding = findings[i];
    const SeverityWords &words = words_for(finding.severity);
    if (++told[{finding.rule, finding.severity}] > most_of_a_rule)
      continue;
    out_.append(file);
    out_.append(":" + std::to_string(lines.line_at(finding.offset)) + ":" +
                std::to_string(lines.column_at(finding.offset)) + ": ");
    coloured(words.colour, words.name);
    out_.append(": ");
    append_foreign(finding.message);
    out_.append(" [");
    out_.append(finding.rule);
    out_.append("]\n");
    if (finding.hint.empty()) // a plugin's rule may have none
      continue;
    out_.append("    ");
    coloured("1;36", "hint");
    out_.append(": ");
    append_foreign(finding.hint);
    out_.append("\n");
  }
  for (const auto &[rule, count] : told)
    if (count > most_of_a_rule) {
      out_.append(file + ": ");
      coloured(words_for(rule.second).colour, words_for(rule.second).name);
      out_.append(": and the same in " + counted(count - most_of_a_rule, "other line") + " [");
      out_.append(rule.first);
      out_.append("]\n");
    }
}

Result<void> CheckReport::finish() {
  if (as_json_) {
    json_.EndArray();
    put_key(json_, "errors");
    json_.Uint64(count(Severity::error));
    put_key(json_, "warnings");
    json_.Uint64(count(Severity::warning));
    put_key(json_, "advice");
    json_.Uint64(count(Severity::advice));
    json_.EndObject();
    out_.Put('\n');
  }
  return out_.finish();
}

} // namespace ntpkeygen::cli
