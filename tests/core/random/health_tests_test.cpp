// The cutoffs: computed for this test with 60 decimal digits from the formulas of SP 800-90B, sections 4.4.1 and 4.4.2,
// by summing the binomial distribution's terms. (512 samples, 2^-30: the values for 1 and 0.5 bits, 325 and 422, are
// also those that jitterentropy's source has.)
#include "ntpkeygen/host/random/health_tests.hpp"

#include "support/result.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace ntpkeygen {
namespace {

using test::failed_with;

struct Row {
  double min_entropy;
  std::uint8_t bits;
  unsigned alpha_exponent;
  std::uint32_t repetition, proportion;
};
constexpr Row rows[] = {
    {1, 1, 20, 21, 589},       {1, 1, 30, 31, 609},       {1, 1, 40, 41, 625},       {1, 1, 64, 65, 657},
    {0.9, 1, 20, 24, 625},     {0.9, 1, 30, 35, 645},     {0.9, 1, 40, 46, 661},     {0.9, 1, 64, 73, 693},
    {0.82, 1, 20, 26, 656},    {0.82, 1, 30, 38, 675},    {0.82, 1, 40, 50, 691},    {0.82, 1, 64, 80, 722},
    {0.5, 1, 20, 41, 793},     {0.5, 1, 30, 61, 810},     {0.5, 1, 40, 81, 824},     {0.5, 1, 64, 129, 851},
    {0.25, 1, 20, 81, 915},    {0.25, 1, 30, 121, 928},   {0.25, 1, 40, 161, 938},   {0.25, 1, 64, 257, 958},
    {0.1, 1, 20, 201, 991},    {0.1, 1, 30, 301, 999},    {0.1, 1, 40, 401, 1005},   {0.1, 1, 64, 641, 1015},
    {0.01, 1, 20, 2001, 1025}, {0.01, 1, 30, 3001, 1025}, {0.01, 1, 40, 4001, 1025}, {0.01, 1, 64, 6401, 1025},
    {8, 8, 20, 4, 13},         {8, 8, 30, 5, 16},         {8, 8, 40, 6, 19},         {8, 8, 64, 9, 26},
    {7.8, 8, 20, 4, 13},       {7.8, 8, 30, 5, 17},       {7.8, 8, 40, 7, 20},       {7.8, 8, 64, 10, 27},
    {7.5, 8, 20, 4, 15},       {7.5, 8, 30, 5, 19},       {7.5, 8, 40, 7, 22},       {7.5, 8, 64, 10, 29},
    {5, 8, 20, 5, 39},         {5, 8, 30, 7, 46},         {5, 8, 40, 9, 51},         {5, 8, 64, 14, 64},
    {4, 8, 20, 6, 62},         {4, 8, 30, 9, 71},         {4, 8, 40, 11, 78},        {4, 8, 64, 17, 93},
    {3, 8, 20, 8, 103},        {3, 8, 30, 11, 114},       {3, 8, 40, 15, 123},       {3, 8, 64, 23, 142},
    {2, 8, 20, 11, 177},       {2, 8, 30, 16, 190},       {2, 8, 40, 21, 201},       {2, 8, 64, 33, 223},
    {1, 8, 20, 21, 311},       {1, 8, 30, 31, 325},       {1, 8, 40, 41, 336},       {1, 8, 64, 65, 358},
    {0.5, 8, 20, 41, 410},     {0.5, 8, 30, 61, 422},     {0.5, 8, 40, 81, 432},     {0.5, 8, 64, 129, 449},
    {0.25, 8, 20, 81, 468},    {0.25, 8, 30, 121, 477},   {0.25, 8, 40, 161, 483},   {0.25, 8, 64, 257, 495},
    {0.2, 8, 20, 101, 480},    {0.2, 8, 30, 151, 487},    {0.2, 8, 40, 201, 493},    {0.2, 8, 64, 321, 503},
    {0.1, 8, 20, 201, 502},    {0.1, 8, 30, 301, 507},    {0.1, 8, 40, 401, 510},    {0.1, 8, 64, 641, 513},
    {4, 4, 20, 6, 62},         {4, 4, 30, 9, 71},         {4, 4, 40, 11, 78},        {4, 4, 64, 17, 93},
    {2.5, 4, 20, 9, 135},      {2.5, 4, 30, 13, 147},     {2.5, 4, 40, 17, 157},     {2.5, 4, 64, 27, 177},
};

TEST(HealthCutoffs, AreThoseOfTheFormulas) {
  for (const Row &row : rows) {
    const auto cutoffs = health_cutoffs(row.min_entropy, row.bits, row.alpha_exponent);
    ASSERT_TRUE(cutoffs.has_value());
    EXPECT_EQ(cutoffs->repetition, row.repetition) << row.min_entropy << " bits, 2^-" << row.alpha_exponent;
    EXPECT_EQ(cutoffs->proportion, row.proportion) << row.min_entropy << " bits, 2^-" << row.alpha_exponent;
    EXPECT_EQ(cutoffs->window, row.bits == 1 ? 1024U : 512U);
  }
}

TEST(HealthCutoffs, SayWhenTheProportionTestCannotFail) {
  EXPECT_TRUE(health_cutoffs(1, 1)->proportion_can_fail());
  EXPECT_FALSE(health_cutoffs(0.01, 1)->proportion_can_fail());
}

TEST(HealthCutoffs, RefuseClaimsThatCannotBe) {
  for (const double entropy : {0.0, -1.0, 1.01, std::numeric_limits<double>::infinity(), std::nan("")})
    EXPECT_TRUE(failed_with(health_cutoffs(entropy, 1), ErrorCode::invalid_argument)) << entropy;
  EXPECT_TRUE(failed_with(health_cutoffs(8.5, 8), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(health_cutoffs(1, 1, 19), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(health_cutoffs(1, 1, 65), ErrorCode::invalid_argument));
}

// At which sample the first alarm comes, counted from 1; 0: never.
std::size_t first_alarm(HealthTests tests, const std::vector<std::uint8_t> &samples, HealthAlarm wanted) {
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (const HealthAlarm alarm = tests.feed(samples[i]); alarm != HealthAlarm::none)
      return alarm == wanted ? i + 1 : 0;
  return 0;
}

TEST(HealthCutoffs, RefuseWidthsThatNoSampleHas) {
  for (const int bits : {0, 9, 255}) {
    const auto cutoffs = health_cutoffs(0.5, static_cast<std::uint8_t>(bits));
    ASSERT_TRUE(failed_with(cutoffs, ErrorCode::plugin_fault)) << bits;
    EXPECT_EQ(cutoffs.error().message,
              "the noise source says that its samples have " + std::to_string(bits) + " bits; they can have 1 to 8");
  }
}

TEST(RepetitionCountTest, AlarmsAtTheCutoffAndNotBefore) {
  const HealthTests tests(*health_cutoffs(8, 8)); // cutoff 5
  EXPECT_EQ(first_alarm(tests, {7, 7, 7, 7, 7}, HealthAlarm::repetition_count), 5U);
  EXPECT_EQ(first_alarm(tests, {0, 0, 0, 0, 0}, HealthAlarm::repetition_count), 5U);
  EXPECT_EQ(first_alarm(tests, {7, 7, 7, 7, 8, 7, 7, 7, 7, 8}, HealthAlarm::repetition_count), 0U);
  EXPECT_EQ(first_alarm(tests, {1, 2, 3, 7, 7, 7, 7, 7}, HealthAlarm::repetition_count), 8U);
}

TEST(RepetitionCountTest, AlarmsAgainWhenTheSourceStaysStuck) {
  HealthTests tests(*health_cutoffs(8, 8));
  std::size_t alarms = 0;
  for (int i = 0; i < 40; ++i)
    alarms += tests.feed(7) == HealthAlarm::repetition_count ? 1 : 0;
  EXPECT_EQ(alarms, 8U); // counted anew after each
}

// `matches` samples equal to the first in a window, spread so that no two stand together, and others between them.
std::vector<std::uint8_t> window_with(std::size_t matches, std::size_t window) {
  std::vector<std::uint8_t> samples(window);
  for (std::size_t i = 0; i < window; ++i)
    samples[i] = i % 2 == 0 && i / 2 < matches ? 9 : static_cast<std::uint8_t>(10 + i % 100);
  return samples;
}

TEST(AdaptiveProportionTest, AlarmsAtTheCutoffAndNotBefore) {
  const HealthCutoffs cutoffs = *health_cutoffs(4, 8);
  const HealthTests tests(cutoffs);
  ASSERT_LT(cutoffs.proportion, 256U);
  EXPECT_EQ(first_alarm(tests, window_with(cutoffs.proportion, 512), HealthAlarm::adaptive_proportion),
            2U * cutoffs.proportion - 1);
  EXPECT_EQ(first_alarm(tests, window_with(cutoffs.proportion - 1, 512), HealthAlarm::adaptive_proportion), 0U);
}

TEST(AdaptiveProportionTest, AWindowIsForgottenWithItsEnd) {
  const HealthCutoffs cutoffs = *health_cutoffs(4, 8);
  std::vector<std::uint8_t> samples = window_with(cutoffs.proportion - 1, 512);
  const std::vector<std::uint8_t> next = window_with(cutoffs.proportion - 1, 512);
  samples.insert(samples.end(), next.begin(), next.end());
  EXPECT_EQ(first_alarm(HealthTests(cutoffs), samples, HealthAlarm::adaptive_proportion), 0U);
  // What is not the first sample of the window is not counted, however often it comes.
  std::vector<std::uint8_t> other(512, 0);
  for (std::size_t i = 0; i < other.size(); ++i)
    other[i] = static_cast<std::uint8_t>(i == 0 ? 1 : i % 3 == 0 ? 2 : 3 + i % 3);
  EXPECT_EQ(first_alarm(HealthTests(cutoffs), other, HealthAlarm::adaptive_proportion), 0U);
}

TEST(AdaptiveProportionTest, SamplesOfOneBitHaveALongerWindow) {
  const HealthCutoffs cutoffs = *health_cutoffs(0.5, 1);
  std::vector<std::uint8_t> samples(1024);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = i % 12 == 11 ? 1 : 0; // eleven of twelve; the repetition count's cutoff is 61
  EXPECT_EQ(first_alarm(HealthTests(cutoffs), samples, HealthAlarm::adaptive_proportion),
            cutoffs.proportion + (cutoffs.proportion - 1) / 11);
}

} // namespace
} // namespace ntpkeygen
