// The procedure "health-tests": section 4.4, the cutoffs of the two continuous health tests for an assessed entropy.

#include "entropy_assessments/sp800_90b/procedure.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// Section 4.4.1, step 1.
double repetition_count_cutoff(double min_entropy, double log2_alpha) {
  return 1 + std::ceil(-log2_alpha / min_entropy);
}

// Section 4.4.2: 1 + CRITBINOM(window, p, 1 - alpha). Summed from the top, where the terms are small.
double adaptive_proportion_cutoff(double window, double min_entropy, double log2_alpha) {
  const long double n = window, log_p = -static_cast<long double>(min_entropy) * std::log(2.0L);
  const long double log_q = std::log(-std::expm1(log_p)), alpha = std::exp2(static_cast<long double>(log2_alpha));
  long double tail = 0; // P(X > count)
  auto count = static_cast<unsigned>(window);
  for (; count > 0; --count) {
    const long double k = count;
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * log_p + (n - k) * log_q);
    if (tail > alpha)
      break;
  }
  return 1 + count;
}

Result<Assessment> run(const CheckedJob &job, RunControl &) {
  const double min_entropy = job.parameter("min_entropy"), log2_alpha = -job.parameter("alpha_exponent");
  if (min_entropy == 0)
    return failure(ErrorCode::invalid_argument, "there are no health tests for a source without entropy");
  const double window = job.parameter("binary") != 0 ? 1024 : 512;
  Assessment assessment;
  const auto add = [&](const char *name, double cutoff, double of) {
    assessment.rows.push_back({"cutoff",
                               name,
                               cutoff,
                               Verdict::none,
                               {{"window", of}},
                               cutoff > of ? "so many never are in a window: the test cannot fail" : ""});
  };
  const double repetitions = repetition_count_cutoff(min_entropy, log2_alpha);
  add("repetition_count", repetitions, repetitions);
  add("adaptive_proportion", adaptive_proportion_cutoff(window, min_entropy, log2_alpha), window);
  assessment.figures = {{"h", min_entropy}, {"log2_alpha", log2_alpha}, {"window", window}};
  return assessment;
}

} // namespace

Procedure health_tests() {
  return {
      {"health-tests",
       "the cutoffs of section 4.4's health tests for an assessed min-entropy; it takes no samples",
       0,
       0,
       false,
       {{"min_entropy", "the assessed min-entropy of a sample", std::nullopt, 0, 8, false},
        {"binary", "1 for samples of one bit, whose window is 1024 and not 512 samples", 0, 0, 1, true},
        {"alpha_exponent",
         "a false alarm once in 2 to the power of this; the publication wants 20 to 40, and at 20 a test alarms about "
         "once in a million good samples",
         30, 1, 100, false}}},
      run};
}

} // namespace ntpkeygen::plugins::sp800_90b
