#include "entropy_assessments/sp800_90b/non_iid/prediction.hpp"

#include "entropy_assessments/sp800_90b/non_iid/root.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// The logarithm of the probability that n trials of success probability p hold no run of length r (section 6.3.7, step
// 7; Feller). The root x is found by iteration: from below, in the publication's ten steps or a few more.
double log_no_run(double success, std::uint64_t run, std::uint64_t trials) {
  const long double p = success, q = 1.0L - p;
  const auto r = static_cast<long double>(run), n = static_cast<long double>(trials);
  const long double factor = q * std::pow(p, r);
  long double x = 1.0L, last = 0.0L;
  constexpr int iterations = 66;
  for (int i = 0; i < iterations && x - last > std::numeric_limits<long double>::epsilon() * x; ++i) {
    last = x;
    x = 1.0L + factor * std::pow(x, r + 1.0L);
  }
  return static_cast<double>(std::log(1.0L - p * x) - std::log((r + 1.0L - r * x) * q) - (n + 1.0L) * std::log(x));
}

} // namespace

Estimate prediction_estimate(const PredictionScore &score, unsigned alphabet) {
  const double n = static_cast<double>(score.predictions);
  const double p_global = static_cast<double>(score.correct) / n;
  const double bound = score.correct == 0 ? 1.0 - std::pow(0.01, 1.0 / n) : upper_bound(p_global, score.predictions);
  const std::uint64_t r = score.longest_run + 1;
  Estimate estimate{std::nullopt,
                    {{"n", n},
                     {"c", static_cast<double>(score.correct)},
                     {"r", static_cast<double>(r)},
                     {"p_global", p_global},
                     {"p_global_bound", bound}},
                    {}};

  // P_local counts only where it is the largest of the three, so it is looked for above the other two.
  double p = std::max(1.0 / static_cast<double>(alphabet), bound);
  const double target = std::log(0.99);
  const auto function = [&](double candidate) { return log_no_run(candidate, r, score.predictions); };
  if (p < 1.0 && function(p) > target) {
    p = std::max(p, decreasing_root(function, target, p, 1.0, 1.0));
    estimate.details.push_back({"p_local", p});
  }
  estimate.min_entropy = min_entropy_of(p);
  return estimate;
}

} // namespace ntpkeygen::plugins::sp800_90b
