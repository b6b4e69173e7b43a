#include "random_sources/openssl/openssl.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::plugins::openssl_random {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> asked;
int good_until = 0; // calls; those behind them fail
int scripted(unsigned char *bytes, int size) {
  asked.push_back(size);
  std::fill_n(bytes, size, static_cast<unsigned char>(asked.size()));
  return static_cast<int>(asked.size()) <= good_until ? 1 : 0;
}

class OpenSsl : public ::testing::Test {
protected:
  OpenSsl() { asked.clear(); }
  test::RecordingControl control;
};

TEST_F(OpenSsl, LongRequestsGoInPieces) {
  good_until = 9;
  auto source = make_provider(scripted)->open("");
  ASSERT_TRUE(source.has_value());
  std::vector<std::byte> out(130'000);
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_THAT(asked, ElementsAre(1, 65'536, 64'464));
  EXPECT_EQ(out.front(), std::byte{2});
  EXPECT_EQ(out.back(), std::byte{3});
}

TEST_F(OpenSsl, AFailureIsAnError) {
  good_until = 0;
  EXPECT_TRUE(failed_with(make_provider(scripted)->open(""), ErrorCode::unavailable));
  asked.clear();
  good_until = 1;
  auto source = make_provider(scripted)->open("");
  ASSERT_TRUE(source.has_value());
  std::array<std::byte, 8> out{};
  const auto filled = (*source)->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_EQ(filled.error().message, "the random source 'openssl' fails: OpenSSL does not say why");
}

TEST_F(OpenSsl, CanBeInterruptedAndTakesNoArgument) {
  good_until = 9;
  auto source = make_provider(scripted)->open("");
  control.cancel = true;
  std::array<std::byte, 8> out{};
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::cancelled));
  EXPECT_TRUE(failed_with(make_provider(scripted)->open("x"), ErrorCode::invalid_argument));
}

TEST_F(OpenSsl, TheRealOneGivesDifferentBytes) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  auto source = registrar.random_sources.front()->open("");
  ASSERT_TRUE(source.has_value()) << source.error().message;
  std::array<std::byte, 32> one{}, other{};
  ASSERT_TRUE((*source)->fill(one, control).has_value());
  ASSERT_TRUE((*source)->fill(other, control).has_value());
  EXPECT_NE(one, other);
}

} // namespace
} // namespace ntpkeygen::plugins::openssl_random
