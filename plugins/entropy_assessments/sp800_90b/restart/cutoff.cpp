#include "entropy_assessments/sp800_90b/restart/cutoff.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

using Series = std::vector<double>;

// Counts of independent symbols in a sample of fixed size are Poisson counts, given their sum. So the probability that
// none is over x is a coefficient of a product of truncated Poisson series: it is computed, not simulated. All terms
// are positive, nothing cancels.
class LargestCount {
public:
  LargestCount(std::uint32_t samples, double min_entropy) : n_(samples), log_factorial_(samples + 1) {
    for (std::size_t i = 2; i < log_factorial_.size(); ++i)
      log_factorial_[i] = log_factorial_[i - 1] + std::log(static_cast<long double>(i));
    p_ = std::exp2(-min_entropy);
    symbols_ = static_cast<std::uint32_t>(std::floor(1 / p_));
    rest_ = std::max(0.0, 1 - symbols_ * p_);
  }

  // That some symbol occurs more than x times.
  [[nodiscard]] double exceeds(std::uint32_t x) const {
    Series all = power(poisson(p_, x), symbols_);
    if (rest_ > 0)
      all = product(all, poisson(rest_, x));
    if (all.size() <= n_)
      return 1; // they cannot all be so rare
    return 1 - all[n_] / static_cast<double>(std::exp(log_poisson(n_, n_)));
  }
  // No less than that, at less cost: the sum over the symbols.
  [[nodiscard]] double exceeds_at_most(std::uint32_t x) const {
    return symbols_ * binomial_tail(p_, x) + binomial_tail(rest_, x);
  }

private:
  [[nodiscard]] long double log_poisson(long double mean, std::uint32_t count) const {
    return static_cast<long double>(count) * std::log(mean) - mean - log_factorial_[count];
  }
  [[nodiscard]] Series poisson(double probability, std::uint32_t most) const {
    Series series(std::min(most, n_) + 1);
    for (std::uint32_t count = 0; count < series.size(); ++count)
      series[count] = static_cast<double>(std::exp(log_poisson(static_cast<long double>(probability) * n_, count)));
    return series;
  }
  [[nodiscard]] Series product(const Series &a, const Series &b) const {
    Series c(std::min<std::size_t>(a.size() + b.size() - 1, n_ + 1));
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double factor = a[i];
      const std::size_t most = std::min(b.size(), c.size() - i);
      for (std::size_t j = 0; j < most; ++j)
        c[i + j] += factor * b[j];
    }
    return c;
  }
  [[nodiscard]] Series power(const Series &base, std::uint32_t exponent) const {
    Series result = base;
    for (std::uint32_t bit = std::bit_floor(exponent) >> 1; bit != 0; bit >>= 1) {
      result = product(result, result);
      if ((exponent & bit) != 0)
        result = product(result, base);
    }
    return result;
  }
  [[nodiscard]] double binomial_tail(double probability, std::uint32_t x) const {
    if (probability <= 0 || probability >= 1)
      return probability <= 0 || x >= n_ ? 0 : 1;
    const long double p = probability;
    long double tail = 0;
    for (std::uint32_t count = n_; count > x; --count)
      tail += std::exp(log_factorial_[n_] - log_factorial_[count] - log_factorial_[n_ - count] +
                       static_cast<long double>(count) * std::log(p) +
                       static_cast<long double>(n_ - count) * std::log1p(-p));
    return static_cast<double>(tail);
  }

  std::uint32_t n_, symbols_ = 0;
  double p_ = 0, rest_ = 0;
  std::vector<long double> log_factorial_;
};

} // namespace

std::uint32_t largest_count_cutoff(std::uint32_t samples, double min_entropy, double alpha) {
  const LargestCount count(samples, min_entropy);
  std::uint32_t low = 0, high = samples; // the first number whose bound is not over alpha is in (low, high]
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (count.exceeds_at_most(middle) <= alpha ? high : low) = middle;
  }
  // The bound is close, so that this is the number or nearly so.
  while (high > 1 && count.exceeds(high - 1) <= alpha)
    --high;
  return high;
}

double restart_alpha() {
  return -std::expm1(std::log(0.99) / 2000);
}

} // namespace ntpkeygen::plugins::sp800_90b
