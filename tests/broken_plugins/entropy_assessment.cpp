#include "fault.hpp"

#include "ntpkeygen/sdk/plugin.hpp"

#include <algorithm>
#include <array>

namespace {

using namespace ntpkeygen;
using broken::fault_is;

class Broken final : public EntropyAssessment {
public:
  Broken() : procedures_{{"count", "counts symbols", 100, 0, false, {{"times", "how often", 1, 1, 9, true}}}} {
    if (fault_is("default-out-of-range"))
      procedures_[0].parameters[0].default_value = 10;
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "broken"; }
  [[nodiscard]] std::span<const ProcedureInfo> procedures() const noexcept override { return procedures_; }
  [[nodiscard]] Result<Assessment> run(const AssessmentJob &job, RunControl &control) const noexcept override {
    if (fault_is("not-guarded"))
      return count(job);
    return guarded([&]() -> Result<Assessment> {
      if (job.procedure != "count")
        return failure(ErrorCode::not_found, "there is no such procedure");
      for (const NamedValue &given : job.parameters)
        if (!fault_is("any-parameter") && (given.name != "times" || !(given.value >= 1 && given.value <= 9) ||
                                           given.value != static_cast<double>(static_cast<int>(given.value))))
          return failure(ErrorCode::invalid_argument, "there is no such parameter, or not with this value");
      if (job.samples.size() < 100 && !fault_is("few-samples"))
        return failure(ErrorCode::invalid_argument, "too few samples");
      if (job.sample_bits < 1 || job.sample_bits > 8)
        return failure(ErrorCode::invalid_argument, "samples have 1 to 8 bits");
      if (!fault_is("wide-samples") && std::ranges::any_of(job.samples, [&](std::uint8_t sample) {
            return static_cast<unsigned>(sample) >> job.sample_bits != 0;
          }))
        return failure(ErrorCode::invalid_argument, "a sample is too wide");
      if (control.cancelled() && fault_is("deaf"))
        broken::never_return();
      if (control.cancelled())
        return failure(ErrorCode::cancelled, "interrupted");
      return count(job);
    });
  }

private:
  static Assessment count(const AssessmentJob &job) {
    std::array<bool, 256> there{};
    for (const std::uint8_t sample : job.samples)
      there[sample] = true;
    Assessment result;
    result.symbols = static_cast<std::uint32_t>(std::ranges::count(there, true));
    static unsigned turns = 0;
    result.rows.push_back({"counts", "a_name_that_is_longer_than_a_short_string", 1.0, Verdict::none, {}, {}});
    if (fault_is("another-result"))
      result.rows[0].value = ++turns;
    if (fault_is("no-value-no-note"))
      result.rows[0].value.reset();
    result.min_entropy = fault_is("too-much-entropy") ? 4.5 : 3.5;
    return result;
  }
  std::vector<ProcedureInfo> procedures_;
};

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Broken>());
}

} // namespace

NTPKEYGEN_PLUGIN(entropy_assessment, "broken", "1.0", "a fixture", enroll);
