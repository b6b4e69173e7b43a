#include "cli/assessment_report.hpp"

#include "cli/foreign_text.hpp"
#include "cli/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace ntpkeygen::cli {

std::string decimal(double value, const char *format) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string shortest(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string in_words(std::string_view name) {
  std::string words(name);
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::vector<std::string> groups_of(const Assessment &result) {
  std::vector<std::string> groups;
  for (const AssessmentRow &row : result.rows)
    if (std::ranges::find(groups, row.group) == groups.end())
      groups.push_back(row.group);
  return groups;
}

const AssessmentRow *find_row(const Assessment &result, std::string_view group, std::string_view name) {
  for (const AssessmentRow &row : result.rows)
    if (row.group == group && row.name == name)
      return &row;
  return nullptr;
}

std::optional<double> figure(const Assessment &result, std::string_view name) {
  for (const NamedValue &one : result.figures)
    if (one.name == name)
      return one.value;
  return std::nullopt;
}

void put_number(JsonWriter &json, std::string_view key, std::optional<double> value) {
  constexpr double exact = 9007199254740992; // 2^53
  put_key(json, key);
  if (!value || !std::isfinite(*value))
    json.Null();
  else if (std::trunc(*value) == *value && std::fabs(*value) < exact && !(*value == 0 && std::signbit(*value)))
    json.Int64(static_cast<std::int64_t>(*value));
  else
    json.Double(*value);
}

namespace {

// Entropies are called h_...; other figures are counts.
std::string figure_in_words(const NamedValue &figure) {
  return decimal(figure.value, figure.name.starts_with("h_") ? "%.6f" : "%.10g");
}

std::string_view verdict_word(Verdict verdict) {
  return verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "FAIL" : "";
}

std::string words_beside(std::string_view name, const AssessmentReport &report) {
  for (const auto &[known, words] : report.words)
    if (known == name)
      return "  " + std::string(words);
  return {};
}

void append_line(std::string &text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

std::string padded(std::string text, std::size_t width, bool right = false) {
  if (text.size() < width)
    text.insert(right ? 0 : text.size(), width - text.size(), ' ');
  return text;
}

constexpr std::size_t name_width = 22, value_width = 14;

// Estimates of the same things by group: one line for each thing, one column for each group.
void append_estimates(std::string &text, const AssessmentReport &report, const std::vector<std::string> &groups) {
  std::string line(name_width, ' ');
  for (const std::string &group : groups)
    line += padded(in_words(group), value_width, true) + "  ";
  append_line(text, line);
  std::vector<std::string> names;
  for (const AssessmentRow &row : report.result.rows)
    if (std::ranges::find(groups, row.group) != groups.end() && std::ranges::find(names, row.name) == names.end())
      names.push_back(row.name);
  for (const std::string &name : names) {
    line = padded(in_words(name), name_width);
    for (const std::string &group : groups) {
      const AssessmentRow *row = find_row(report.result, group, name);
      const bool there = row != nullptr && row->value;
      line += padded(there ? decimal(*row->value) : "-", value_width, true);
      line += there && is_limiting(*row, report) ? " *" : "  ";
    }
    append_line(text, line);
  }
}

// Tests, group by group.
void append_tests(std::string &text, const AssessmentReport &report, const std::vector<std::string> &groups) {
  for (const std::string &group : groups) {
    append_line(text, in_words(group) + ":");
    for (const AssessmentRow &row : report.result.rows)
      if (row.group == group)
        append_line(text, "  " + padded(in_words(row.name), name_width + 2) +
                              padded(row.value ? decimal(*row.value, "%.10g") : "-", value_width, true) + "  " +
                              std::string(verdict_word(row.verdict)) + words_beside(row.name, report));
  }
}

void append_details(std::string &text, const AssessmentReport &report) {
  text += "\n";
  for (const AssessmentRow &row : report.result.rows) {
    if (row.details.empty() && row.note.empty())
      continue;
    text += in_words(row.group) + ", " + in_words(row.name) + ":";
    for (const NamedValue &detail : row.details)
      text += (&detail == &row.details.front() ? " " : ", ") + detail.name + " = " + shortest(detail.value);
    if (!row.note.empty())
      text += (row.details.empty() ? " " : "; ") + row.note;
    text += "\n";
  }
}

using Json = JsonWriter;

void put_count(Json &json, std::string_view key, std::uint64_t count, bool there) {
  put_key(json, key);
  there ? json.Uint64(count) : json.Null();
}

void put_verdict(Json &json, Verdict verdict) {
  put_or_null(json, "verdict", verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "fail" : "");
}

// The estimates of a group by name, as CLI users read them: a number, or null where one does not apply.
void put_group(Json &json, const Assessment &result, std::string_view group) {
  put_key(json, group);
  if (std::ranges::find(result.rows, group, &AssessmentRow::group) == result.rows.end()) {
    json.Null();
    return;
  }
  json.StartObject();
  for (const AssessmentRow &row : result.rows)
    if (row.group == group)
      put_number(json, row.name, row.value);
  json.EndObject();
}

void put_rows(Json &json, const Assessment &result) {
  put_key(json, "rows");
  json.StartObject();
  for (const std::string &group : groups_of(result)) {
    put_key(json, group);
    json.StartObject();
    for (const AssessmentRow &row : result.rows) {
      if (row.group != group)
        continue;
      put_key(json, row.name);
      json.StartObject();
      put_number(json, "value", row.value);
      put_verdict(json, row.verdict);
      put_key(json, "details");
      json.StartObject();
      for (const NamedValue &detail : row.details)
        put_number(json, detail.name, detail.value);
      json.EndObject();
      put_or_null(json, "note", row.note);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
}

} // namespace

bool is_limiting(const AssessmentRow &row, const AssessmentReport &report) {
  if (!row.value || !report.result.min_entropy)
    return false;
  // Figures of the bit string are for a bit of a sample (SP 800-90B section 3.1.3).
  return (row.group == "bitstring" ? *row.value * report.input.bits : *row.value) == *report.result.min_entropy;
}

std::string assessment_table(const AssessmentReport &report) {
  const Assessment &result = report.result;
  std::string text = report.assessment + " " + report.procedure;
  if (report.input.count != 0)
    text += (report.conditioned ? ", conditioned: " : ": ") + escaped(report.input.name) + ", " +
            grouped(report.input.count) + " samples of " + std::to_string(report.input.bits) +
            (report.input.bits == 1 ? " bit, " : " bits, ") + std::to_string(result.symbols) +
            (result.symbols == 1 ? " symbol" : " different symbols");
  text += "\n";
  if (report.input.sha256)
    text += "SHA-256 " + *report.input.sha256 + "\n";
  if (report.seed)
    text += "seed " + std::to_string(*report.seed) + "\n";
  text += "\n";
  std::vector<std::string> tests, estimates;
  for (std::string &group : groups_of(result)) {
    const bool has_verdict = std::ranges::any_of(
        result.rows, [&](const AssessmentRow &row) { return row.group == group && row.verdict != Verdict::none; });
    (has_verdict ? tests : estimates).push_back(std::move(group));
  }
  if (!tests.empty()) {
    append_tests(text, report, tests);
    text += "\n";
  }
  if (!estimates.empty()) {
    append_estimates(text, report, estimates);
    text += "\n";
  }
  for (const NamedValue &one : result.figures) {
    std::string line = padded(one.name, name_width) + padded(figure_in_words(one), value_width, true);
    if (one.name == "h_bitstring" && report.input.bits > 1)
      line += "  a bit, " + decimal(one.value * report.input.bits) + " a sample";
    append_line(text, line + words_beside(one.name, report));
  }
  if (result.min_entropy)
    append_line(text, padded("min-entropy", name_width) + padded(decimal(*result.min_entropy), value_width, true) +
                          (report.procedure == "conditioning" ? "  bits a block of output" : "  bits a sample"));
  if (result.verdict != Verdict::none)
    append_line(text,
                padded("verdict", name_width) + padded(std::string(verdict_word(result.verdict)), value_width, true));
  if (std::ranges::any_of(result.rows, [&](const auto &row) { return is_limiting(row, report); }))
    text += "* the lowest estimate: it is what limits the min-entropy\n";
  if (report.verbose)
    append_details(text, report);
  return text;
}

std::string assessment_json(const AssessmentReport &report) {
  const Assessment &result = report.result;
  JsonBuffer buffer;
  Json json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/entropy-assessment/1");
  put(json, "assessment", report.assessment);
  put(json, "procedure", report.procedure);
  put_or_null(json, "file", report.input.from_source ? "" : report.input.name);
  put_or_null(json, "source", report.input.from_source ? report.input.name : "");
  const bool with_samples = report.input.count != 0;
  put_count(json, "samples", report.input.count, with_samples);
  put_count(json, "bits", report.input.bits, with_samples);
  put_count(json, "symbols", result.symbols, with_samples);
  put_or_null(json, "sha256", report.input.sha256.value_or(""));
  put_key(json, "seed");
  report.seed ? json.Uint64(*report.seed) : json.Null();
  put_key(json, "conditioned");
  json.Bool(report.conditioned);
  put_verdict(json, result.verdict);
  put_key(json, "passed");
  result.verdict == Verdict::none ? json.Null() : json.Bool(result.verdict == Verdict::pass);
  put_number(json, "min_entropy", result.min_entropy);
  if (report.procedure == "non-iid") {
    put_number(json, "h_original", figure(result, "h_original"));
    put_number(json, "h_bitstring", figure(result, "h_bitstring"));
    put_group(json, result, "bitstring");
    put_group(json, result, "literal");
  } else {
    for (const NamedValue &one : result.figures)
      put_number(json, one.name, one.value);
  }
  put_rows(json, result);
  put_alarms(json, report.input.alarms);
  put_key(json, "warnings");
  json.StartArray();
  for (const std::string &warning : result.warnings)
    put(json, warning);
  json.EndArray();
  json.EndObject();
  return std::string(finished(buffer));
}

} // namespace ntpkeygen::cli
