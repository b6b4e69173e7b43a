#include "random_sources/botan/botan.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <botan/version.h>
#include <gmock/gmock.h>
#include <span>
#include <stdexcept>
#include <vector>

namespace ntpkeygen::plugins::botan_random {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::HasSubstr;

TEST(BotanGenerators, FillRequestsOfAnySizeAndNeverTheSame) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  ASSERT_EQ(registrar.random_sources.size(), 3U);
  test::RecordingControl control;
  for (const auto &provider : registrar.random_sources) {
    EXPECT_EQ(provider->info().nature, SourceNature::drbg);
    EXPECT_TRUE(provider->available("").has_value()) << provider->info().name;
    std::vector<std::vector<std::byte>> drawn;
    for (int i = 0; i < 2; ++i) {
      auto source = provider->open("");
      ASSERT_TRUE(source.has_value()) << source.error().message;
      std::vector<std::byte> out(200'000);
      ASSERT_TRUE((*source)->fill(out, control).has_value());
      EXPECT_NE(std::vector(out.end() - 64, out.end()), std::vector(64, std::byte{0})); // to the last byte
      drawn.push_back(std::move(out));
      EXPECT_TRUE((*source)->fill({}, control).has_value());
    }
    EXPECT_NE(drawn[0], drawn[1]) << provider->info().name;
  }
}

TEST(BotanGenerators, TakeNoArgument) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  for (const auto &provider : registrar.random_sources) {
    EXPECT_TRUE(failed_with(provider->open("x"), ErrorCode::invalid_argument));
    EXPECT_TRUE(failed_with(provider->available("x"), ErrorCode::invalid_argument));
  }
}

// Says that it is seeded, and fails. What a generator has to implement differs between Botan 2 and 3.
class FailingGenerator final : public Botan::RandomNumberGenerator {
public:
  bool accepts_input() const override { return false; }
  std::string name() const override { return "failing"; }
  void clear() override {}
  bool is_seeded() const override { return true; }
#if BOTAN_VERSION_MAJOR == 2
  void randomize(std::uint8_t[], std::size_t) override { throw std::runtime_error("out of order"); }
  void add_entropy(const std::uint8_t[], std::size_t) override {}
#else
private:
  void fill_bytes_with_input(std::span<std::uint8_t>, std::span<const std::uint8_t>) override {
    throw std::runtime_error("out of order");
  }
#endif
};

TEST(BotanGenerators, AFailureIsAnErrorWithBotansWords) {
  test::RecordingControl control;
  std::array<std::byte, 8> out{};
  const auto broken = make_provider("broken", "", [] { return std::make_unique<FailingGenerator>(); });
  auto source = broken->open("");
  ASSERT_TRUE(source.has_value());
  const auto filled = (*source)->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_THAT(filled.error().message, HasSubstr("the random source 'broken' fails: out of order"));

  const auto unseeded = make_provider("dry", "", [] { return std::make_unique<Botan::Null_RNG>(); });
  EXPECT_TRUE(failed_with(unseeded->open(""), ErrorCode::unavailable));
  const auto thrower = make_provider("absent", "", []() -> std::unique_ptr<Botan::RandomNumberGenerator> {
    throw std::runtime_error("no such luck");
  });
  const auto opened = thrower->open("");
  ASSERT_TRUE(failed_with(opened, ErrorCode::unavailable));
  EXPECT_EQ(opened.error().message, "the random source 'absent' is not to be had: no such luck");
  const auto exhausted =
      make_provider("full", "", []() -> std::unique_ptr<Botan::RandomNumberGenerator> { throw std::bad_alloc(); });
  EXPECT_TRUE(failed_with(exhausted->open(""), ErrorCode::out_of_memory));
}

TEST(BotanGenerators, CanBeInterruptedInALongRequest) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  test::RecordingControl control;
  control.cancel = true;
  std::vector<std::byte> out(128 * 1024);
  EXPECT_TRUE(failed_with((*registrar.random_sources[0]->open(""))->fill(out, control), ErrorCode::cancelled));
}

} // namespace
} // namespace ntpkeygen::plugins::botan_random
