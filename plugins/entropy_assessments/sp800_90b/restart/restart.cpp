// The procedure "restart": section 3.1.4, whether samples that were taken just after a restart are as good as later
// ones.

#include "entropy_assessments/sp800_90b/iid/iid_tests.hpp"
#include "entropy_assessments/sp800_90b/non_iid/estimates.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/procedure.hpp"
#include "entropy_assessments/sp800_90b/restart/cutoff.hpp"
#include "entropy_assessments/sp800_90b/restart/rows.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// One of the two datasets, on its way to its entropy.
struct Dataset {
  Dataset(const char *whose, std::span<const std::uint8_t> raw) : name(whose), samples(raw), symbols(raw) {
    if (symbols.alphabet == 2)
      bits.emplace(symbols.mapped, 1U);
  }

  void add_tasks(std::vector<Task> &tasks) {
    bits ? add_estimators(tasks, *bits, estimates) : add_estimators(tasks, symbols, estimates);
  }

  const char *name;
  std::span<const std::uint8_t> samples;
  Symbols symbols;
  std::optional<BitString> bits{}; // the samples themselves, where there are two different ones
  Estimates estimates{};
  double min_entropy = 0; // H_r or H_c
};

Verdict verdict_of(bool passed) {
  return passed ? Verdict::pass : Verdict::fail;
}

// Section 3.1.4.3.
bool check_counts(const CheckedJob &job, std::span<const std::uint8_t> columns, double h_i, Assessment &assessment) {
  const double alpha = restart_alpha();
  const double cutoff = largest_count_cutoff(samples_of_one, h_i, alpha);
  const double x_r = largest_restart_count(job.samples), x_c = largest_restart_count(columns);
  const auto add = [&](const char *name, double x) {
    assessment.rows.push_back({"sanity_check", name, x, verdict_of(x <= cutoff), {{"x_cutoff", cutoff}}, {}});
  };
  add("x_r", x_r);
  add("x_c", x_c);
  assessment.figures.push_back({"alpha", alpha});
  assessment.figures.push_back({"x_cutoff", cutoff});
  assessment.figures.push_back({"x_max", std::max(x_r, x_c)});
  return std::max(x_r, x_c) <= cutoff;
}

Result<void> estimate(const CheckedJob &job, std::array<Dataset, 2> &datasets, Assessment &assessment,
                      RunControl &control) {
  std::vector<Task> tasks;
  for (Dataset &dataset : datasets)
    dataset.add_tasks(tasks);
  std::ranges::stable_sort(tasks, std::greater(), &Task::weight);
  if (Result<void> done = run_tasks(tasks, job.threads, "rows and columns", control); !done)
    return done;
  for (Dataset &dataset : datasets)
    dataset.min_entropy = take_rows(assessment, dataset.name, dataset.estimates, job.sample_bits);
  return {};
}

// The other track. False: a test was failed.
Result<bool> test(const CheckedJob &job, std::array<Dataset, 2> &datasets, Assessment &assessment,
                  RunControl &control) {
  bool all_passed = true;
  for (Dataset &dataset : datasets) {
    auto passed = add_iid_tests(assessment, {dataset.samples, dataset.symbols, std::string(dataset.name) + "_"},
                                job.seed, job.threads, control);
    if (!passed)
      return passed;
    all_passed = all_passed && *passed;
  }
  for (Dataset &dataset : datasets) {
    Estimate found = most_common_value(dataset.symbols.mapped);
    dataset.min_entropy = std::min<double>(job.sample_bits, *found.min_entropy);
    assessment.rows.push_back({dataset.name, "most_common_value", found.min_entropy, Verdict::none,
                               std::move(found.details), std::move(found.note)});
  }
  return all_passed;
}

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  if (job.samples.size() != std::size_t{restarts} * samples_of_one)
    return failure(ErrorCode::invalid_argument,
                   "restart data has 1,000,000 samples, the first 1,000 after each of 1,000 restarts, and not " +
                       std::to_string(job.samples.size()),
                   "see SP 800-90B section 3.1.4.1");
  const double h_i = job.parameter("h_i");
  if (h_i > job.sample_bits)
    return failure(ErrorCode::invalid_argument,
                   "an initial entropy of " + std::to_string(h_i) + " bits is more than the " +
                       std::to_string(unsigned{job.sample_bits}) + " bits that a sample has");

  const std::vector<std::uint8_t> columns = restart_columns(job.samples);
  Assessment assessment;
  const bool counts_passed = check_counts(job, columns, h_i, assessment);
  std::array<Dataset, 2> datasets{Dataset("row", job.samples), Dataset("column", columns)};
  assessment.symbols = datasets.front().symbols.alphabet;
  bool tests_passed = true;
  if (assessment.symbols == 1) {
    assessment.warnings.emplace_back("all samples are the same: no entropy is awarded, and nothing is estimated");
  } else if (job.parameter("iid") != 0) {
    auto passed = test(job, datasets, assessment, control);
    if (!passed)
      return failure(std::move(passed).error());
    tests_passed = *passed;
  } else if (Result<void> done = estimate(job, datasets, assessment, control); !done) {
    return failure(std::move(done).error());
  }

  // Section 3.1.4.2.
  const double h_r = datasets[0].min_entropy, h_c = datasets[1].min_entropy;
  const bool validated = std::min(h_r, h_c) >= h_i / 2;
  assessment.rows.push_back(
      {"validation", "entropy", std::min(h_r, h_c), verdict_of(validated), {{"half_of_h_i", h_i / 2}}, {}});
  for (const auto &[name, value] : {std::pair{"h_i", h_i}, {"h_r", h_r}, {"h_c", h_c}})
    assessment.figures.push_back({name, value});
  if (!counts_passed)
    assessment.warnings.emplace_back("a symbol occurs too often in one row or column for the initial entropy: the "
                                     "restart data does not support it");
  if (!tests_passed)
    assessment.warnings.emplace_back("rows or columns are not independent and identically distributed: use the other "
                                     "track, for the initial entropy, too");
  if (!validated)
    assessment.warnings.emplace_back("rows or columns have less than half of the initial entropy: no entropy is "
                                     "awarded to the source (SP 800-90B section 3.1.4.2)");
  assessment.verdict = verdict_of(
      std::ranges::none_of(assessment.rows, [](const AssessmentRow &row) { return row.verdict == Verdict::fail; }));
  if (assessment.verdict == Verdict::pass)
    assessment.min_entropy = std::min({h_r, h_c, h_i});
  return assessment;
}

} // namespace

Procedure restart() {
  return {
      {"restart",
       "the restart tests of section 3.1.4, of 1000 samples after each of 1000 restarts, one restart after another",
       1000000,
       1000000,
       true,
       {{"h_i", "the initial entropy estimate of a sample (section 3.1.3)", std::nullopt, 0, 8, false},
        {"iid", "1 where the initial entropy estimate is for samples that are independent and identically distributed",
         0, 0, 1, true}}},
      run};
}

} // namespace ntpkeygen::plugins::sp800_90b
