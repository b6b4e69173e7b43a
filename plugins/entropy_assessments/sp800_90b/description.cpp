// The procedure "description": what the samples look like. No figure of it is an estimate of entropy.

#include "entropy_assessments/sp800_90b/procedure.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// How often each value occurs.
std::array<std::uint64_t, 256> counts_of(std::span<const std::uint8_t> samples) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t sample : samples)
    ++counts[sample];
  return counts;
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments moments_of(const std::array<std::uint64_t, 256> &counts, std::size_t size) {
  double sum = 0, squares = 0;
  for (std::size_t value = 0; value < counts.size(); ++value) {
    const double times = static_cast<double>(counts[value]), x = static_cast<double>(value);
    sum += times * x;
    squares += times * x * x;
  }
  const double n = static_cast<double>(size), mean = sum / n;
  return {mean, squares / n - mean * mean};
}

double autocorrelation(std::span<const std::uint8_t> samples, std::size_t lag, const Moments &moments) {
  std::uint64_t products = 0, first = 0, second = 0;
  const std::size_t pairs = samples.size() - lag;
  for (std::size_t i = 0; i < pairs; ++i)
    products += static_cast<unsigned>(samples[i]) * samples[i + lag];
  for (std::size_t i = 0; i < pairs; ++i) {
    first += samples[i];
    second += samples[i + lag];
  }
  const double n = static_cast<double>(pairs);
  const double covariance = (static_cast<double>(products) - moments.mean * static_cast<double>(first + second)) / n +
                            moments.mean * moments.mean;
  return covariance / moments.variance;
}

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  const auto counts = counts_of(job.samples);
  const Moments moments = moments_of(counts, job.samples.size());
  Assessment assessment;
  assessment.symbols = static_cast<std::uint32_t>(std::ranges::count_if(counts, [](auto count) { return count != 0; }));
  for (std::size_t value = 0; value < std::size_t{1} << job.sample_bits; ++value)
    assessment.rows.push_back(
        {"histogram", std::to_string(value), static_cast<double>(counts[value]), Verdict::none, {}, {}});
  if (moments.variance > 0) {
    const auto lags = static_cast<std::size_t>(job.parameter("lags"));
    std::vector<double> values(lags);
    std::vector<Task> tasks;
    for (std::size_t lag = 1; lag <= lags; ++lag)
      tasks.push_back({1, [&, lag](Work &) { values[lag - 1] = autocorrelation(job.samples, lag, moments); }});
    if (Result<void> done = run_tasks(tasks, job.threads, "autocorrelation", control); !done)
      return failure(std::move(done).error());
    for (std::size_t lag = 1; lag <= lags; ++lag)
      assessment.rows.push_back({"autocorrelation", std::to_string(lag), values[lag - 1], Verdict::none, {}, {}});
  }
  assessment.figures = {{"mean", moments.mean}, {"standard_deviation", std::sqrt(std::max(moments.variance, 0.0))}};
  return assessment;
}

} // namespace

Procedure description() {
  return {{"description",
           "histogram and autocorrelation: what samples look like, and no estimate of entropy",
           1000,
           0,
           false,
           {{"lags", "the longest distance that the autocorrelation is computed for", 64, 1, 500, true}}},
          run};
}

} // namespace ntpkeygen::plugins::sp800_90b
