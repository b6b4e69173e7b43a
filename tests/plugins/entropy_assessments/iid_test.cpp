// The IID track's statistics and tests one by one, with NIST's figures, and its permutations.
#include "entropy_assessments/sp800_90b/iid/chi_square.hpp"
#include "entropy_assessments/sp800_90b/iid/iid_tests.hpp"
#include "entropy_assessments/sp800_90b/iid/permutation_tests.hpp"
#include "entropy_assessments/sp800_90b/non_iid/compression.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"

#include "plugins/entropy_assessments/reference_values.hpp"
#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::make_samples;
using ::ntpkeygen::test::ReferenceRun;
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::succeeded;

TEST(IidFigures, AreThoseOfNistsTool) {
  Work work;
  for (const ReferenceRun &reference : test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/iid.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const Samples samples = make_samples(reference.kind, reference.seed, reference.bits, reference.size);
    const Symbols symbols(samples);
    std::map<std::string, double> ours;
    Statistics statistics{};
    StatisticsOfOrder(samples, symbols).compute(symbols.mapped, Wanted().set(), statistics, work);
    for (std::size_t i = 0; i < statistics.size(); ++i)
      ours[std::string("permutation.") + statistic_names[i]] = statistics[i];
    const auto put = [&ours](const std::string &name, const ChiSquare &test) {
      ours["chi_square." + name] = test.t;
      ours["chi_square." + name + ".degrees_of_freedom"] = test.degrees;
      ours["chi_square." + name + ".p_value"] = test.p_value;
    };
    put("independence", chi_square_independence(symbols, work));
    put("goodness_of_fit", chi_square_goodness_of_fit(symbols, work));
    const LongestRepeat repeat = longest_repeat(symbols, work);
    ours["longest_repeated_substring.length"] = static_cast<double>(repeat.length);
    ours["longest_repeated_substring.length.p_col"] = repeat.p_collision;
    ours["longest_repeated_substring.length.p_value"] = repeat.p_value;
    ours["literal.most_common_value"] = most_common_value(symbols.mapped).min_entropy.value();
    ours["bitstring.most_common_value"] = most_common_value(BitString(samples, reference.bits)).min_entropy.value();
    EXPECT_EQ(repeat.passed, repeat.p_value >= 0.001);
    for (const auto &[name, value] : reference.values) {
      ASSERT_TRUE(ours.contains(name)) << name;
      // The tool computes p-values in double precision, and has nothing left of those below 1e-18.
      const bool is_p = name.ends_with(".p_value");
      EXPECT_NEAR(ours[name], value, (is_p ? 1e-10 : 1e-12) * std::fabs(value) + (is_p ? 1e-18 : 0)) << name;
    }
  }
}

// Of many samples, each statistic takes a while.
TEST(IidFigures, AreLeftOutOnceAllIsCancelled) {
  Work work;
  work.cancel();
  const Samples samples = make_samples("uniform", 7, 4, 5001);
  const Symbols symbols(samples);
  Statistics statistics{};
  StatisticsOfOrder(samples, symbols).compute(symbols.mapped, Wanted().set(), statistics, work);
  EXPECT_EQ(statistics, Statistics{});
  EXPECT_FALSE(compression(BitString(samples, 4), work).min_entropy);
}

class PermutationTestsTest : public ::testing::Test {
protected:
  Result<PermutationTests> run(const Samples &samples, std::uint64_t seed, unsigned threads) {
    return permutation_tests(samples, Symbols(samples), seed, threads, {}, control_);
  }
  test::RecordingControl control_;
};

// A single statistic may take all permutations.
TEST(PermutationTests, AreAsFarAsTheLastStatistic) {
  EXPECT_EQ(share_done(Wanted().set(), 0), 0);
  EXPECT_DOUBLE_EQ(share_done(Wanted(1), 12), 0.0012);
  EXPECT_EQ(share_done(Wanted(1), 10001), 1); // the samples as they came are one more
  EXPECT_EQ(share_done(Wanted(), 12), 1);
}

