#include "verify/laws.hpp"

#include "verify/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ntpkeygen::verify {
namespace {

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}
bool same(const std::optional<double> &a, const std::optional<double> &b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
bool same(const std::vector<NamedValue> &a, const std::vector<NamedValue> &b) {
  return std::ranges::equal(
      a, b, [](const NamedValue &x, const NamedValue &y) { return x.name == y.name && same(x.value, y.value); });
}
bool same(const Assessment &a, const Assessment &b) {
  return a.symbols == b.symbols && same(a.figures, b.figures) && same(a.min_entropy, b.min_entropy) &&
         a.verdict == b.verdict && a.warnings == b.warnings &&
         std::ranges::equal(a.rows, b.rows, [](const AssessmentRow &x, const AssessmentRow &y) {
           return x.group == y.group && x.name == y.name && same(x.value, y.value) && x.verdict == y.verdict &&
                  same(x.details, y.details) && x.note == y.note;
         });
}

bool is_json_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string of(const ProcedureInfo &procedure) {
  return "the procedure '" + procedure.name + "' ";
}

Finding describes_itself(const EntropyAssessment &assessment, World &) {
  for (const ProcedureInfo &procedure : assessment.procedures()) {
    if (!is_json_name(procedure.name))
      return broken("a procedure has the name '" + procedure.name + "': small letters, digits, - and _ make one");
    if (procedure.summary.empty() || !flaw_of_line("", procedure.summary).empty())
      return broken(of(procedure) + "has no summary of one line");
    if (std::ranges::count(assessment.procedures(), procedure.name, &ProcedureInfo::name) != 1)
      return broken(of(procedure) + "stands there twice");
    for (const ParameterInfo &parameter : procedure.parameters) {
      const std::string named = of(procedure) + "has a parameter '" + parameter.name + "' ";
      if (!is_json_name(parameter.name) || parameter.summary.empty() || !flaw_of_line("", parameter.summary).empty())
        return broken(named + "without a name of small letters or a summary of one line");
      if (std::ranges::count(procedure.parameters, parameter.name, &ParameterInfo::name) != 1)
        return broken(named + "twice");
      if (!(parameter.min <= parameter.max))
        return broken(named + "whose least value is above its greatest");
      if (parameter.default_value &&
          !(*parameter.default_value >= parameter.min && *parameter.default_value <= parameter.max))
        return broken(named + "whose default it would not take");
    }
  }
  return holds();
}

// Samples that look random, as many as the procedure asks for at least.
std::vector<std::uint8_t> samples_for(const ProcedureInfo &procedure, unsigned bits) {
  constexpr std::uint64_t at_least = 20'100; // FIPS 140-2 looks at blocks of 20,000 bits
  std::vector<std::uint8_t> samples(
      procedure.min_samples == 0 ? 0 : std::max(procedure.min_samples, procedure.min_samples == 1 ? at_least : 0));
  std::mt19937_64 random(20260103); // NOLINT(cert-msc51-cpp): the same every time
  for (std::uint8_t &sample : samples)
    sample = static_cast<std::uint8_t>(random() & ((1U << bits) - 1));
  return samples;
}

// Those that have to be given, half way between their limits.
std::vector<NamedValue> needed_parameters(const ProcedureInfo &procedure) {
  std::vector<NamedValue> values;
  for (const ParameterInfo &parameter : procedure.parameters)
    if (!parameter.default_value) {
      const double middle = parameter.min + (parameter.max - parameter.min) / 2;
      values.push_back({parameter.name, parameter.whole ? std::floor(middle) : middle});
    }
  return values;
}

struct Job {
  explicit Job(const ProcedureInfo &procedure)
      : samples(samples_for(procedure, bits)), parameters(needed_parameters(procedure)), name(procedure.name) {}
  [[nodiscard]] AssessmentJob job(unsigned threads = 1) const { return {name, samples, bits, 42, threads, parameters}; }
  static constexpr std::uint8_t bits = 4;
  std::vector<std::uint8_t> samples;
  std::vector<NamedValue> parameters;
  std::string name;
};

Finding refuses_wrong_jobs(const EntropyAssessment &assessment, World &) {
  TrialControl control;
  const auto refusal = [&](const std::string &what, const AssessmentJob &job, ErrorCode code) {
    note_step(what);
    const std::string flaw = not_refused(assessment.run(job, control), code);
    return flaw.empty() ? "" : "asked to " + what + ": what it says " + flaw;
  };
  for (const char *name : {"", "no-such-procedure"})
    if (std::string flaw = refusal("run a procedure that there is not", {.procedure = name}, ErrorCode::not_found);
        !flaw.empty())
      return broken(flaw);
  for (const ProcedureInfo &procedure : assessment.procedures()) {
    const std::string run = "run '" + procedure.name + "' with ";
    const Job good(procedure);
    constexpr ErrorCode invalid = ErrorCode::invalid_argument;
    AssessmentJob job = good.job();
    const NamedValue unknown{"no_such_parameter", 1};
    job.parameters = std::span(&unknown, 1);
    if (std::string flaw = refusal(run + "a parameter that it does not have", job, invalid); !flaw.empty())
      return broken(flaw);
    for (std::size_t i = 0; i < procedure.parameters.size(); ++i) {
      const ParameterInfo &parameter = procedure.parameters[i];
      for (const double value : {parameter.min - 1, parameter.max + 1, std::nan(""), HUGE_VAL,
                                 parameter.whole ? parameter.min + 0.5 : -HUGE_VAL}) {
        if (parameter.min <= value && value <= parameter.max && (!parameter.whole || value == std::floor(value)))
          continue; // beyond the range of whole numbers, one more is no other value
        std::vector<NamedValue> parameters = good.parameters;
        std::erase_if(parameters, [&](const NamedValue &one) { return one.name == parameter.name; });
        parameters.push_back({parameter.name, value});
        job.parameters = parameters;
        if (std::string flaw = refusal(run + parameter.name + " = " + std::to_string(value), job, invalid);
            !flaw.empty())
          return broken(flaw);
      }
      if (!parameter.default_value) {
        std::vector<NamedValue> parameters = good.parameters;
        std::erase_if(parameters, [&](const NamedValue &one) { return one.name == parameter.name; });
        job.parameters = parameters;
        if (std::string flaw = refusal(run + "no " + parameter.name, job, invalid); !flaw.empty())
          return broken(flaw);
      }
    }
    if (procedure.min_samples == 0)
      continue;
    job = good.job();
    job.samples = job.samples.first(procedure.min_samples - 1);
    if (std::string flaw = refusal(run + "one sample too few", job, invalid); !flaw.empty())
      return broken(flaw);
    job.samples = {};
    if (std::string flaw = refusal(run + "no samples", job, invalid); !flaw.empty())
      return broken(flaw);
    for (const unsigned bits : {0U, 9U, 255U}) {
      job = good.job();
      job.sample_bits = static_cast<std::uint8_t>(bits);
      if (std::string flaw = refusal(run + "samples of " + std::to_string(bits) + " bits", job, invalid); !flaw.empty())
        return broken(flaw);
    }
    std::vector<std::uint8_t> wide = good.samples;
    wide.back() = 1U << Job::bits;
    job = good.job();
    job.samples = wide;
    if (std::string flaw = refusal(run + "a sample that is wider than the others", job, invalid); !flaw.empty())
      return broken(flaw);
  }
  return holds();
}

std::string flaw_of(const Assessment &result, const ProcedureInfo &procedure) {
  if (result.verdict > Verdict::fail)
    return "it gives a verdict that there is not";
  if (result.min_entropy && !(*result.min_entropy >= 0))
    return "it gives a min-entropy of " + std::to_string(*result.min_entropy);
  if (result.min_entropy && procedure.min_samples != 0 && *result.min_entropy > Job::bits)
    return "it gives " + std::to_string(*result.min_entropy) + " bits of min-entropy for samples of " +
           std::to_string(Job::bits) + " bits";
  if (procedure.min_samples != 0 && result.symbols != 1U << Job::bits)
    return "it counts " + std::to_string(result.symbols) + " different symbols, and there are " +
           std::to_string(1U << Job::bits);
  for (const AssessmentRow &row : result.rows) {
    if (!is_json_name(row.group) || !is_json_name(row.name))
      return "a row is called '" + row.group + "', '" + row.name + "': small letters, digits, - and _ make a name";
    if (!row.value && row.note.empty())
      return "row '" + row.name + "' has no value, and no note that says why";
  }
  for (const NamedValue &figure : result.figures)
    if (!is_json_name(figure.name))
      return "a figure is called '" + figure.name + "'";
  for (const std::string &warning : result.warnings)
    if (warning.empty() || !flaw_of_line("", warning).empty())
      return "a warning is empty, or not one line";
  return {};
}

std::string quoted(const ProcedureInfo &procedure) {
  return "'" + procedure.name + "'";
}

Finding answers_alike(const EntropyAssessment &assessment, World &world) {
  std::string left_out;
  std::size_t tried = 0;
  const auto spans = static_cast<std::int64_t>(8 * std::max<std::size_t>(assessment.procedures().size(), 1));
  for (const ProcedureInfo &procedure : assessment.procedures()) {
    const Job job(procedure);
    note_step("run '" + procedure.name + "'");
    std::optional<Assessment> first;
    for (const unsigned threads : {1U, 1U, 3U}) {
      TrialControl control(world.time / spans * (first ? 3 : 1));
      auto result = assessment.run(job.job(threads), control);
      if (!result && (result.error().code == ErrorCode::cancelled ||
                      (result.error().code == ErrorCode::invalid_argument && !job.parameters.empty()))) {
        if (std::string flaw = verify::flaw_of(result.error()); !flaw.empty())
          return broken(of(procedure) + flaw);
        left_out += (left_out.empty() ? "" : ", ") + quoted(procedure);
        break;
      }
      if (!result)
        return broken(of(procedure) + "fails: " + words_of(result.error()));
      if (std::string flaw = flaw_of(*result, procedure); !flaw.empty())
        return broken(of(procedure) + "has a result that will not do: " + flaw);
      if (first && !same(*first, *result))
        return broken(of(procedure) + "gives another result " +
                      (threads == 1 ? "the second time" : "with three threads"));
      ++tried;
      first = *std::move(result);
    }
  }
  return tried == 0 ? not_tried("all take too long, or parameters that are not known here: " + left_out)
                    : holds(left_out.empty() ? "" : "not wholly tried, for time or parameters: " + left_out);
}

Finding hears_interruptions(const EntropyAssessment &assessment, World &) {
  for (const ProcedureInfo &procedure : assessment.procedures()) {
    const Job job(procedure);
    note_step("stop '" + procedure.name + "' when it is interrupted");
    TrialControl interrupted(std::chrono::nanoseconds(0));
    const auto result = assessment.run(job.job(), interrupted);
    if (result || result.error().code == ErrorCode::cancelled ||
        (result.error().code == ErrorCode::invalid_argument && !job.parameters.empty()))
      continue;
    return broken(of(procedure) + "answers an interruption with an error of another code: " + words_of(result.error()));
  }
  return holds();
}

Finding runs_without_memory(const EntropyAssessment &assessment, World &world) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  std::string left_out;
  for (const ProcedureInfo &procedure : assessment.procedures()) {
    const Job job(procedure);
    // As often as there are allocations: only what is quick.
    TrialControl patience(world.time / 1000);
    const auto expected = assessment.run(job.job(), patience);
    if (!expected) {
      left_out += (left_out.empty() ? "" : ", ") + quoted(procedure);
      continue;
    }
    TrialControl control;
    std::string trouble = trouble_without_memory(
        "run '" + procedure.name + "'", [&] { return assessment.run(job.job(), control); },
        [&](const Result<Assessment> &result) {
          return same(*expected, *result) ? "" : "it gives another result, and no error";
        });
    if (!trouble.empty())
      return broken(trouble);
  }
  return holds(left_out.empty() ? ""
                                : "without those that take long, or parameters that are not known here: " + left_out);
}

constexpr std::array laws{
    Law<EntropyAssessment>{"description", "describes procedures and parameters that can be", describes_itself},
    Law<EntropyAssessment>{"jobs", "refuses samples and parameters that cannot be", refuses_wrong_jobs},
    Law<EntropyAssessment>{"results", "gives one result for one job, on any number of threads", answers_alike},
    Law<EntropyAssessment>{"interruption", "ends when it is interrupted", hears_interruptions},
    Law<EntropyAssessment>{"memory", "fails with an error where memory ends", runs_without_memory},
};

} // namespace

template <> std::span<const Law<EntropyAssessment>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
