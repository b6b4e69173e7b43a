// The restart tests: their cutoff, and their figures beside NIST's.
#include "entropy_assessments/sp800_90b/iid/chi_square.hpp"
#include "entropy_assessments/sp800_90b/iid/statistics.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/restart/cutoff.hpp"
#include "entropy_assessments/sp800_90b/restart/rows.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

#include "plugins/entropy_assessments/reference_values.hpp"
#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::make_samples;
using ::ntpkeygen::test::ReferenceRun;
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::succeeded;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const double alpha = 1 - std::exp(std::log(0.99) / 2000); // section 3.1.4.3

// The publication's worst case: as many symbols of the highest probability as there can be, and one of the rest.
std::vector<double> distribution(double min_entropy) {
  const double p = std::pow(2.0, -min_entropy);
  std::vector<double> all(static_cast<std::size_t>(std::floor(1 / p)), p);
  if (const double rest = 1 - p * static_cast<double>(all.size()); rest > 0)
    all.push_back(rest);
  return all;
}

// Every sequence of samples, one by one.
double exceeds_by_enumeration(const std::vector<double> &probabilities, unsigned samples, unsigned x) {
  std::vector<unsigned> counts(probabilities.size());
  const auto sum = [&](const auto &self, unsigned left, double probability) -> double {
    if (left == 0)
      return std::ranges::max(counts) > x ? probability : 0;
    double all = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      ++counts[i];
      all += self(self, left - 1, probability * probabilities[i]);
      --counts[i];
    }
    return all;
  };
  return sum(sum, samples, 1);
}

// Symbol after symbol: how many of the samples that are left are this one, if it is none of those before.
double exceeds_by_symbols(const std::vector<double> &probabilities, unsigned samples, unsigned x) {
  std::vector<long double> log_factorial(samples + 1);
  for (unsigned i = 0; i <= samples; ++i)
    log_factorial[i] = std::lgamma(i + 1.0L);
  std::vector<long double> within(samples + 1); // that all are within x so far, by how many samples are left
  within[samples] = 1;
  long double left_over = 1;
  for (const double p : probabilities) {
    const long double share = std::min(1.0L, p / left_over);
    std::vector<long double> next(samples + 1);
    for (unsigned left = 0; left <= samples; ++left) {
      if (within[left] == 0)
        continue;
      for (unsigned count = 0; count <= std::min(left, x); ++count) {
        if (share == 1 && count != left)
          continue;
        const long double log_ways = log_factorial[left] - log_factorial[count] - log_factorial[left - count];
        const long double rest = share == 1 ? 0 : static_cast<long double>(left - count) * std::log1p(-share);
        next[left - count] += within[left] * std::exp(log_ways + count * std::log(share) + rest);
      }
    }
    within = next;
    left_over -= p;
  }
  return static_cast<double>(1 - within[0]);
}

TEST(LargestCountCutoff, IsTheFirstNumberThatIsRarelyExceeded) {
  for (const double h : {0.0, 0.1, 0.4, 0.9, 1.0, 1.3, 1.6, 2.0})
    for (const unsigned samples : {1U, 2U, 5U, 8U})
      for (const double rarely : {0.97, 0.74, 0.5, 0.45, 0.2, 0.05, 0.003}) {
        SCOPED_TRACE(testing::Message() << h << " bits, " << samples << " samples, " << rarely);
        unsigned expected = samples;
        while (expected > 1 && exceeds_by_enumeration(distribution(h), samples, expected - 1) <= rarely)
          --expected;
        EXPECT_EQ(largest_count_cutoff(samples, h, rarely), expected);
      }
}

TEST(LargestCountCutoff, OfAThousandSamples) {
  for (const double h : {0.001, 0.3, 0.82, 1.0, std::log2(3.0), 2.5, 5.1, 7.8}) {
    SCOPED_TRACE(h);
    const std::uint32_t cutoff = largest_count_cutoff(1000, h, alpha);
    EXPECT_LE(exceeds_by_symbols(distribution(h), 1000, cutoff), alpha);
    EXPECT_GT(exceeds_by_symbols(distribution(h), 1000, cutoff - 1), alpha);
  }
  EXPECT_EQ(largest_count_cutoff(1000, 0, alpha), 1000U);
  EXPECT_EQ(largest_count_cutoff(1000, 1e-20, alpha), 1000U);
}

// NIST's tool simulates it in five million rounds, of which 25 decide: it is off by one or two at times.
TEST(LargestCountCutoff, IsNearTheOneThatNistsToolSimulates) {
  std::ifstream file(NTPKEYGEN_VECTORS "/entropy/restart_cutoff.txt");
  unsigned compared = 0;
  for (std::string line; std::getline(file, line);) {
    double h = 0;
    unsigned simulated = 0;
    if (line.starts_with('#') || std::sscanf(line.c_str(), "%lf %u", &h, &simulated) != 2)
      continue;
    ++compared;
    EXPECT_NEAR(largest_count_cutoff(1000, h, alpha), simulated, h < 2 ? 2 : 1) << h;
  }
  EXPECT_GE(compared, 10U);
}

