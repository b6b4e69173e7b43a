// An assessment under the name of sp800-90b that says what a test tells it to, and notes what it was asked.
#pragma once

#include "ntpkeygen/sdk/entropy_assessment.hpp"
#include "ntpkeygen/sdk/plugin.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ntpkeygen::test {

class FakeAssessment final : public EntropyAssessment {
public:
  struct Asked {
    std::string procedure{};
    unsigned sample_bits = 0;
    std::uint64_t seed = 0;
    std::map<std::string, double> parameters{};
  };
  struct Script {
    std::map<std::string, Assessment> answers{}; // by procedure
    std::vector<Asked> asked{};
  };
  static Script &script() {
    static Script one;
    return one;
  }
  static Result<void> enroll(Registrar &registrar) { return registrar.add(std::make_unique<FakeAssessment>()); }

  FakeAssessment() {
    for (const auto &[procedure, answer] : script().answers)
      infos_.push_back({procedure, "for tests", 0, 0, true, {}});
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "sp800-90b"; }
  [[nodiscard]] std::span<const ProcedureInfo> procedures() const noexcept override { return infos_; }
  [[nodiscard]] Result<Assessment> run(const AssessmentJob &job, RunControl &) const noexcept override {
    Asked asked{std::string(job.procedure), job.sample_bits, job.seed, {}};
    for (const NamedValue &parameter : job.parameters)
      asked.parameters[parameter.name] = parameter.value;
    script().asked.push_back(std::move(asked));
    const auto answer = script().answers.find(std::string(job.procedure));
    if (answer == script().answers.end())
      return failure(ErrorCode::not_found, "no such procedure");
    return answer->second;
  }

private:
  std::vector<ProcedureInfo> infos_;
};

} // namespace ntpkeygen::test
