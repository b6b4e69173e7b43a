// The expected blocks are HMAC-SHA-256 as Python's hmac module computes it.
#include "ntpkeygen/host/random/conditioning.hpp"

#include "mac_engines/botan/botan.hpp"
#include "ntpkeygen/host/random/tested_noise.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "support/collecting_registrar.hpp"
#include "support/plain_memory.hpp"
#include "support/random_sources.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::ScriptedNoise;
using test::ScriptedSource;

std::vector<std::uint8_t> counting(std::uint8_t first, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

std::string hex_of(std::span<const std::byte> bytes) {
  std::string digits(2 * bytes.size(), '0');
  hex::encode(bytes, std::as_writable_bytes(std::span(digits)).data(), hex::lower);
  return digits;
}

class Conditioning : public ::testing::Test {
protected:
  Conditioning() { EXPECT_TRUE(plugins::botan::enroll(registrar).has_value()); }
  [[nodiscard]] const MacEngine &engine() const { return *registrar.mac_engines.front(); }
  template <class... Sources> Result<std::unique_ptr<RandomSource>> mixed(Sources... sources) {
    std::vector<std::unique_ptr<RandomSource>> all;
    (all.push_back(std::move(sources)), ...);
    return mix(std::move(all), engine(), memory);
  }
  static auto scripted(std::vector<std::uint8_t> bytes) { return std::make_unique<ScriptedSource>(std::move(bytes)); }
  auto noise(std::vector<std::uint8_t> samples, double claimed) {
    return std::make_unique<ScriptedNoise>(std::move(samples), 8, claimed);
  }

  test::CollectingRegistrar registrar;
  test::PlainMemory memory;
  test::RecordingControl control;
  std::array<std::byte, 64> out{};
};

TEST_F(Conditioning, MixesFreshInputForEveryBlock) {
  auto source = mixed(scripted(counting(0, 64)), scripted(counting(100, 64)));
  ASSERT_TRUE(source.has_value());
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_EQ(hex_of(out), "3b694d7a627c4686ba281eebb6fd224abff5f7736df7a640c5e14d51e04e6c9e"
                         "4b608ec0e602e6878f7723c63c8e3903272447e07860837de0415e79a6b296ea");
}

TEST_F(Conditioning, AShortRequestTakesAWholeBlockToo) {
  auto source = mixed(scripted(counting(0, 64)), scripted(counting(100, 64)));
  const std::span<std::byte> parts(out);
  ASSERT_TRUE((*source)->fill(parts.first(5), control).has_value());
  ASSERT_TRUE((*source)->fill(parts.subspan(5, 5), control).has_value());
  EXPECT_EQ(hex_of(parts.first(10)), "3b694d7a62"
                                     "4b608ec0e6");
  EXPECT_TRUE(failed_with((*source)->fill(parts.first(1), control), ErrorCode::end_of_data));
}

TEST_F(Conditioning, OneGoodSourceIsEnoughForAnotherBlock) {
  const std::vector<std::uint8_t> zeros(32, 0);
  std::string first;
  for (std::uint8_t seed = 0; seed < 2; ++seed) {
    auto source = mixed(scripted(zeros), scripted(counting(seed, 32)));
    ASSERT_TRUE((*source)->fill(std::span(out).first(32), control).has_value());
    EXPECT_NE(hex_of(std::span(out).first(32)), first);
    first = hex_of(std::span(out).first(32));
  }
}

TEST_F(Conditioning, OneSourcesFailureIsTheFailureOfAll) {
  auto source = mixed(scripted(counting(0, 64)), scripted(counting(100, 63)));
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::end_of_data));
}

TEST_F(Conditioning, FewerThanTwoSourcesCannotBeMixed) {
  EXPECT_TRUE(failed_with(mixed(scripted({})), ErrorCode::invalid_argument));
}

TEST_F(Conditioning, TakesAsManySamplesAsHold320Bits) {
  EXPECT_EQ(samples_for_a_block(8), 40U);
  EXPECT_EQ(samples_for_a_block(1), 320U);
  EXPECT_EQ(samples_for_a_block(0.999), 321U);
  auto source = condition(noise(counting(0, 1280), 0.5), engine(), memory); // 640 samples a block
  ASSERT_TRUE(source.has_value());
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_EQ(hex_of(out), "67a8f9469601acf51decf65f0546f4f566cf3c6afb60fd6b21185bbbbc3a91ef"
                         "b1cf8a405ca7c2bd6b288f1448bfc8abf6dc0115bdb09c594d5d679309fa8855");
  EXPECT_TRUE(failed_with((*source)->fill(std::span(out).first(1), control), ErrorCode::end_of_data));
}

TEST_F(Conditioning, MoreSamplesThanFitIntoOnePiece) {
  auto source = condition(noise(counting(0, 32'000), 0.01), engine(), memory);
  ASSERT_TRUE((*source)->fill(std::span(out).first(32), control).has_value());
  EXPECT_EQ(hex_of(std::span(out).first(32)), "7c138b44db48a4b84f66864e676384db9b453de81b86191338674e856e050e5a");
}

TEST_F(Conditioning, ClaimsOfNoEntropyAreRefused) {
  for (const double claimed : {0.0, -1.0, 8.1})
    EXPECT_TRUE(failed_with(condition(noise({}, claimed), engine(), memory), ErrorCode::invalid_argument)) << claimed;
}

TEST_F(Conditioning, WidthsThatNoSampleHasAreAFaultOfThePlugin) {
  for (const int bits : {0, 9, 255})
    EXPECT_TRUE(failed_with(
        condition(std::make_unique<ScriptedNoise>(std::vector<std::uint8_t>{}, static_cast<std::uint8_t>(bits), 0.5),
                  engine(), memory),
        ErrorCode::plugin_fault))
        << bits;
}

TEST_F(Conditioning, CanBeInterrupted) {
  auto source = condition(noise(counting(0, 100), 8), engine(), memory);
  control.cancel = true;
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::cancelled));
}

TEST_F(Conditioning, WipesWhatItHeld) {
  {
    auto source = mixed(scripted(counting(0, 64)), scripted(counting(100, 64)));
  }
  EXPECT_EQ(memory.outstanding(), 0);
}

} // namespace
} // namespace ntpkeygen
