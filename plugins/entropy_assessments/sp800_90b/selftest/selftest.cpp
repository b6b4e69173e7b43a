// The procedure "selftest": does this build, on this machine, come to the reference's figures? Samples are made by the
// program itself.

#include "entropy_assessments/sp800_90b/iid/chi_square.hpp"
#include "entropy_assessments/sp800_90b/iid/statistics.hpp"
#include "entropy_assessments/sp800_90b/procedure.hpp"
#include "entropy_assessments/sp800_90b/restart/cutoff.hpp"
#include "entropy_assessments/sp800_90b/selftest/dataset.hpp"
#include "entropy_assessments/sp800_90b/selftest/reference_values.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

class Comparison {
public:
  explicit Comparison(Assessment &assessment) : assessment_(assessment) {}
  void add(std::string group, std::string name, std::optional<double> ours, double reference) {
    const bool same = ours && is_figure(*ours, reference);
    passed_ += same;
    assessment_.rows.push_back({std::move(group),
                                std::move(name),
                                ours,
                                same ? Verdict::pass : Verdict::fail,
                                {{"reference", reference}},
                                ours ? "" : "there is no figure"});
  }
  void finish() {
    const std::size_t all = assessment_.rows.size();
    assessment_.figures = {{"compared", static_cast<double>(all)}, {"equal", static_cast<double>(passed_)}};
    assessment_.verdict = passed_ == all ? Verdict::pass : Verdict::fail;
    if (passed_ != all)
      assessment_.warnings.emplace_back("figures differ from the reference's: do not use what this build says");
  }

private:
  Assessment &assessment_;
  std::size_t passed_ = 0;
};

// What the two tracks say of a dataset, as reference_values.hpp has it.
struct Figures {
  Assessment non_iid{};
  Statistics statistics{};
  ChiSquare independence{}, fit{};
  LongestRepeat repeat{};

  [[nodiscard]] std::optional<double> find(std::string_view group, std::string_view name) const {
    if (group == "permutation")
      for (std::size_t i = 0; i < statistic_names.size(); ++i)
        if (name == statistic_names[i])
          return statistics[i];
    if (group == "chi_square")
      return name == "independence" ? independence.t : fit.t;
    if (group == "longest_repeated_substring")
      return static_cast<double>(repeat.length);
    if (group.empty() && name == "min_entropy")
      return non_iid.min_entropy;
    if (group.empty()) {
      const auto figure = std::ranges::find(non_iid.figures, name, &NamedValue::name);
      return figure == non_iid.figures.end() ? std::nullopt : std::optional(figure->value);
    }
    for (const AssessmentRow &row : non_iid.rows)
      if (row.group == group && row.name == name)
        return row.value;
    return std::nullopt;
  }
};

Result<Figures> assess(const SelftestDataset &dataset, unsigned threads, RunControl &control) {
  const std::vector<std::uint8_t> samples = make_selftest_samples(dataset);
  CheckedJob job;
  job.samples = samples;
  job.sample_bits = dataset.bits;
  job.threads = threads;
  job.parameters = {{"conditioned", dataset.conditioned ? 1.0 : 0.0}};
  Figures figures;
  auto assessment = non_iid().run(job, control);
  if (!assessment)
    return failure(std::move(assessment).error());
  figures.non_iid = std::move(*assessment);
  const Symbols symbols(samples);
  const std::vector<Task> tasks{
      {1, [&](Work &work) {
         StatisticsOfOrder(samples, symbols).compute(symbols.mapped, Wanted().set(), figures.statistics, work);
         figures.independence = chi_square_independence(symbols, work);
         figures.fit = chi_square_goodness_of_fit(symbols, work);
         figures.repeat = longest_repeat(symbols, work);
       }}};
  if (Result<void> done = run_tasks(tasks, threads, "selftest", control); !done)
    return failure(std::move(done).error());
  return figures;
}

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  Assessment assessment;
  Comparison comparison(assessment);
  for (const SelftestDataset &dataset : selftest_datasets) {
    const auto figures = assess(dataset, job.threads, control);
    if (!figures)
      return failure(figures.error());
    for (const ReferenceValue &reference : reference_values) {
      if (std::string_view(reference.dataset) != dataset.name)
        continue;
      const std::string_view group = reference.group;
      std::string name = group.empty() ? reference.name : std::string(group) + "_" + reference.name;
      comparison.add(dataset.name, std::move(name), figures->find(group, reference.name), reference.value);
    }
  }
  for (const ReferenceConditioning &reference : reference_conditioning) {
    CheckedJob conditioning_job;
    conditioning_job.parameters = {{"n_in", reference.n_in},
                                   {"n_out", reference.n_out},
                                   {"nw", reference.nw},
                                   {"h_in", reference.h_in},
                                   {"vetted", 1},
                                   {"h_prime", 0}};
    const auto result = conditioning().run(conditioning_job, control);
    comparison.add("conditioning", reference.name, result ? result->min_entropy : std::nullopt,
                   reference.output_entropy);
  }
  const double alpha = restart_alpha();
  for (const ReferenceCutoff &reference : reference_cutoffs)
    comparison.add("restart_cutoff", reference.name, largest_count_cutoff(1000, reference.min_entropy, alpha),
                   reference.cutoff);
  comparison.finish();
  return assessment;
}

} // namespace

bool is_figure(double ours, double reference) noexcept {
  return std::fabs(ours - reference) <= 1e-12 * std::fabs(reference);
}

Procedure selftest() {
  return {{"selftest",
           "compares figures for built-in data with those of NIST's tool; it takes no samples",
           0,
           0,
           false,
           {}},
          run};
}

} // namespace ntpkeygen::plugins::sp800_90b
