// What is measured, of sources that are good, that fail, that are slow and that wait; not how fast they are.
#include "bench/source_measurement.hpp"

#include "mac_engines/botan/botan.hpp"

#include "support/plain_memory.hpp"
#include "support/registered_plugins.hpp"
#include "support/run_control.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace ntpkeygen::bench {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::SizeIs;

enum class Kind { good, noise, closed, dies, waits, cut_short };

Signals signals;

class TestSource final : public RandomSource {
public:
  explicit TestSource(Kind kind) : kind_(kind) {}
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      if (kind_ == Kind::dies && ++fills_ > 100)
        return failure(ErrorCode::io, "it died");
      // As the timer does it in the helper.
      while (kind_ == Kind::waits && !control.cancelled())
        signals.tick = 1;
      if (kind_ == Kind::cut_short && out.size() == 256 && ++fills_ == 100) {
        signals.interrupted = 1;
        signals.tick = 1;
      }
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

// As find_source() has it, but that nothing is watched.
Openings openings_of(Kind kind) {
  const auto open = [kind] { return OpenSource::open(TestProvider(kind), ""); };
  return {open, open};
}

SourceMeasurement measured(Kind kind, std::chrono::nanoseconds budget = 50ms) {
  signals.tick = 0;
  signals.interrupted = 0;
  return measure(openings_of(kind), budget, signals);
}

// On a machine that is busy with other things, the time can be over before anything was done in it.
template <class Measure> SourceMeasurement in_full(const Measure &measure_within) {
  const auto is_full = [](const SourceMeasurement &result) {
    return result.first_byte_ns && !result.throughput.empty() && result.throughput.front().bytes_per_second &&
           std::ranges::all_of(result.latency, [](const Latency &latency) { return latency.requests > 0; });
  };
  std::chrono::nanoseconds budget = 50ms;
  SourceMeasurement result = measure_within(budget);
  while (!is_full(result) && budget < 1min)
    result = measure_within(budget *= 2);
  return result;
}

TEST(SourceMeasurement, AGoodSourceHasAllFigures) {
  for (const Kind kind : {Kind::good, Kind::noise}) {
    const SourceMeasurement result = in_full([kind](auto budget) { return measured(kind, budget); });
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
  signals.interrupted = 1;
  signals.tick = 1;
  EXPECT_EQ(measure(openings_of(Kind::good), 1h, signals).failure, "");
}

TEST(SourceMeasurement, WhatWasMeasuredWhenTheTimeEndedCounts) {
  std::chrono::nanoseconds budget = 100ms;
  SourceMeasurement result;
  do // a busy machine may not come as far as to that request
    result = measured(Kind::cut_short, budget *= 2);
  while (signals.interrupted == 0 && budget < 1min);
  EXPECT_EQ(result.failure, "");
  ASSERT_THAT(result.throughput, SizeIs(throughput_requests.size()));
  EXPECT_GT(result.throughput[2].bytes_per_second.value_or(0), 0);
  for (std::size_t i = 3; i < throughput_requests.size(); ++i)
    EXPECT_FALSE(result.throughput[i].bytes_per_second.has_value());
}

// To read the clock takes as long as some sources' requests.
TEST(SourceMeasurement, TheClockIsNotLookedAtBetweenTicks) {
  class Patient final : public RandomSource {
  public:
    explicit Patient(int &late) : late_(late) {}
    [[nodiscard]] Result<void> fill(std::span<std::byte>, RunControl &control) noexcept override {
      const auto begin = std::chrono::steady_clock::now();
      while (std::chrono::steady_clock::now() - begin < 5ms)
        late_ += control.cancelled() ? 1 : 0;
      signals.tick = 1;
      return control.cancelled() ? Result<void>(failure(Error{ErrorCode::cancelled})) : Result<void>();
    }

  private:
    int &late_;
  };
  int late = 0;
  signals.tick = 0;
  signals.interrupted = 0;
  const auto open = [&]() -> Result<OpenSource> {
    OpenSource opened;
    opened.source = std::make_unique<Patient>(late);
    return opened;
  };
  const SourceMeasurement result = measure({open, open}, 1ms, signals);
  EXPECT_EQ(late, 0);
  EXPECT_FALSE(result.first_byte_ns.has_value()); // the tick at the end was looked at
}

std::size_t samples_drawn = 0;

class CountingNoise final : public NoiseSource {
public:
  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return 8; }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return 0.2; }
  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &) noexcept override {
    for (std::uint8_t &sample : out)
      sample = static_cast<std::uint8_t>(samples_drawn++ * 37);
    return {};
  }
};

class CountedProvider final : public RandomSourceProvider {
public:
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(Error{ErrorCode::unsupported});
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept override {
    return std::make_unique<CountingNoise>();
  }

private:
  SourceInfo info_{
      .name = "dice", .summary = {}, .argument = {}, .nature = SourceNature::raw_noise, .argument_required = false};
};

// So that what keys of raw noise cost is what they cost: the start-up test, and 1,600 samples for every 256 bits.
TEST(FindSource, KeysAreMadeOfNoiseThatIsTestedAndConditioned) {
  test::RegisteredPlugins plugins;
  const auto dice = +[](Registrar &registrar) { return registrar.add(std::make_unique<CountedProvider>()); };
  plugins.enroll(dice);
  test::PlainMemory memory;
  signals.tick = 0;
  signals.interrupted = 0;
  auto found = find_source("dice", plugins, memory);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  const SourceMeasurement unmeasured = in_full([&](auto budget) { return measure(*found, budget, signals); });
  EXPECT_FALSE(unmeasured.twenty_keys_ns.has_value()); // without a MAC engine nothing is conditioned
  EXPECT_NE(unmeasured.failure, "");
  EXPECT_GT(unmeasured.throughput.front().bytes_per_second.value_or(0), 0);

  plugins.enroll(plugins::botan::enroll);
  found = find_source("dice", plugins, memory);
  samples_drawn = 0;
  std::array<std::byte, 256> out{};
  test::RecordingControl control;
  auto opened = found->for_keys();
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  ASSERT_TRUE(opened->fill(out, control).has_value());
  ASSERT_TRUE(opened->fill(std::span(out).first(160), control).has_value());
  EXPECT_EQ(samples_drawn, 1024U + 13 * 1600);
  EXPECT_EQ(find_source("nobody", plugins, memory).error().code, ErrorCode::not_found);
}

} // namespace
} // namespace ntpkeygen::bench
