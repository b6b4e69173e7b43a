// The entropy of a conditioning component's output, beside NIST's tool, which computes with thousands of digits.
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::succeeded;
using ::testing::HasSubstr;

class ConditioningTest : public ::testing::Test {
protected:
  ConditioningTest() {
    EXPECT_TRUE(succeeded(enroll(registrar_)));
    assessment_ = registrar_.entropy_assessments.front().get();
  }
  Result<Assessment> run(const std::vector<NamedValue> &parameters) {
    AssessmentJob job;
    job.procedure = "conditioning";
    job.sample_bits = 0; // it takes no samples: what is said of them does not matter
    job.parameters = parameters;
    return assessment_->run(job, control_);
  }
  static std::optional<double> figure(const Assessment &assessment, std::string_view name) {
    const auto found = std::ranges::find(assessment.figures, name, &NamedValue::name);
    return found == assessment.figures.end() ? std::nullopt : std::optional(found->value);
  }

  test::CollectingRegistrar registrar_;
  test::RecordingControl control_;
  const EntropyAssessment *assessment_ = nullptr;
};

TEST_F(ConditioningTest, FiguresAreThoseOfNistsTool) {
  std::ifstream file(NTPKEYGEN_VECTORS "/entropy/conditioning.txt");
  unsigned compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#'))
      continue;
    SCOPED_TRACE(line);
    std::istringstream words(line);
    double n_in = 0, n_out = 0, nw = 0, h_in = 0, output_entropy = 0, h_out = 0;
    std::string h_prime, bar, epsilon;
    ASSERT_TRUE(words >> n_in >> n_out >> nw >> h_in >> h_prime >> bar >> output_entropy >> h_out >> epsilon);
    std::vector<NamedValue> parameters{{"n_in", n_in}, {"n_out", n_out}, {"nw", nw}, {"h_in", h_in}};
    if (h_prime != "-")
      parameters.insert(parameters.end(), {{"vetted", 0}, {"h_prime", std::stod(h_prime)}});
    const auto result = run(parameters);
    ASSERT_TRUE(succeeded(result));
    ++compared;
    EXPECT_NEAR(result->rows.at(0).value.value(), output_entropy, 1e-14 * output_entropy);
    EXPECT_NEAR(result->min_entropy.value(), h_out, 1e-14 * h_out);
    EXPECT_EQ(result->min_entropy, figure(*result, "h_out"));
    if (epsilon != "-") { // it prints that only near full entropy
      EXPECT_NEAR(figure(*result, "epsilon_log2").value(), std::stod(epsilon), 1e-12 * -std::stod(epsilon));
    }
  }
  EXPECT_GE(compared, 50U);
}

TEST_F(ConditioningTest, FullEntropyTakes64BitsMore) {
  const auto full = [&](double n_in, double nw, double h_in) {
    const auto result = run({{"n_in", n_in}, {"n_out", 256}, {"nw", nw}, {"h_in", h_in}});
    return succeeded(result) ? figure(*result, "full_entropy").value_or(-1) : -1;
  };
  EXPECT_EQ(full(512, 256, 320), 1);
  EXPECT_EQ(full(512, 256, 319.9), 0);
  EXPECT_EQ(full(512, 255, 400), 0); // through a bottleneck
}

TEST_F(ConditioningTest, WithoutVettingTheOutputHasToBeAssessed) {
  const std::vector<NamedValue> block{{"n_in", 512}, {"n_out", 256}, {"nw", 256}, {"h_in", 400}, {"vetted", 0}};
  auto missing = run(block);
  ASSERT_TRUE(failed_with(missing, ErrorCode::invalid_argument));
  EXPECT_THAT(missing.error().message, HasSubstr("h_prime"));
  auto assessed = block;
  assessed.push_back({"h_prime", 1});
  const auto result = run(assessed);
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->min_entropy, 0.999 * 256);
  EXPECT_FALSE(figure(*result, "full_entropy").has_value());
}

TEST_F(ConditioningTest, RefusesWhatCannotBe) {
  const auto refused = [&](const std::vector<NamedValue> &parameters, const char *message) {
    const auto result = run(parameters);
    ASSERT_TRUE(failed_with(result, ErrorCode::invalid_argument));
    EXPECT_THAT(result.error().message, HasSubstr(message));
  };
  refused({{"n_in", 8}, {"n_out", 8}, {"nw", 8}, {"h_in", 8.5}}, "cannot have more than n_in");
  refused({{"n_in", 8}, {"n_out", 8}, {"nw", 8}, {"h_in", 0}}, "without entropy");
  refused({{"n_in", 8}, {"n_out", 8}, {"nw", 8}, {"h_in", 8}, {"h_prime", 0.5}}, "not vetted");
  refused({{"n_in", 0}, {"n_out", 8}, {"nw", 8}, {"h_in", 8}}, "'n_in' cannot be 0");
  refused({{"n_in", 8}, {"n_out", 1.5}, {"nw", 8}, {"h_in", 8}}, "'n_out' cannot be 1.5");
  refused({{"n_in", 8}, {"n_out", 8}, {"h_in", 8}}, "needs the parameter 'nw'");
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
