#include "cli/sample_statistics.hpp"

#include <algorithm>

namespace ntpkeygen::cli {

Result<SampleStatistics> sample_statistics(std::span<const std::uint8_t> samples, unsigned bits, RunControl &control) {
  SampleStatistics statistics;
  statistics.histogram.resize(std::size_t{1} << bits);
  for (const std::uint8_t sample : samples)
    if (sample < statistics.histogram.size())
      ++statistics.histogram[sample];
  const std::size_t size = samples.size();
  std::uint64_t sum = 0, squares = 0; // exact: 2^32 samples of 255 fit
  for (const std::uint8_t sample : samples) {
    sum += sample;
    squares += std::uint64_t{sample} * sample;
  }
  const long double n = size, mean = static_cast<long double>(sum) / n;
  const long double variance = static_cast<long double>(squares) - n * mean * mean;
  if (std::ranges::count(statistics.histogram, std::uint64_t{0}) + 1 ==
      static_cast<std::ptrdiff_t>(statistics.histogram.size()))
    return statistics;
  std::uint64_t first = sum, last = sum; // of all but the last lag, of all but the first lag samples
  for (std::size_t lag = 1; lag <= std::min(most_lags, size / 4); ++lag) {
    if (control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted");
    control.progress("autocorrelation", lag, most_lags);
    first -= samples[size - lag];
    last -= samples[lag - 1];
    std::uint64_t products = 0;
    for (std::size_t i = lag; i < size; ++i)
      products += std::uint32_t{samples[i]} * samples[i - lag];
    const long double covariance = static_cast<long double>(products) -
                                   mean * (static_cast<long double>(first) + static_cast<long double>(last)) +
                                   static_cast<long double>(size - lag) * mean * mean;
    statistics.autocorrelation.push_back(static_cast<double>(covariance / variance));
  }
  return statistics;
}

} // namespace ntpkeygen::cli
