// What an assessment came to, as a table for people and as a JSON document for programs.
#pragma once

#include "cli/samples_input.hpp"
#include "ntpkeygen/sdk/entropy_assessment.hpp"

namespace ntpkeygen::cli {

struct AssessmentReport {
  std::string assessment{}, procedure{};
  SamplesInput input{};
  std::optional<std::uint64_t> seed{}; // where the procedure has one
  Assessment result{};
  bool verbose = false; // a table with intermediate values; JSON always has them
};

// Whether this row alone brings the min-entropy down to where it is.
[[nodiscard]] bool is_limiting(const AssessmentRow &row, const AssessmentReport &report);

[[nodiscard]] std::string assessment_table(const AssessmentReport &report);
[[nodiscard]] std::string assessment_json(const AssessmentReport &report);

} // namespace ntpkeygen::cli
