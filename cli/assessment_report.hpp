// What an assessment came to, as a table for people and as a JSON document for programs.
#pragma once

#include "cli/json.hpp"
#include "cli/samples_input.hpp"
#include "ntpkeygen/sdk/entropy_assessment.hpp"

namespace ntpkeygen::cli {

struct AssessmentReport {
  std::string assessment{}, procedure{};
  SamplesInput input{};
  std::optional<std::uint64_t> seed{}; // where the procedure has one
  Assessment result{};
  std::span<const std::pair<std::string_view, std::string_view>> words{}; // beside rows and figures, by their names
  bool conditioned = false;                                               // assessed as a conditioned dataset
  bool verbose = false; // a table with intermediate values; JSON always has them
};

// Whether this row alone brings the min-entropy down to where it is.
[[nodiscard]] bool is_limiting(const AssessmentRow &row, const AssessmentReport &report);

// How its parts are written, in the table and elsewhere.
[[nodiscard]] std::string decimal(double value, const char *format = "%.6f");
[[nodiscard]] std::string shortest(double value);                           // that is read as the same number
[[nodiscard]] std::string grouped(std::uint64_t number);                    // 12345678 -> "12,345,678"
[[nodiscard]] std::string in_words(std::string_view name);                  // "t_tuple" -> "t tuple"
[[nodiscard]] std::vector<std::string> groups_of(const Assessment &result); // of its rows, as they come
[[nodiscard]] const AssessmentRow *find_row(const Assessment &result, std::string_view group, std::string_view name);
[[nodiscard]] std::optional<double> figure(const Assessment &result, std::string_view name);
void put_number(JsonWriter &json, std::string_view key,
                std::optional<double> value); // null for infinity: JSON has none

[[nodiscard]] std::string assessment_table(const AssessmentReport &report);
[[nodiscard]] std::string assessment_json(const AssessmentReport &report);

} // namespace ntpkeygen::cli
