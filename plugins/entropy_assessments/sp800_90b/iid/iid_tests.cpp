#include "entropy_assessments/sp800_90b/iid/iid_tests.hpp"

#include "entropy_assessments/sp800_90b/iid/chi_square.hpp"
#include "entropy_assessments/sp800_90b/iid/permutation_tests.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

Verdict verdict_of(bool passed) {
  return passed ? Verdict::pass : Verdict::fail;
}

AssessmentRow chi_square_row(const std::string &prefix, const char *name, const ChiSquare &test) {
  return {prefix + "chi_square",
          name,
          test.t,
          verdict_of(test.passed()),
          {{"degrees_of_freedom", test.degrees}, {"p_value", test.p_value}},
          {}};
}

} // namespace

Result<bool> add_iid_tests(Assessment &assessment, const TestedSamples &dataset, std::uint64_t seed, unsigned threads,
                           RunControl &control) {
  const std::size_t rows_before = assessment.rows.size();
  LongestRepeat repeat;
  ChiSquare independence, fit;
  const std::vector<Task> short_ones{{10, [&](Work &work) { repeat = longest_repeat(dataset.symbols, work); }},
                                     {1, [&](Work &work) {
                                        independence = chi_square_independence(dataset.symbols, work);
                                        fit = chi_square_goodness_of_fit(dataset.symbols, work);
                                      }}};
  auto permutations = permutation_tests(dataset.samples, dataset.symbols, seed, threads, short_ones, control);
  if (!permutations)
    return failure(std::move(permutations).error());

  for (std::size_t i = 0; i < statistic_names.size(); ++i) {
    const Counts &counts = permutations->counts[i];
    assessment.rows.push_back({dataset.prefix + "permutation",
                               statistic_names[i],
                               permutations->original[i],
                               verdict_of(counts.decided()),
                               {{"c_0", static_cast<double>(counts.over)},
                                {"c_1", static_cast<double>(counts.equal)},
                                {"c_2", static_cast<double>(counts.under)}},
                               {}});
  }
  assessment.rows.push_back(chi_square_row(dataset.prefix, "independence", independence));
  assessment.rows.push_back(chi_square_row(dataset.prefix, "goodness_of_fit", fit));
  assessment.rows.push_back({dataset.prefix + "longest_repeated_substring",
                             "length",
                             static_cast<double>(repeat.length),
                             verdict_of(repeat.passed),
                             {{"p_col", repeat.p_collision}, {"p_value", repeat.p_value}},
                             {}});
  assessment.figures.push_back({dataset.prefix + "permutations", static_cast<double>(permutations->permutations)});
  return std::ranges::none_of(std::span(assessment.rows).subspan(rows_before),
                              [](const AssessmentRow &row) { return row.verdict == Verdict::fail; });
}

} // namespace ntpkeygen::plugins::sp800_90b
