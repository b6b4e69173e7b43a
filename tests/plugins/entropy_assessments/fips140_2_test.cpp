// The tests of FIPS 140-2 beside rngtest, and at their limits.
#include "entropy_assessments/fips140_2/block_tests.hpp"
#include "entropy_assessments/fips140_2/fips140_2.hpp"

#include "plugins/entropy_assessments/boundary_blocks.hpp"
#include "plugins/entropy_assessments/reference_values.hpp"
#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace ntpkeygen::plugins::fips140_2 {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::make_samples;
using ::ntpkeygen::test::ReferenceRun;
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::succeeded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Fips1402Test : public ::testing::Test {
protected:
  Fips1402Test() {
    EXPECT_TRUE(succeeded(enroll(registrar_)));
    assessment_ = registrar_.entropy_assessments.front().get();
  }
  Result<Assessment> run(const Samples &samples, unsigned bits = 8, std::string_view procedure = "blocks") {
    AssessmentJob job;
    job.procedure = procedure;
    job.samples = samples;
    job.sample_bits = static_cast<std::uint8_t>(bits);
    return assessment_->run(job, control_);
  }
  static double find(const Assessment &assessment, std::string_view name) {
    for (const NamedValue &figure : assessment.figures)
      if (figure.name == name)
        return figure.value;
    for (const AssessmentRow &row : assessment.rows)
      if (row.name == name)
        return row.value.value();
    return NAN;
  }

  test::CollectingRegistrar registrar_;
  test::RecordingControl control_;
  const EntropyAssessment *assessment_ = nullptr;
};

TEST_F(Fips1402Test, CountsAreThoseOfRngtest) {
  for (const ReferenceRun &reference : test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/fips140_2.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const auto result = run(make_samples(reference.kind, reference.seed, 8, reference.size));
    ASSERT_TRUE(succeeded(result));
    for (const auto &[name, value] : reference.values)
      EXPECT_EQ(find(*result, name), value) << name;
    EXPECT_EQ(find(*result, "blocks"), find(*result, "passed_blocks") + find(*result, "failed_blocks"));
    EXPECT_EQ(result->verdict, reference.values.at("failed_blocks") == 0 ? Verdict::pass : Verdict::fail);
  }
}

// Blocks that have a figure at a limit, or just beyond.
TEST_F(Fips1402Test, LimitsAreThoseOfRngtest) {
  for (const ReferenceRun &reference :
       test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/fips140_2_boundaries.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const auto result = run(test::boundary_block(reference.kind, reference.seed, reference.size));
    ASSERT_TRUE(succeeded(result));
    for (const auto &[name, value] : reference.values)
      EXPECT_EQ(find(*result, name), value) << name;
  }
}

// Of the standard's table, each limit and what is just beyond.
TEST(BlockCounts, LimitsAreThoseOfTheStandard) {
  BlockCounts counts;
  const auto monobit = [&](std::uint32_t ones) { return counts.ones = ones, counts.monobit(); };
  EXPECT_TRUE(!monobit(9725) && monobit(9726) && monobit(10274) && !monobit(10275));
  const auto poker = [&](std::uint32_t squares) {
    counts.nibble_squares = squares;
    EXPECT_EQ(counts.poker(), counts.poker_statistic() > 2.16 && counts.poker_statistic() < 46.17);
    return counts.poker();
  };
  EXPECT_TRUE(!poker(1563174) && poker(1563176) && poker(1576928) && !poker(1576929));
  const auto long_run = [&](std::uint32_t run) { return counts.longest_run = run, counts.long_run(); };
  EXPECT_TRUE(long_run(25) && !long_run(26));
  const std::array<std::array<std::uint32_t, 2>, 6> limits{
      {{2315, 2685}, {1114, 1386}, {527, 723}, {240, 384}, {103, 209}, {103, 209}}};
  for (std::size_t length = 0; length < 6; ++length)
    for (const std::size_t kind : {0U, 1U}) {
      for (auto &all : counts.runs)
        std::ranges::transform(limits, all.begin(), [](const auto &limit) { return limit[0]; });
      const auto runs = [&](std::uint32_t count) { return counts.runs[kind][length] = count, counts.all_runs(); };
      const auto [least, most] = limits[length];
      EXPECT_TRUE(!runs(least - 1) && runs(least) && runs(most) && !runs(most + 1)) << length;
    }
}

TEST(CountBlock, CountsRunsHighestBitFirst) {
  std::array<std::uint8_t, block_bytes> block{};
  block.fill(0x55);  // 0101...: runs of one
  block[0] = 0xff;   // and then 0: a run of eight ones
  block[100] = 0x05; // a 1 before it: 00000101, a run of five zeros
  block[101] = 0x15; // 00010101, after a 1: three zeros
  std::uint32_t last_word = 0;
  const BlockCounts counts = count_block(block, last_word);
  EXPECT_EQ(counts.longest_run, 8U);
  EXPECT_EQ(counts.runs[1][5], 1U);
  EXPECT_EQ(counts.runs[0][4], 1U);
  EXPECT_EQ(counts.runs[0][2], 1U);
  EXPECT_EQ(counts.runs[1][0], 4U * 2497 + 2 + 3);
  EXPECT_EQ(counts.ones, 4U * 2497 + 8 + 2 + 3);
  EXPECT_TRUE(counts.word_repeated);
  EXPECT_EQ(last_word, 0x55555555U);
}

