#include "random_sources/jitterentropy/jitterentropy.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::plugins::jitterentropy {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The library's functions take no context: there is one script.
struct Script {
  int init = 0;
  bool allocates = true;
  ssize_t answer = 0; // 0: as many as asked for
  std::vector<std::size_t> asked{};
  int released = 0;
} script;

char collector = 0;
const Library scripted{
    [] { return script.init; },
    [](unsigned, unsigned) { return script.allocates ? reinterpret_cast<rand_data *>(&collector) : nullptr; },
    [](rand_data *) { ++script.released; },
    [](rand_data *, char *bytes, std::size_t size) {
      script.asked.push_back(size);
      std::fill_n(bytes, size, static_cast<char>(script.asked.size()));
      return script.answer != 0 ? script.answer : static_cast<ssize_t>(size);
    }};

class JitterEntropy : public ::testing::Test {
protected:
  JitterEntropy() { script = {}; }
  std::unique_ptr<RandomSourceProvider> provider = make_provider(scripted);
  test::RecordingControl control;
  std::array<std::byte, 70> out{};
};

TEST_F(JitterEntropy, RequestsGoInBlocksAndTheCollectorIsReleased) {
  {
    auto source = provider->open("");
    ASSERT_TRUE(source.has_value());
    ASSERT_TRUE((*source)->fill(out, control).has_value());
  }
  EXPECT_THAT(script.asked, ElementsAre(32, 32, 6));
  EXPECT_EQ(out[31], std::byte{1});
  EXPECT_EQ(out[69], std::byte{3});
  EXPECT_EQ(script.released, 1);
}

TEST_F(JitterEntropy, AFailedHealthTestIsAnError) {
  for (const auto &[answer, words] : {std::pair{-2, "repetition count"}, std::pair{-3, "adaptive proportion"},
                                      std::pair{-8, "lag prediction"}, std::pair{-4, "error -4"}}) {
    script.answer = answer;
    const auto filled = (*provider->open(""))->fill(out, control);
    ASSERT_TRUE(failed_with(filled, ErrorCode::health_test));
    EXPECT_THAT(filled.error().message, HasSubstr(words));
  }
  script.answer = -1;
  EXPECT_TRUE(failed_with((*provider->open(""))->fill(out, control), ErrorCode::io));
}

TEST_F(JitterEntropy, WhereThereIsNoNoiseItIsUnavailable) {
  script.init = 3;
  EXPECT_TRUE(failed_with(provider->available(""), ErrorCode::unavailable));
  EXPECT_TRUE(failed_with(provider->open(""), ErrorCode::unavailable));
  script = {.allocates = false};
  EXPECT_TRUE(failed_with(provider->open(""), ErrorCode::unavailable));
}

TEST_F(JitterEntropy, CanBeInterruptedAndTakesNoArgument) {
  auto source = provider->open("");
  control.cancel = true;
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::cancelled));
  EXPECT_TRUE(failed_with(provider->open("x"), ErrorCode::invalid_argument));
}

TEST_F(JitterEntropy, TheRealOneGivesDifferentBytes) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  auto source = registrar.random_sources.front()->open("");
  if (!source)
    GTEST_SKIP() << source.error().message;
  std::array<std::byte, 16> one{}, other{};
  ASSERT_TRUE((*source)->fill(one, control).has_value());
  ASSERT_TRUE((*source)->fill(other, control).has_value());
  EXPECT_NE(one, other);
}

} // namespace
} // namespace ntpkeygen::plugins::jitterentropy
