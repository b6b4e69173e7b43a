#include "bench/latency_histogram.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace ntpkeygen::bench {
namespace {

TEST(LatencyHistogram, IsExactBelow32AndOffByAThirtySecondAbove) {
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value += 1 + value / 7) {
    LatencyHistogram histogram;
    histogram.add(value);
    histogram.add(std::numeric_limits<std::uint64_t>::max()); // so that the longest does not bound the answer
    const std::uint64_t read = histogram.quantile(0.25);
    EXPECT_GE(read, value);
    EXPECT_LE(read - value, value / 32) << value;
    if (value < 32) {
      EXPECT_EQ(read, value);
    }
  }
}

TEST(LatencyHistogram, QuantilesAreThoseOfTheSortedValues) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> values(10'000);
  LatencyHistogram histogram;
  for (std::uint64_t &value : values) {
    value = random() >> (random() % 50 + 10);
    histogram.add(value);
  }
  std::ranges::sort(values);
  EXPECT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.longest(), values.back());
  for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999}) {
    const std::uint64_t exact = values[static_cast<std::size_t>(share * 10'000)];
    EXPECT_GE(histogram.quantile(share), exact) << share;
    EXPECT_LE(histogram.quantile(share) - exact, exact / 32) << share;
  }
  EXPECT_EQ(histogram.quantile(1.0), values.back());
}

TEST(LatencyHistogram, EmptyAndExtreme) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  histogram.add(0);
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  histogram.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.quantile(0.99), std::numeric_limits<std::uint64_t>::max());
}

} // namespace
} // namespace ntpkeygen::bench