TEST_F(PermutationTestsTest, DependOnTheSeedAndNotOnThreads) {
  for (const unsigned bits : {1U, 5U, 8U}) {
    SCOPED_TRACE(bits);
    const Samples samples = make_samples("uniform", 7, bits, 5001);
    const auto one = run(samples, 1, 1), many = run(samples, 1, 5), other = run(samples, 2, 1);
    ASSERT_TRUE(succeeded(one) && succeeded(many) && succeeded(other));
    EXPECT_EQ(one->permutations, many->permutations);
    bool differs = one->permutations != other->permutations;
    for (std::size_t i = 0; i < one->counts.size(); ++i) {
      const Counts &a = one->counts[i], &b = many->counts[i], &c = other->counts[i];
      EXPECT_TRUE(a.over == b.over && a.equal == b.equal && a.under == b.under) << statistic_names[i];
      differs = differs || a.over != c.over || a.under != c.under;
    }
    EXPECT_TRUE(differs);
  }
}

// The verdict stands as soon as both sums are six, and nothing is counted from there on.
TEST_F(PermutationTestsTest, StopCountingAStatisticThatIsDecided) {
  const auto tests = run(make_samples("biased", 8, 4, 5000), 3, 2);
  ASSERT_TRUE(succeeded(tests));
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < tests->counts.size(); ++i) {
    const Counts &counts = tests->counts[i];
    EXPECT_TRUE(counts.decided()) << statistic_names[i];
    EXPECT_EQ(std::min(counts.over + counts.equal, counts.equal + counts.under), 6U) << statistic_names[i];
    most = std::max(most, counts.over + counts.equal + counts.under);
  }
  EXPECT_EQ(tests->permutations, most);
}

TEST_F(PermutationTestsTest, EndWhenTheyAreInterrupted) {
  control_.cancel = true;
  EXPECT_TRUE(failed_with(run(make_samples("walk", 9, 8, 5000), 1, 2), ErrorCode::cancelled));
}

// As of the rows and the columns of restart data: each has rows and a verdict of its own.
TEST_F(PermutationTestsTest, OfTwoDatasetsInOneAssessment) {
  Assessment assessment;
  const auto test = [&](const Samples &samples, const char *prefix) {
    return add_iid_tests(assessment, {samples, Symbols(samples), prefix}, 1, 2, control_);
  };
  const auto bad = test(make_samples("uniform", 117, 8, 5000), "row_");
  const auto good = test(make_samples("uniform", 118, 1, 5003), "column_");
  ASSERT_TRUE(succeeded(bad) && succeeded(good));
  EXPECT_FALSE(*bad);
  EXPECT_TRUE(*good);
  ASSERT_EQ(assessment.rows.size(), 2U * (19 + 2 + 1));
  EXPECT_EQ(assessment.rows.front().group, "row_permutation");
  EXPECT_EQ(assessment.rows[19].group, "row_chi_square");
  EXPECT_EQ(assessment.rows.back().group, "column_longest_repeated_substring");
  ASSERT_EQ(assessment.figures.size(), 2U);
  EXPECT_EQ(assessment.figures.back().name, "column_permutations");
}

// Symbols that come in runs have fewer runs than any permutation.
TEST_F(PermutationTestsTest, FindWhatIsNotIndependent) {
  EXPECT_FALSE((Counts{5, 0, 9995}.decided()));
  EXPECT_FALSE((Counts{9996, 4, 0}.decided()));
  EXPECT_TRUE((Counts{3, 3, 3}.decided()));
  const Samples samples = make_samples("walk", 10, 3, 300);
  const auto tests = run(samples, 1, 2);
  ASSERT_TRUE(succeeded(tests));
  EXPECT_EQ(tests->permutations, 10000U);
  const auto number = static_cast<std::size_t>(
      std::ranges::find(statistic_names, std::string_view("number_of_median_runs")) - statistic_names.begin());
  EXPECT_EQ(tests->counts[number].over, 10000U);
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