// It is carried from block to block, and begins with the 32 bits before the first.
TEST_F(Fips1402Test, ContinuousRunGoesOnFromBlockToBlock) {
  Samples samples = make_samples("uniform", 30, 8, 4 + 2 * 2500);
  const auto good = run(samples);
  ASSERT_TRUE(succeeded(good));
  ASSERT_EQ(good->verdict, Verdict::pass);
  EXPECT_THAT(good->warnings, IsEmpty());
  for (const std::size_t at : {4U, 2504U}) {
    Samples same = samples;
    std::copy_n(same.begin() + static_cast<std::ptrdiff_t>(at) - 4, 4, same.begin() + static_cast<std::ptrdiff_t>(at));
    const auto bad = run(same);
    ASSERT_TRUE(succeeded(bad));
    EXPECT_EQ(find(*bad, "continuous_run"), 1);
    EXPECT_EQ(find(*bad, "failed_blocks"), 1);
  }
}

TEST_F(Fips1402Test, JoinsNarrowSamples) {
  const Samples bytes = make_samples("biased", 31, 8, 8000);
  Samples bits, nibbles, threes;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit)
      bits.push_back(byte >> bit & 1);
    nibbles.insert(nibbles.end(), {static_cast<std::uint8_t>(byte >> 4), static_cast<std::uint8_t>(byte & 15)});
  }
  for (std::size_t i = 0; i + 3 <= bits.size(); i += 3)
    threes.push_back(static_cast<std::uint8_t>(bits[i] << 2 | bits[i + 1] << 1 | bits[i + 2]));
  const auto of_bytes = run(bytes), of_bits = run(bits, 1), of_nibbles = run(nibbles, 4), of_threes = run(threes, 3);
  ASSERT_TRUE(succeeded(of_bytes) && succeeded(of_bits) && succeeded(of_nibbles) && succeeded(of_threes));
  EXPECT_GT(find(*of_bytes, "monobit"), 0);
  for (std::size_t i = 0; i < of_bytes->rows.size(); ++i)
    for (const auto *other : {&*of_bits, &*of_nibbles, &*of_threes}) {
      EXPECT_EQ(other->rows[i].value, of_bytes->rows[i].value) << of_bytes->rows[i].name;
      EXPECT_EQ(other->rows[i].details.size(), of_bytes->rows[i].details.size());
    }
  EXPECT_EQ(of_bits->symbols, 2U);
}

TEST_F(Fips1402Test, FewFailuresOfManyBlocksAreExplained) {
  Samples samples = make_samples("uniform", 32, 8, 4 + 600 * 2500);
  std::fill_n(samples.begin() + 1000, 4, std::uint8_t{0}); // a long run
  const auto result = run(samples);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->verdict, Verdict::pass);
  EXPECT_EQ(find(*result, "failed_blocks"), 1);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("1 of 600 blocks failed, which is no sign of a fault")));
  // With 0.6 failures to be expected, four or more are there in one set of ideal samples of three hundred.
  for (const auto &[more, verdict] : {std::pair{2, Verdict::pass}, {3, Verdict::fail}}) {
    for (int i = 1; i <= more; ++i)
      std::fill_n(samples.begin() + 1000 + i * 10'000, 4, std::uint8_t{0});
    const auto again = run(samples);
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ(find(*again, "failed_blocks"), 1 + more);
    EXPECT_EQ(again->verdict, verdict) << more;
    EXPECT_EQ(again->warnings.size(), verdict == Verdict::pass ? 1U : 0U);
  }
}

TEST_F(Fips1402Test, RefusesJobsThatAreNotInOrder) {
  const auto refused = [&](const Result<Assessment> &result, ErrorCode code, const char *message) {
    ASSERT_TRUE(failed_with(result, code));
    EXPECT_THAT(result.error().message, HasSubstr(message));
  };
  const Samples samples(2504, 1);
  EXPECT_TRUE(succeeded(run(samples)));
  refused(run(Samples(2503, 1)), ErrorCode::invalid_argument, "20024 bits are too few");
  refused(run(samples, 1), ErrorCode::invalid_argument, "2504 bits are too few");
  refused(run(samples, 9), ErrorCode::invalid_argument, "samples of 9 bits");
  refused(run(Samples(30000, 2), 1), ErrorCode::invalid_argument, "sample 0 is 2, which does not fit in 1 bits");
  refused(run(samples, 8, "non-iid"), ErrorCode::not_found, "has no procedure 'non-iid'");
  control_.cancel = true;
  refused(run(samples), ErrorCode::cancelled, "interrupted");
}

} // namespace
} // namespace ntpkeygen::plugins::fips140_2
