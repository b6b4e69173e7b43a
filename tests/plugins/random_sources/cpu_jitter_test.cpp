#include "random_sources/cpu_jitter/cpu_jitter.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <deque>
#include <gmock/gmock.h>
#include <set>

namespace ntpkeygen::plugins::cpu_jitter {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScriptedTicks final : public Ticks {
public:
  std::uint64_t now() noexcept override {
    if (!script.empty()) {
      last = script.front();
      script.pop_front();
    } else {
      last += step;
    }
    return last;
  }
  std::deque<std::uint64_t> script{};
  std::uint64_t last = 0, step = 1;
};

TEST(CpuJitter, ASampleIsTheLowBitsOfADifference) {
  ScriptedTicks ticks;
  const auto provider = make_provider(ticks);
  EXPECT_EQ(provider->info().nature, SourceNature::raw_noise);
  auto noise = provider->open_noise("");
  ASSERT_TRUE(noise.has_value());
  EXPECT_EQ((*noise)->sample_bits(), 8);
  EXPECT_EQ((*noise)->claimed_min_entropy(), claimed_min_entropy);
  const std::uint64_t start = ticks.last;
  ticks.script = {start + 5, start + 5 + 255, start + 5 + 255 + 256, start + 5 + 255 + 256 + 1000, start};
  test::RecordingControl control;
  std::array<std::uint8_t, 5> samples{};
  ASSERT_TRUE((*noise)->sample(samples, control).has_value());
  EXPECT_THAT(samples, ElementsAre(5, 255, 0, 1000 % 256, (65536 - 1516) % 256));
}

TEST(CpuJitter, ACoarseClockMakesItUnavailable) {
  ScriptedTicks ticks;
  ticks.step = 0;
  EXPECT_TRUE(failed_with(make_provider(ticks)->available(""), ErrorCode::unavailable));
  EXPECT_TRUE(failed_with(make_provider(ticks)->open_noise(""), ErrorCode::unavailable));
}

TEST(CpuJitter, NeverGivesKeyBitsAndTakesNoArgument) {
  ScriptedTicks ticks;
  const auto provider = make_provider(ticks);
  const auto opened = provider->open("");
  ASSERT_TRUE(failed_with(opened, ErrorCode::unsupported));
  EXPECT_THAT(opened.error().hint, HasSubstr("conditioned:cpu-jitter"));
  EXPECT_TRUE(failed_with(provider->open_noise("x"), ErrorCode::invalid_argument));
}

TEST(CpuJitter, CanBeInterrupted) {
  ScriptedTicks ticks;
  auto noise = make_provider(ticks)->open_noise("");
  test::RecordingControl control;
  control.cancel = true;
  std::array<std::uint8_t, 1> samples{};
  EXPECT_TRUE(failed_with((*noise)->sample(samples, control), ErrorCode::cancelled));
}

TEST(CpuJitter, OnThisMachineSamplesVary) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  const RandomSourceProvider &provider = *registrar.random_sources.front();
  if (const auto there = provider.available(""); !there)
    GTEST_SKIP() << there.error().message;
  auto noise = provider.open_noise("");
  ASSERT_TRUE(noise.has_value());
  test::RecordingControl control;
  std::vector<std::uint8_t> samples(10'000);
  ASSERT_TRUE((*noise)->sample(samples, control).has_value());
  EXPECT_GT(std::set<std::uint8_t>(samples.begin(), samples.end()).size(), 4U);
}

} // namespace
} // namespace ntpkeygen::plugins::cpu_jitter
