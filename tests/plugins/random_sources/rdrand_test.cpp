// The retry rules by scripted answers; then the processor's own instructions, where it has them.
#include "random_sources/rdrand/rdrand.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <deque>
#include <gmock/gmock.h>
#include <set>

namespace ntpkeygen::plugins::rdrand {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::HasSubstr;

// Each failure of the script, then words that count up: 1, 2, ...
struct Script {
  unsigned failures = 0;
  std::uint64_t last = 0;
  unsigned asked = 0;
};
struct ScriptedWord {
  Script *script;
  bool operator()(std::uint64_t &word) const noexcept {
    ++script->asked;
    if (script->failures > 0) {
      --script->failures;
      word = 0;
      return false;
    }
    word = ++script->last;
    return true;
  }
};

class Words : public ::testing::Test {
protected:
  Script script;
  Source<ScriptedWord> source{{&script}, "rdtest", 10};
  test::RecordingControl control;
};

TEST_F(Words, RequestsOfAnySizeAreFilledWordByWord) {
  for (std::size_t size = 0; size <= 33; ++size) {
    script = {};
    std::vector<std::byte> out(size + 1, std::byte{0xee});
    ASSERT_TRUE(source.fill(std::span(out).first(size), control).has_value());
    for (std::size_t i = 0; i < size; ++i)
      EXPECT_EQ(out[i], i % 8 == 0 ? std::byte(i / 8 + 1) : std::byte{0}) << i << " of " << size;
    EXPECT_EQ(out[size], std::byte{0xee});
    EXPECT_EQ(script.asked, (size + 7) / 8);
  }
}

TEST_F(Words, NineFailuresAreRetriedAndCounted) {
  script.failures = 9;
  std::array<std::byte, 16> out{};
  ASSERT_TRUE(source.fill(out, control).has_value());
  EXPECT_EQ(out[0], std::byte{1});
  EXPECT_EQ(out[8], std::byte{2});
  EXPECT_EQ(source.stats().retries, 9U);
}

TEST_F(Words, TheTenthFailureInARowIsAnError) {
  for (const std::size_t size : {1U, 8U, 20U}) {
    script = {.failures = 10};
    std::vector<std::byte> out(size);
    const auto filled = source.fill(out, control);
    ASSERT_TRUE(failed_with(filled, ErrorCode::unavailable));
    EXPECT_THAT(filled.error().message, HasSubstr("rdtest failed 10 times in a row"));
    EXPECT_EQ(script.asked, 10U);
  }
}

TEST_F(Words, CanBeInterrupted) {
  control.cancel = true;
  std::array<std::byte, 16> out{};
  EXPECT_TRUE(failed_with(source.fill(out, control), ErrorCode::cancelled));
  EXPECT_EQ(script.asked, 0U);
}

TEST(Processor, GivesDifferentWordsWhereItHasTheInstruction) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  ASSERT_EQ(registrar.random_sources.size(), 2U);
  test::RecordingControl control;
  for (const auto &provider : registrar.random_sources) {
    EXPECT_EQ(provider->info().nature, SourceNature::hardware);
    EXPECT_TRUE(failed_with(provider->available("x"), ErrorCode::invalid_argument));
    EXPECT_TRUE(failed_with(provider->open("x"), ErrorCode::invalid_argument));
    if (!provider->available("")) {
      EXPECT_TRUE(failed_with(provider->open(""), ErrorCode::unavailable));
      std::cout << "not tried: " << provider->available("").error().message << "\n";
      continue;
    }
    auto source = provider->open("");
    ASSERT_TRUE(source.has_value());
    std::array<std::uint64_t, 64> words{};
    ASSERT_TRUE((*source)->fill(std::as_writable_bytes(std::span(words)), control).has_value());
    EXPECT_EQ(std::set<std::uint64_t>(words.begin(), words.end()).size(), words.size()) << provider->info().name;
  }
}

} // namespace
} // namespace ntpkeygen::plugins::rdrand
