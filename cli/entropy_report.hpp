// What `entropy report` tells of one source or several, as a page for people and as a JSON document for programs.
#pragma once

#include "cli/assessment_report.hpp"
#include "cli/provenance.hpp"
#include "cli/sample_statistics.hpp"
#include "ntpkeygen/host/random/health_tests.hpp"

namespace ntpkeygen::cli {

struct SourceReport {
  AssessmentReport assessment{};
  std::string nature{};  // one of nature_name(), or what the recording's description says; empty: nobody says
  std::string summary{}; // what a source says it is
  std::string caution{}; // why high figures mean nothing here; empty: no reason is known
  SampleStatistics statistics{};
  std::vector<HealthCutoffs> health_cutoffs{}; // none where there is no min-entropy
  std::optional<AssessmentReport> restart{};
  std::string no_restart{};      // why there is none
  std::optional<double> claim{}; // what those who submit it claim, bits a sample
  std::optional<Provenance> provenance{};

  // The lower of the assessment and the claim (SP 800-90B section 3.1.3).
  [[nodiscard]] std::optional<double> initial_estimate() const;
  // What is awarded: with restart data, no more than its rows and columns have (SP 800-90B section 3.1.4.2), and none
  // where a test was failed.
  [[nodiscard]] std::optional<double> min_entropy() const;
  [[nodiscard]] bool restart_failed() const { return restart && restart->result.verdict == Verdict::fail; }
  [[nodiscard]] bool limited_by_restart() const; // and not by the claim or an estimate of the assessment
  [[nodiscard]] bool limited_by_claim() const;
  [[nodiscard]] std::optional<double> samples_per_second() const;
  // None where high figures mean nothing.
  [[nodiscard]] std::optional<double> assessed_bits_per_second() const;
};

inline constexpr const char *restart_failure =
    "the restart test was FAILED: no min-entropy is awarded (SP 800-90B section 3.1.4)";

struct EntropyReport {
  std::vector<SourceReport> sources{};
  std::string date{}, version{}, compiler{};
  ThisMachine machine{};
  unsigned threads = 1;
};

// In seconds; `share`: 0.5 for the median, 1 for the longest.
[[nodiscard]] double percentile(std::vector<double> values, double share);

[[nodiscard]] std::string report_html(const EntropyReport &report);
[[nodiscard]] std::string report_json(const EntropyReport &report);

} // namespace ntpkeygen::cli
