// The assessment as a whole: NIST's figures, and what it does with jobs that are not in order.
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

namespace ntpkeygen::plugins::sp800_90b {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::make_samples;
using ::ntpkeygen::test::ReferenceRun;
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::succeeded;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Sp80090bTest : public ::testing::Test {
protected:
  Sp80090bTest() {
    EXPECT_TRUE(succeeded(enroll(registrar_)));
    assessment_ = registrar_.entropy_assessments.front().get();
  }
  Result<Assessment> run(const Samples &samples, unsigned bits, std::vector<NamedValue> parameters = {},
                         std::string_view procedure = "non-iid", unsigned threads = 2) {
    AssessmentJob job;
    job.procedure = procedure;
    job.samples = samples;
    job.sample_bits = static_cast<std::uint8_t>(bits);
    job.threads = threads;
    job.parameters = parameters;
    return assessment_->run(job, control_);
  }
  // A figure, a row's value or a row's detail, under the name that the files of vectors have for it.
  static std::optional<double> find(const Assessment &assessment, const std::string &name) {
    if (name == "min_entropy")
      return assessment.min_entropy;
    for (const NamedValue &figure : assessment.figures)
      if (figure.name == name)
        return figure.value;
    for (const AssessmentRow &row : assessment.rows) {
      const std::string row_name = row.group + "." + row.name;
      if (row_name == name)
        return row.value;
      for (const NamedValue &detail : row.details)
        if (row_name + "." + detail.name == name)
          return detail.value;
    }
    return std::nullopt;
  }

  test::CollectingRegistrar registrar_;
  test::RecordingControl control_;
  const EntropyAssessment *assessment_ = nullptr;
};

TEST_F(Sp80090bTest, NonIidFiguresAreThoseOfNistsTool) {
  for (const ReferenceRun &reference : test::read_reference_runs(NTPKEYGEN_VECTORS "/entropy/non_iid.txt")) {
    SCOPED_TRACE("line " + std::to_string(reference.line) + ": " + reference.kind);
    const bool conditioned = std::ranges::count(reference.options, "conditioned") != 0;
    const auto result = run(make_samples(reference.kind, reference.seed, reference.bits, reference.size),
                            reference.bits, {{"conditioned", conditioned ? 1.0 : 0.0}});
    ASSERT_TRUE(succeeded(result));
    for (const auto &[name, value] : reference.values) {
      const auto ours = find(*result, name);
      ASSERT_TRUE(ours.has_value()) << name;
      if (*ours != value) { // infinite ones are not near each other
        EXPECT_NEAR(*ours, value, 1e-12 * std::fabs(value)) << name;
      }
    }
    // And where it has no figure, nor have we.
    for (const AssessmentRow &row : result->rows) {
      EXPECT_EQ(row.value.has_value(), reference.values.contains(row.group + "." + row.name)) << row.name;
      EXPECT_NE(row.value.has_value(), !row.note.empty()) << row.name;
    }
  }
}

TEST_F(Sp80090bTest, AnyNumberOfThreadsGivesTheSameRows) {
  const Samples samples = make_samples("walk", 1, 6, 20000);
  const auto one = run(samples, 6, {}, "non-iid", 1), many = run(samples, 6, {}, "non-iid", 7);
  ASSERT_TRUE(succeeded(one) && succeeded(many));
  ASSERT_EQ(one->rows.size(), many->rows.size());
  for (std::size_t i = 0; i < one->rows.size(); ++i) {
    EXPECT_EQ(one->rows[i].name, many->rows[i].name);
    EXPECT_EQ(one->rows[i].value, many->rows[i].value) << one->rows[i].name;
  }
}

TEST_F(Sp80090bTest, IidVerdictDecidesWhetherThereIsAnEstimate) {
  const auto good = run(make_samples("uniform", 118, 1, 5003), 1, {}, "iid");
  ASSERT_TRUE(succeeded(good));
  EXPECT_EQ(good->verdict, Verdict::pass);
  EXPECT_EQ(good->rows.size(), 19U + 2 + 1 + 1);
  EXPECT_NEAR(good->min_entropy.value(), 0.9298729328893006, 1e-12); // ea_iid -i
  EXPECT_EQ(good->min_entropy, find(*good, "h_original"));

  const auto bad = run(make_samples("uniform", 117, 8, 5000), 8, {}, "iid");
  ASSERT_TRUE(succeeded(bad));
  EXPECT_EQ(bad->verdict, Verdict::fail);
  EXPECT_FALSE(bad->min_entropy.has_value());
  EXPECT_FALSE(find(*bad, "h_original").has_value());
  EXPECT_THAT(bad->warnings, Contains(HasSubstr("not independent and identically distributed")));
  for (const AssessmentRow &row : bad->rows)
    EXPECT_NE(row.name, "most_common_value");
}

TEST_F(Sp80090bTest, IidEstimateOfAConditionedDatasetIsOfItsBits) {
  const auto result = run(make_samples("uniform", 101, 4, 6000), 4, {{"conditioned", 1}}, "iid");
  ASSERT_TRUE(succeeded(result));
  ASSERT_EQ(result->verdict, Verdict::pass);
  EXPECT_FALSE(find(*result, "literal.most_common_value").has_value());
  EXPECT_EQ(result->min_entropy, 4 * find(*result, "h_bitstring").value());
}

TEST_F(Sp80090bTest, OneSymbolHasNoEntropy) {
  const auto result = run(Samples(1'000'000, 7), 3);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->min_entropy, 0.0);
  EXPECT_EQ(result->symbols, 1U);
  EXPECT_THAT(result->rows, IsEmpty());
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("all samples are the same")));
}

TEST_F(Sp80090bTest, WarnsOfFewSamplesAndOfNarrowOnes) {
  const auto result = run(make_samples("uniform", 2, 3, 5000), 4);
  ASSERT_TRUE(succeeded(result));
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("there are 5,000 samples; SP 800-90B section 3.1.1 asks for at "
                                                      "least 1,000,000"),
                                            HasSubstr("none needs more than 3")));
}

TEST_F(Sp80090bTest, RefusesJobsThatAreNotInOrder) {
  const Samples samples = make_samples("uniform", 3, 8, 6000);
  const auto refused = [&](const Result<Assessment> &result, ErrorCode code, const char *message) {
    ASSERT_TRUE(failed_with(result, code));
    EXPECT_THAT(result.error().message, HasSubstr(message));
  };
  refused(run(samples, 8, {}, "no-iid"), ErrorCode::not_found, "has no procedure 'no-iid'");
  refused(run(Samples(4999), 8), ErrorCode::invalid_argument, "4,999 samples are too few");
  refused(run({}, 8), ErrorCode::invalid_argument, "0 samples are too few");
  refused(run(samples, 0), ErrorCode::invalid_argument, "samples of 0 bits cannot be assessed");
  refused(run(samples, 9), ErrorCode::invalid_argument, "samples of 9 bits cannot be assessed");
  refused(run(samples, 7), ErrorCode::invalid_argument, "which does not fit in 7 bits");
  refused(run(samples, 8, {{"condition", 1}}), ErrorCode::invalid_argument, "has no parameter 'condition'");
  refused(run(samples, 8, {{"conditioned", 2}}), ErrorCode::invalid_argument, "'conditioned' cannot be 2");
  refused(run(samples, 8, {{"conditioned", 0.5}}), ErrorCode::invalid_argument, "'conditioned' cannot be 0.5");
  control_.cancel = true;
  refused(run(samples, 8), ErrorCode::cancelled, "interrupted");
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