class RestartTest : public ::testing::Test {
protected:
  RestartTest() {
    EXPECT_TRUE(succeeded(enroll(registrar_)));
    assessment_ = registrar_.entropy_assessments.front().get();
  }
  Result<Assessment> run(const Samples &samples, unsigned bits, double h_i, bool iid = false) {
    const std::array parameters{NamedValue{"h_i", h_i}, NamedValue{"iid", iid ? 1.0 : 0.0}};
    AssessmentJob job;
    job.procedure = "restart";
    job.samples = samples;
    job.sample_bits = static_cast<std::uint8_t>(bits);
    job.threads = 2;
    job.parameters = parameters;
    return assessment_->run(job, control_);
  }
  static const AssessmentRow *row(const Assessment &assessment, const std::string &name) {
    for (const AssessmentRow &each : assessment.rows)
      if (each.group + "." + each.name == name)
        return &each;
    return nullptr;
  }
  static double figure(const Assessment &assessment, std::string_view name) {
    const auto found = std::ranges::find(assessment.figures, name, &NamedValue::name);
    return found == assessment.figures.end() ? NAN : found->value;
  }

  test::CollectingRegistrar registrar_;
  test::RecordingControl control_;
  const EntropyAssessment *assessment_ = nullptr;
};

TEST_F(RestartTest, FiguresAreThoseOfNistsTool) {
  for (const ReferenceRun &reference : test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/restart.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const double h_i = std::stod(reference.options.at(0));
    const auto result =
        run(make_samples(reference.kind, reference.seed, reference.bits, reference.size), reference.bits, h_i);
    ASSERT_TRUE(succeeded(result));
    double h_r = reference.bits, h_c = reference.bits;
    for (const auto &[name, value] : reference.values) {
      if (name == "alpha" || name == "x_max") {
        EXPECT_NEAR(figure(*result, name), value, 1e-11 * value) << name;
      } else if (name == "passed") {
        EXPECT_EQ(result->verdict, value != 0 ? Verdict::pass : Verdict::fail);
        EXPECT_EQ(result->min_entropy.has_value(), value != 0);
      } else if (name.starts_with("row.") || name.starts_with("column.")) {
        const AssessmentRow *ours = row(*result, name);
        ASSERT_NE(ours, nullptr) << name;
        ASSERT_TRUE(ours->value.has_value()) << name;
        EXPECT_NEAR(*ours->value, value, 1e-12 * value) << name;
        double &least = name.starts_with("row.") ? h_r : h_c;
        least = std::min(least, *ours->value);
      }
    }
    if (reference.values.contains("row.lag")) {
      EXPECT_EQ(figure(*result, "h_r"), h_r);
      EXPECT_EQ(figure(*result, "h_c"), h_c);
      if (result->min_entropy) {
        EXPECT_EQ(*result->min_entropy, std::min({h_r, h_c, h_i}));
      }
    }
  }
}

