#include "entropy_assessments/sp800_90b/selftest/dataset.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

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
using ::ntpkeygen::test::succeeded;
using ::testing::IsEmpty;

TEST(SelftestTest, FiguresDifferOnlyInTheLastDigits) {
  EXPECT_TRUE(is_figure(3, 3));
  EXPECT_TRUE(is_figure(3 * (1 + 9e-13), 3));
  EXPECT_FALSE(is_figure(3 * (1 + 2e-12), 3));
  EXPECT_FALSE(is_figure(3 * (1 - 2e-12), 3));
  EXPECT_FALSE(is_figure(-3, 3));
  EXPECT_FALSE(is_figure(std::nan(""), 3));
}

TEST(SelftestTest, ComesToTheReferencesFigures) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(succeeded(enroll(registrar)));
  const EntropyAssessment &assessment = *registrar.entropy_assessments.front();
  test::RecordingControl control;
  AssessmentJob job;
  job.procedure = "selftest";
  job.threads = 2;
  const auto result = assessment.run(job, control);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->verdict, Verdict::pass);
  EXPECT_THAT(result->warnings, IsEmpty());
  EXPECT_GT(result->rows.size(), 150U);
  for (const AssessmentRow &row : result->rows)
    EXPECT_EQ(row.verdict, Verdict::pass) << row.group << " " << row.name;
  for (const SelftestDataset &dataset : selftest_datasets)
    EXPECT_TRUE(std::ranges::any_of(result->rows, [&](const auto &row) { return row.group == dataset.name; }))
        << dataset.name;
  control.cancel = true;
  EXPECT_TRUE(failed_with(assessment.run(job, control), ErrorCode::cancelled));
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
