// An entropy assessment is a set of named statistical procedures over samples of a noise source.
//
// It answers with numbers, not with text: rows in groups, each with what it was computed from, so that a table, a JSON
// document and a report can be made of one result. What it finds holds for the samples it was given: high figures for
// conditioned or DRBG output say nothing about the noise behind it.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen {

// What a procedure can be told. All parameters are numbers; a switch is 0 or 1.
struct ParameterInfo {
  std::string name{};                    // lower case, as in JSON: "conditioned", "h_in"
  std::string summary{};                 // one line
  std::optional<double> default_value{}; // none: it has to be given
  double min = 0, max = 0;
  bool whole = false; // whole numbers only
};

struct ProcedureInfo {
  std::string name{}, summary{}; // "non-iid", and one line
  // Fewer samples are an error (invalid_argument), fewer than `advised_samples` a warning. 0: it takes no samples at
  // all, and both are ignored.
  std::uint64_t min_samples = 0, advised_samples = 0;
  bool seeded = false; // whether the result depends on the job's seed
  std::vector<ParameterInfo> parameters{};
};

struct NamedValue {
  std::string name{};
  double value = 0;
};

struct AssessmentJob {
  std::string_view procedure{};
  std::span<const std::uint8_t> samples{};  // one symbol a byte, in its low `sample_bits` bits
  std::uint8_t sample_bits = 8;             // 1 to 8
  std::uint64_t seed = 0;                   // the same seed gives the same result on any number of threads
  unsigned threads = 1;                     // that may compute at the same time; 0 is taken for 1
  std::span<const NamedValue> parameters{}; // those left out have their defaults
};

enum class Verdict : std::uint8_t { none, pass, fail };

// One estimate, statistic or test. Names are lower case with underscores, as in JSON.
struct AssessmentRow {
  std::string group{}, name{};
  std::optional<double> value{}; // none: it does not apply to these samples; `note` says why
  Verdict verdict = Verdict::none;
  std::vector<NamedValue> details{}; // intermediate values, in the order in which they arise
  std::string note{};                // one sentence, or empty
};

struct Assessment {
  std::uint32_t symbols = 0;         // how many different ones there are among the samples
  std::vector<NamedValue> figures{}; // what the rows come to: "h_original", "h_bitstring"
  std::optional<double>
      min_entropy{}; // bits per sample; none where the procedure gives none, or where its verdict forbids
  Verdict verdict = Verdict::none;
  std::vector<AssessmentRow> rows{};
  std::vector<std::string> warnings{}; // one sentence each
};

class EntropyAssessment {
public:
  virtual ~EntropyAssessment() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // The first one is the default.
  [[nodiscard]] virtual std::span<const ProcedureInfo> procedures() const noexcept = 0;
  // Only `control.cancelled` is asked from other threads than the caller's. Errors: not_found (no such procedure),
  // invalid_argument (too few samples, one that is wider than sample_bits, a parameter that is unknown, missing or out
  // of range), cancelled (within half a second).
  [[nodiscard]] virtual Result<Assessment> run(const AssessmentJob &job, RunControl &control) const noexcept = 0;
};

} // namespace ntpkeygen