// The figures of the IID track, of rows and of columns; permutations of so much data would take minutes.
TEST(RestartIidFigures, AreThoseOfNistsTool) {
  Work work;
  unsigned compared = 0;
  for (const ReferenceRun &reference : test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/restart_iid.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const Samples rows = make_samples(reference.kind, reference.seed, reference.bits, reference.size);
    ASSERT_EQ(rows.size(), 1'000'000U);
    std::map<std::string, double> ours;
    for (const bool by_column : {false, true}) {
      const Samples samples = by_column ? restart_columns(rows) : rows;
      const std::string whose = by_column ? "column" : "row";
      const Symbols symbols(samples);
      ours[whose + ".most_common_value"] = most_common_value(symbols.mapped).min_entropy.value();
      for (const auto &[name, test] : {std::pair{"independence", chi_square_independence(symbols, work)},
                                       {"goodness_of_fit", chi_square_goodness_of_fit(symbols, work)}}) {
        const std::string row = whose + "_chi_square." + name;
        ours[row] = test.t;
        ours[row + ".degrees_of_freedom"] = test.degrees;
        ours[row + ".p_value"] = test.p_value;
      }
      const LongestRepeat repeat = longest_repeat(symbols, work);
      const std::string row = whose + "_longest_repeated_substring.length";
      ours[row] = static_cast<double>(repeat.length);
      ours[row + ".p_col"] = repeat.p_collision;
      ours[row + ".p_value"] = repeat.p_value;
      ours["x_max"] = std::max(ours["x_max"], static_cast<double>(largest_restart_count(samples)));
      if (by_column)
        continue;
      Statistics statistics{};
      StatisticsOfOrder(samples, symbols).compute(symbols.mapped, Wanted().set(), statistics, work);
      for (std::size_t i = 0; i < statistics.size(); ++i)
        ours[std::string("row_permutation.") + statistic_names[i]] = statistics[i];
    }
    ours["alpha"] = restart_alpha();
    for (const auto &[name, value] : reference.values) {
      ASSERT_TRUE(ours.contains(name)) << name;
      EXPECT_NEAR(ours[name], value, (name.ends_with(".p_value") ? 1e-10 : 1e-11) * std::fabs(value)) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 3 * 41U);
}

// Each restart begins with the same samples: no row shows it, the columns do.
TEST_F(RestartTest, FindsWhatEveryRestartHasInCommon) {
  Samples samples = make_samples("uniform", 20, 3, 1'000'000);
  for (std::size_t restart = 0; restart < 1000; ++restart)
    samples[restart * 1000] = 5;
  const auto result = run(samples, 3, 2.5);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(row(*result, "sanity_check.x_r")->verdict, Verdict::pass);
  EXPECT_EQ(row(*result, "sanity_check.x_c")->verdict, Verdict::fail);
  EXPECT_EQ(row(*result, "sanity_check.x_c")->value, 1000);
  EXPECT_EQ(result->verdict, Verdict::fail);
  EXPECT_FALSE(result->min_entropy.has_value());
  EXPECT_THAT(result->warnings, Contains(HasSubstr("occurs too often in one row or column")));
}

// One row in which a symbol comes often, too little to be seen in all that the estimators look at.
TEST_F(RestartTest, ASymbolThatIsTooFrequentInARowIsEnoughToFail) {
  Samples samples = make_samples("uniform", 21, 3, 1'000'000);
  for (std::size_t i = 0; i < 1000; i += 3)
    samples[417'000 + i] = 5;
  const auto result = run(samples, 3, 2.5);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(row(*result, "sanity_check.x_r")->verdict, Verdict::fail);
  EXPECT_EQ(row(*result, "sanity_check.x_c")->verdict, Verdict::pass);
  EXPECT_EQ(row(*result, "validation.entropy")->verdict, Verdict::pass);
  EXPECT_EQ(result->verdict, Verdict::fail);
  EXPECT_FALSE(result->min_entropy.has_value());
}

// Figures that pass the counts: half of the initial entropy is what has to be left.
TEST_F(RestartTest, HalfOfTheInitialEntropyHasToBeLeft) {
  const Samples samples = make_samples("chain", 2, 4, 1'000'000);
  const auto good = run(samples, 4, 0.4);
  ASSERT_TRUE(succeeded(good));
  const double least = std::min(figure(*good, "h_r"), figure(*good, "h_c"));
  ASSERT_LT(least, 1.5);
  EXPECT_EQ(good->verdict, Verdict::pass);
  EXPECT_EQ(good->min_entropy, 0.4);
  const auto bad = run(samples, 4, least * 2 + 1e-9);
  ASSERT_TRUE(succeeded(bad));
  EXPECT_EQ(row(*bad, "sanity_check.x_c")->verdict, Verdict::pass);
  EXPECT_EQ(row(*bad, "validation.entropy")->verdict, Verdict::fail);
  EXPECT_EQ(bad->verdict, Verdict::fail);
  EXPECT_FALSE(bad->min_entropy.has_value());
}

TEST_F(RestartTest, OneSymbolHasNoEntropy) {
  const auto result = run(Samples(1'000'000, 1), 1, 0.1);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->verdict, Verdict::fail);
  EXPECT_EQ(figure(*result, "x_max"), 1000);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("all samples are the same")));
  // Where none is claimed, a thousand times the same is the cutoff, and not over it.
  const auto none = run(Samples(1'000'000, 1), 1, 0);
  ASSERT_TRUE(succeeded(none));
  EXPECT_EQ(figure(*none, "x_cutoff"), 1000);
  EXPECT_EQ(row(*none, "sanity_check.x_r")->verdict, Verdict::pass);
  EXPECT_EQ(none->min_entropy, 0);
}

TEST_F(RestartTest, RefusesWhatIsNoRestartData) {
  const auto refused = [&](const Result<Assessment> &result, const char *message) {
    ASSERT_TRUE(failed_with(result, ErrorCode::invalid_argument));
    EXPECT_THAT(result.error().message, HasSubstr(message));
  };
  refused(run(Samples(999'999), 1, 0.5), "999,999 samples are too few");
  refused(run(Samples(1'000'001), 1, 0.5), "1,000 restarts, and not 1000001");
  refused(run(Samples(1'000'000), 4, 4.5), "more than the 4 bits that a sample has");
  refused(run(Samples(1'000'000), 4, -1), "the parameter 'h_i' cannot be -1");
  AssessmentJob job;
  job.procedure = "restart";
  const Samples samples(1'000'000);
  job.samples = samples;
  refused(assessment_->run(job, control_), "needs the parameter 'h_i'");
  control_.cancel = true;
  EXPECT_TRUE(failed_with(run(make_samples("uniform", 1, 2, 1'000'000), 2, 1), ErrorCode::cancelled));
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
