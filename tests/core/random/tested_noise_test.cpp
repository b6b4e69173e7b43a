#include "ntpkeygen/host/random/tested_noise.hpp"

#include "support/plain_memory.hpp"
#include "support/random_sources.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <random>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::ScriptedNoise;
using test::ScriptedSource;
using ::testing::Each;
using ::testing::HasSubstr;

constexpr std::size_t start_up = 1024;

// Uniform samples of `bits`, the same in every run.
std::vector<std::uint8_t> good_samples(std::size_t count, unsigned bits) {
  std::mt19937 generator(1);
  std::vector<std::uint8_t> samples(count);
  for (std::uint8_t &sample : samples)
    sample = static_cast<std::uint8_t>(generator() >> (32 - bits));
  return samples;
}

class Tested : public ::testing::Test {
protected:
  TestedNoise noise_of(std::vector<std::uint8_t> samples, std::uint8_t bits, double claimed) {
    return {std::make_unique<ScriptedNoise>(std::move(samples), bits, claimed), *health_cutoffs(claimed, bits), "dice"};
  }

  test::RecordingControl control;
  std::vector<std::uint8_t> out = std::vector<std::uint8_t>(100, 0xee);
};

TEST_F(Tested, GoodNoisePassesAndTheStartUpSamplesAreThrownAway) {
  const auto samples = good_samples(start_up + 200, 8);
  TestedNoise noise = noise_of(samples, 8, 7);
  EXPECT_EQ(noise.sample_bits(), 8);
  EXPECT_EQ(noise.claimed_min_entropy(), 7);
  ASSERT_TRUE(noise.sample(out, control).has_value());
  EXPECT_EQ(out, std::vector<std::uint8_t>(samples.begin() + start_up, samples.begin() + start_up + 100));
  ASSERT_TRUE(noise.sample(out, control).has_value()); // no second start-up test
  EXPECT_TRUE(failed_with(noise.sample(out, control), ErrorCode::end_of_data));
}

TEST_F(Tested, AStuckSourceNeverStarts) {
  TestedNoise noise = noise_of(std::vector<std::uint8_t>(5000, 3), 8, 7);
  const auto drawn = noise.sample(out, control);
  ASSERT_TRUE(failed_with(drawn, ErrorCode::health_test));
  EXPECT_THAT(drawn.error().message,
              HasSubstr("the random source 'dice' fails: 6 equal samples in a row (repetition count test, cutoff 6)"));
}

TEST_F(Tested, ASourceThatDiesWhileItIsUsedFailsFromThenOn) {
  auto samples = good_samples(start_up + 50, 8);
  samples.resize(samples.size() + 3000, 77);
  TestedNoise noise = noise_of(samples, 8, 7);
  EXPECT_TRUE(failed_with(noise.sample(out, control), ErrorCode::health_test));
  EXPECT_THAT(out, Each(0)); // what came before the alarm is not to be used either
  EXPECT_TRUE(failed_with(noise.sample(out, control), ErrorCode::health_test));
}

TEST_F(Tested, ABiasedSourceFailsTheProportionTest) {
  auto samples = good_samples(start_up + 100'000, 1);
  for (std::size_t i = start_up; i < samples.size(); i += 2)
    samples[i] = 0; // three of four are 0
  TestedNoise noise = noise_of(samples, 1, 0.98);
  Result<void> drawn;
  for (int i = 0; i < 900 && drawn; ++i)
    drawn = noise.sample(out, control);
  ASSERT_TRUE(failed_with(drawn, ErrorCode::health_test));
  EXPECT_THAT(drawn.error().message, HasSubstr("(adaptive proportion test, cutoff "));
}

class StuckCheck : public ::testing::Test {
protected:
  StuckCheckedSource source_of(std::vector<std::uint8_t> bytes) {
    return {std::make_unique<ScriptedSource>(std::move(bytes)), "token", memory};
  }
  Result<void> fill(StuckCheckedSource &source, std::size_t size) {
    return source.fill(std::span(out).first(size), control);
  }

  test::PlainMemory memory;
  test::RecordingControl control;
  std::array<std::byte, 256> out{};
};

TEST_F(StuckCheck, GoodBytesPassThrough) {
  const auto bytes = good_samples(272, 8);
  StuckCheckedSource source = source_of(bytes);
  ASSERT_TRUE(fill(source, 256).has_value());
  // The first block is what the others are compared with, and is not given out.
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(bytes)).subspan(16), out));
}

TEST_F(StuckCheck, TheSameBlockTwiceIsAnErrorFromThenOn) {
  auto bytes = good_samples(80, 8);
  std::copy_n(bytes.begin() + 32, 16, bytes.begin() + 48);
  StuckCheckedSource source = source_of(bytes);
  ASSERT_TRUE(fill(source, 47).has_value());
  const auto filled = fill(source, 1);
  ASSERT_TRUE(failed_with(filled, ErrorCode::health_test));
  EXPECT_EQ(filled.error().message, "the random source 'token' fails: it is stuck, 16 bytes came twice in a row");
  EXPECT_EQ(out[0], std::byte{0});
  EXPECT_TRUE(failed_with(fill(source, 1), ErrorCode::health_test));
}

TEST_F(StuckCheck, BlocksAreCountedFromTheFirstByteWhateverIsAskedFor) {
  auto bytes = good_samples(256, 8);
  std::copy_n(bytes.begin() + 8, 16, bytes.begin() + 24); // the same 16 bytes, but across blocks
  StuckCheckedSource source = source_of(bytes);
  for (std::size_t size : {1U, 2U, 3U, 5U, 7U, 11U, 13U, 17U, 19U, 23U})
    EXPECT_TRUE(fill(source, size).has_value()) << size;
}

TEST_F(StuckCheck, OneSidedOutputIsStuckFromTheFirstKeyOn) {
  StuckCheckedSource source = source_of(std::vector<std::uint8_t>(64, 0xff));
  EXPECT_TRUE(failed_with(fill(source, 16), ErrorCode::health_test));
}

} // namespace
} // namespace ntpkeygen
