// What is measured, of sources that are good, that fail, that are slow and that wait; not how fast they are.
#include "bench/source_measurement.hpp"

#include <algorithm>
#include <atomic>
#include <gmock/gmock.h>
#include <thread>

namespace ntpkeygen::bench {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::SizeIs;

enum class Kind { good, noise, closed, dies, waits };

class TestSource final : public RandomSource {
public:
  explicit TestSource(Kind kind) : kind_(kind) {}
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      if (kind_ == Kind::dies && ++fills_ > 100)
        return failure(ErrorCode::io, "it died");
      while (kind_ == Kind::waits && !control.cancelled())
        std::this_thread::yield();
      if (control.cancelled())
        return failure(ErrorCode::cancelled, "interrupted");
      std::ranges::fill(out, std::byte{1});
      return {};
    });
  }
  [[nodiscard]] SourceStats stats() const noexcept override { return {.retries = 3, .throttled_ns = 4}; }

private:
  Kind kind_;
  int fills_ = 0;
};

class TestNoise final : public NoiseSource {
public:
  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return 8; }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return 1; }
  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &) noexcept override {
    std::ranges::fill(out, std::uint8_t{1});
    return {};
  }
};

class TestProvider final : public RandomSourceProvider {
public:
  explicit TestProvider(Kind kind) : kind_(kind) {
    info_.nature = kind == Kind::noise ? SourceNature::raw_noise : SourceNature::drbg;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    if (kind_ == Kind::closed)
      return failure(ErrorCode::unavailable, "it is closed");
    return std::make_unique<TestSource>(kind_);
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept override {
    return std::make_unique<TestNoise>();
  }

private:
  Kind kind_;
  SourceInfo info_{};
};

SourceMeasurement measured(Kind kind, std::chrono::nanoseconds budget = 50ms) {
  return measure(TestProvider(kind), "", budget, [] { return false; });
}

// On a machine that is busy with other things, the time can be over before anything was done in it.
SourceMeasurement measured_in_full(Kind kind) {
  const auto is_full = [](const SourceMeasurement &result) {
    return result.first_byte_ns && result.twenty_keys_ns && !result.throughput.empty() &&
           result.throughput.front().bytes_per_second &&
           std::ranges::all_of(result.latency, [](const Latency &latency) { return latency.requests > 0; });
  };
  std::chrono::nanoseconds budget = 50ms;
  SourceMeasurement result = measured(kind, budget);
  while (!is_full(result) && budget < 1min)
    result = measured(kind, budget *= 2);
  return result;
}

TEST(SourceMeasurement, AGoodSourceHasAllFigures) {
  for (const Kind kind : {Kind::good, Kind::noise}) {
    const SourceMeasurement result = measured_in_full(kind);
    EXPECT_EQ(result.failure, "");
    EXPECT_TRUE(result.first_byte_ns.has_value());
    EXPECT_TRUE(result.twenty_keys_ns.has_value());
    ASSERT_THAT(result.throughput, SizeIs(throughput_requests.size()));
    for (std::size_t i = 0; i < throughput_requests.size(); ++i)
      EXPECT_EQ(result.throughput[i].request_bytes, throughput_requests[i]);
    EXPECT_GT(result.throughput.front().bytes_per_second.value_or(0), 0);
    ASSERT_THAT(result.latency, SizeIs(latency_requests.size()));
    for (const Latency &latency : result.latency) {
      EXPECT_GT(latency.requests, 0U);
      EXPECT_LE(latency.p50_ns, latency.p99_ns);
      EXPECT_LE(latency.p99_ns, latency.max_ns);
    }
    EXPECT_EQ(result.stats.retries, kind == Kind::good ? 3U : 0U);
  }
}

TEST(SourceMeasurement, ASourceThatCannotBeOpenedSaysWhy) {
  const SourceMeasurement result = measured(Kind::closed);
  EXPECT_EQ(result.failure, "it is closed");
  EXPECT_FALSE(result.first_byte_ns.has_value());
}

TEST(SourceMeasurement, ASourceThatDiesSaysWhyAndEndsTheMeasurement) {
  const SourceMeasurement result = measured(Kind::dies);
  EXPECT_EQ(result.failure, "it died");
  for (const Throughput &one : result.throughput)
    EXPECT_FALSE(one.bytes_per_second.has_value());
}

TEST(SourceMeasurement, ASourceThatOnlyWaitsHasNoFiguresAndNoFailure) {
  const SourceMeasurement result = measured(Kind::waits, 5ms);
  EXPECT_EQ(result.failure, "");
  EXPECT_FALSE(result.first_byte_ns.has_value());
  for (const Latency &latency : result.latency)
    EXPECT_EQ(latency.requests, 0U);
  for (const Throughput &one : result.throughput)
    EXPECT_FALSE(one.bytes_per_second.has_value());
}

TEST(SourceMeasurement, AnInterruptionEndsIt) {
  std::atomic<int> asked = 0;
  const SourceMeasurement result = measure(TestProvider(Kind::good), "", 1h, [&] { return ++asked > 1000; });
  EXPECT_EQ(result.failure, "");
}

} // namespace
} // namespace ntpkeygen::bench
