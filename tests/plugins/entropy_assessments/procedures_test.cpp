// The smaller procedures: the description of samples, the self-test.
#include "entropy_assessments/sp800_90b/selftest/dataset.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/collecting_registrar.hpp"
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
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::succeeded;
using ::testing::IsEmpty;

class ProceduresTest : public ::testing::Test {
protected:
  ProceduresTest() {
    EXPECT_TRUE(succeeded(enroll(registrar_)));
    assessment_ = registrar_.entropy_assessments.front().get();
  }
  Result<Assessment> run(std::string_view procedure, const std::vector<NamedValue> &parameters,
                         const Samples &samples = {}, unsigned bits = 8) {
    AssessmentJob job;
    job.procedure = procedure;
    job.samples = samples;
    job.sample_bits = static_cast<std::uint8_t>(bits);
    job.threads = 2;
    job.parameters = parameters;
    return assessment_->run(job, control_);
  }
  static double value(const Assessment &assessment, std::string_view group, std::string_view name) {
    for (const AssessmentRow &row : assessment.rows)
      if (row.group == group && row.name == name)
        return row.value.value_or(NAN);
    return NAN;
  }

  test::CollectingRegistrar registrar_;
  test::RecordingControl control_;
  const EntropyAssessment *assessment_ = nullptr;
};

TEST_F(ProceduresTest, DescriptionCountsAndCorrelates) {
  Samples samples;
  for (unsigned i = 0; i < 3000; ++i)
    samples.push_back(static_cast<std::uint8_t>(i % 4 == 0 ? 3 : 1));
  const auto result = run("description", {{"lags", 8}}, samples, 2);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->symbols, 2U);
  EXPECT_EQ(value(*result, "histogram", "0"), 0);
  EXPECT_EQ(value(*result, "histogram", "1"), 2250);
  EXPECT_EQ(value(*result, "histogram", "3"), 750);
  EXPECT_TRUE(std::isnan(value(*result, "histogram", "4")));
  EXPECT_NEAR(value(*result, "autocorrelation", "4"), 1, 0.01);
  EXPECT_NEAR(value(*result, "autocorrelation", "2"), -1.0 / 3, 0.01);
  EXPECT_TRUE(std::isnan(value(*result, "autocorrelation", "9")));
  EXPECT_EQ(result->figures.front().value, 1.5);
  EXPECT_EQ(result->min_entropy, std::nullopt);
}

// Beside the definition.
TEST_F(ProceduresTest, AutocorrelationIsThatOfItsDefinition) {
  const Samples samples = make_samples("walk", 4, 6, 2000);
  const auto result = run("description", {{"lags", 20}}, samples, 6);
  ASSERT_TRUE(succeeded(result));
  double mean = 0, variance = 0;
  for (const double sample : samples)
    mean += sample / 2000;
  for (const double sample : samples)
    variance += (sample - mean) * (sample - mean) / 2000;
  for (const unsigned lag : {1U, 7U, 20U}) {
    double covariance = 0;
    for (std::size_t i = 0; i + lag < samples.size(); ++i)
      covariance += (samples[i] - mean) * (samples[i + lag] - mean) / static_cast<double>(2000 - lag);
    EXPECT_NEAR(value(*result, "autocorrelation", std::to_string(lag)), covariance / variance, 1e-9) << lag;
  }
}

TEST_F(ProceduresTest, OfOneSymbolThereIsNoAutocorrelation) {
  const auto result = run("description", {}, Samples(1000, 1), 1);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->rows.size(), 2U);
  EXPECT_TRUE(failed_with(run("description", {}, Samples(999, 1), 1), ErrorCode::invalid_argument));
}

TEST_F(ProceduresTest, SelftestComesToTheReferencesFigures) {
  const auto result = run("selftest", {});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->verdict, Verdict::pass);
  EXPECT_THAT(result->warnings, IsEmpty());
  EXPECT_GT(result->rows.size(), 150U);
  for (const AssessmentRow &row : result->rows)
    EXPECT_EQ(row.verdict, Verdict::pass) << row.group << " " << row.name;
  for (const SelftestDataset &dataset : selftest_datasets)
    EXPECT_TRUE(std::ranges::any_of(result->rows, [&](const auto &row) { return row.group == dataset.name; }))
        << dataset.name;
  control_.cancel = true;
  EXPECT_TRUE(failed_with(run("selftest", {}), ErrorCode::cancelled));
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
