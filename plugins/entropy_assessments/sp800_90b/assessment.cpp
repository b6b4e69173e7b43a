#include "entropy_assessments/sp800_90b/procedure.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// 12345678 -> "12,345,678"
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string in_words(double number) {
  const bool whole = std::trunc(number) == number && std::fabs(number) < 1e15;
  return whole ? std::to_string(static_cast<long long>(number)) : std::to_string(number);
}

Result<void> check_samples(const ProcedureInfo &info, const AssessmentJob &job) {
  if (info.min_samples == 0)
    return {};
  if (job.sample_bits < 1 || job.sample_bits > 8)
    return failure(ErrorCode::invalid_argument,
                   "samples of " + std::to_string(job.sample_bits) + " bits cannot be assessed",
                   "SP 800-90B's estimators take 1 to 8 bits; map wider samples down first (section 6.4)");
  if (job.samples.size() < info.min_samples)
    return failure(ErrorCode::invalid_argument,
                   grouped(job.samples.size()) + (job.samples.size() == 1 ? " sample is" : " samples are") +
                       " too few: the procedure '" + info.name + "' needs at least " + grouped(info.min_samples),
                   info.advised_samples > info.min_samples
                       ? "record " + grouped(info.advised_samples) + " samples, as SP 800-90B section 3.1.1 asks for"
                       : "it is for " + info.summary);
  if (job.sample_bits == 8)
    return {};
  const unsigned limit = 1U << job.sample_bits;
  unsigned any = 0; // looked at first: the compiler takes many samples at once
  for (const std::uint8_t sample : job.samples)
    any |= sample;
  if (any < limit)
    return {};
  const auto wide = std::ranges::find_if(job.samples, [limit](std::uint8_t sample) { return sample >= limit; });
  return failure(ErrorCode::invalid_argument,
                 "sample " + grouped(static_cast<std::uint64_t>(wide - job.samples.begin())) + " is " +
                     std::to_string(*wide) + ", which does not fit in " + std::to_string(job.sample_bits) + " bits",
                 "give the width that the samples have");
}

Result<std::vector<NamedValue>> check_parameters(const ProcedureInfo &info, std::span<const NamedValue> given) {
  for (const NamedValue &parameter : given)
    if (std::ranges::find(info.parameters, parameter.name, &ParameterInfo::name) == info.parameters.end())
      return failure(ErrorCode::invalid_argument,
                     "the procedure '" + info.name + "' has no parameter '" + parameter.name + "'");
  std::vector<NamedValue> all;
  for (const ParameterInfo &parameter : info.parameters) {
    const auto found = std::ranges::find(given, parameter.name, &NamedValue::name);
    if (found == given.end() && !parameter.default_value)
      return failure(ErrorCode::invalid_argument,
                     "the procedure '" + info.name + "' needs the parameter '" + parameter.name + "'",
                     parameter.summary);
    const double value = found == given.end() ? *parameter.default_value : found->value;
    if (!(value >= parameter.min && value <= parameter.max) || (parameter.whole && std::trunc(value) != value))
      return failure(ErrorCode::invalid_argument, "the parameter '" + parameter.name + "' cannot be " + in_words(value),
                     std::string(parameter.whole ? "a whole number" : "a number") + " from " + in_words(parameter.min) +
                         " to " + in_words(parameter.max));
    all.push_back({parameter.name, value});
  }
  return all;
}

class Sp80090b final : public EntropyAssessment {
public:
  Sp80090b() : procedures_{non_iid(), iid(), restart(), conditioning(), selftest()} {
    for (const Procedure &procedure : procedures_)
      infos_.push_back(procedure.info);
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "sp800-90b"; }
  [[nodiscard]] std::span<const ProcedureInfo> procedures() const noexcept override { return infos_; }

  [[nodiscard]] Result<Assessment> run(const AssessmentJob &job, RunControl &control) const noexcept override {
    return guarded([&]() -> Result<Assessment> {
      const auto *procedure = std::ranges::find_if(
          procedures_, [&](const Procedure &candidate) { return candidate.info.name == job.procedure; });
      if (procedure == procedures_.end())
        return failure(ErrorCode::not_found, "sp800-90b has no procedure '" + std::string(job.procedure) + "'");
      const ProcedureInfo &info = procedure->info;
      if (Result<void> good = check_samples(info, job); !good)
        return failure(std::move(good.error()));
      Result<std::vector<NamedValue>> parameters = check_parameters(info, job.parameters);
      if (!parameters)
        return failure(std::move(parameters.error()));

      Result<Assessment> assessment = procedure->run(
          {job.samples, job.sample_bits, job.seed, std::max(job.threads, 1U), std::move(*parameters)}, control);
      if (assessment && info.min_samples != 0 && job.samples.size() < info.advised_samples)
        assessment->warnings.insert(assessment->warnings.begin(),
                                    "there are " + grouped(job.samples.size()) + " samples; SP 800-90B section 3.1.1 " +
                                        "asks for at least " + grouped(info.advised_samples));
      return assessment;
    });
  }

private:
  std::array<Procedure, 5> procedures_;
  std::vector<ProcedureInfo> infos_;
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Sp80090b>());
}

} // namespace ntpkeygen::plugins::sp800_90b
