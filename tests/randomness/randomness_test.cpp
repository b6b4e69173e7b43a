// Keys are as random as their source, whatever file they come out of; and what is not is noticed. What a run of 10^9
// bits came to is in docs/testing.md; key_randomness makes it.
#include "randomness/survey.hpp"

#include "support/random_sources.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <gmock/gmock.h>
#include <random>
#include <stdexcept>

namespace ntpkeygen::test {

// A generator with a fault. Each is a fault of the source, which the generator hands on as it is: the bytes that it
// takes for hex keys, and for characters all but those past the last whole multiple of their number.
struct Fault {
  std::string name{};
  std::function<void(std::span<std::byte> bytes, std::mt19937_64 &random)> spoil{};
  std::string found_by{}; // a test that has to find it, among others
  Encoding encoding{};
  double bits = 0; // that it is found in
};

static void PrintTo(const Fault &fault, std::ostream *out) {
  *out << fault.name;
}

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SpoiltSource final : public RandomSource {
public:
  explicit SpoiltSource(const Fault &fault) : spoil_(fault.spoil) {}
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&] {
      auto filled = source_.fill(out, control);
      spoil_(out, random_);
      return filled;
    });
  }

private:
  SeededSource source_{20261124};
  std::function<void(std::span<std::byte>, std::mt19937_64 &)> spoil_;
  std::mt19937_64 random_{1};
};

KeyKind kind_called(std::string_view name) {
  for (const KeyKind &kind : all_key_kinds())
    if (kind.name() == name)
      return kind;
  throw std::invalid_argument(std::string(name));
}

TEST(Probabilities, AreThoseOfTheTables) {
  EXPECT_NEAR(probability_of_sigmas(1.959963985), 0.05, 1e-9);
  EXPECT_NEAR(probability_of_sigmas(-6), 1.973175e-9, 1e-14);
  // Upper quantiles of the chi-squared distribution at 2.5 % and 0.5 %, so that both sides together have twice that.
  EXPECT_NEAR(probability_of_chi_square(5.023886, 1), 0.05, 1e-6);
  EXPECT_NEAR(probability_of_chi_square(20.483177, 10), 0.05, 1e-6);
  EXPECT_NEAR(probability_of_chi_square(140.169489, 100), 0.01, 1e-6);
  EXPECT_NEAR(probability_of_chi_square(67.327563, 100), 0.01, 1e-6); // too even
  EXPECT_NEAR(probability_of_chi_square(65535, 65535), 1, 0.01);
  EXPECT_NEAR(probability_of_count(1, 1), 1 - std::exp(-1), 1e-12);
  EXPECT_NEAR(probability_of_count(0.5, 3), 0.014387677966970713, 1e-12);
  EXPECT_EQ(probability_of_count(3, 0), 1);
}

TEST(KeyKinds, AreOfEveryFormatAndEncoding) {
  std::vector<std::string> names;
  for (const KeyKind &kind : all_key_kinds()) {
    const std::string encoding = kind.group.encoding == Encoding::hex ? " hex" : " ascii";
    names.push_back(kind.format->info().name + encoding);
  }
  for (const char *name :
       {"ntpsec hex", "ntpsec ascii", "classic hex", "classic ascii", "chrony hex", "chrony ascii", "busybox hex",
        "busybox ascii", "cisco-ios ascii", "cisco-ios-xe ascii", "junos ascii", "arista-eos ascii"})
    EXPECT_THAT(names, Contains(name));
  EXPECT_GE(names.size(), 40U);
}

TEST(Randomness, KeysOutOfFilesAreAsRandomAsTheirSource) {
  const TemporaryFolder folder;
  const auto source = system_source();
  EXPECT_THAT(alarms_of(survey(1e7, *source, folder.path())), IsEmpty());
}

class RandomnessFault : public ::testing::TestWithParam<Fault> {};

TEST_P(RandomnessFault, IsFound) {
  const Fault &fault = GetParam();
  const TemporaryFolder folder;
  const KeyKind kind = kind_called(fault.encoding == Encoding::hex ? "ntpsec AES 128 hex" : "ntpsec AES 128 ascii");
  SpoiltSource source(fault);
  const auto count = static_cast<std::size_t>(fault.bits / kind.bits_of_a_key());
  // As strictly as among all tests of a survey.
  std::vector<SurveyRow> rows{survey_keys(kind, keys_out_of_files(kind, count, source, folder.path())), {}};
  rows.back().results.resize(1000);
  EXPECT_THAT(alarms_of(rows), Contains(HasSubstr(": " + fault.found_by + ":")));
}

constexpr std::size_t characters = 90;           // of NTPsec's printable keys
constexpr double taken = 2 * characters / 256.0; // of the source's bytes

// Makes a byte zero with this probability.
auto zero_at_times(double probability) {
  return [probability](std::span<std::byte> bytes, std::mt19937_64 &random) {
    std::bernoulli_distribution now(probability);
    for (std::byte &byte : bytes)
      if (now(random))
        byte = std::byte{0};
  };
}

void stick_a_bit(std::span<std::byte> bytes, std::mt19937_64 &) {
  for (std::size_t i = 5; i < bytes.size(); i += 16)
    bytes[i] &= std::byte{0xfb};
}

// Of a thousand stretches of 256 bytes, one is that before it once more.
struct RepeatBlocks {
  std::array<std::byte, 256> last{};

  void operator()(std::span<std::byte> bytes, std::mt19937_64 &random) {
    std::bernoulli_distribution now(0.001);
    for (; bytes.size() >= last.size(); bytes = bytes.subspan(last.size())) {
      if (now(random))
        std::ranges::copy(last, bytes.begin());
      std::ranges::copy(bytes.first(last.size()), last.begin());
    }
  }
};

const std::array faults{
    // One character, or one digit, comes by 0.1 % of all more often: 1.21 % instead of 1.11 %, 6.35 % instead of 6.25
    // %.
    Fault{"OneCharacterTooOften", zero_at_times(0.001 * taken / (1 - 1.0 / characters)), "characters, the worst",
          Encoding::ascii, 1.5e7},
    Fault{"OneDigitTooOften", zero_at_times(0.001 / (1 - 1.0 / 16)), "hex digits, the worst", Encoding::hex, 6e7},
    // What is left when no byte is thrown away: the first 76 of 90 characters come three times where the others come
    // twice.
    Fault{"Modulo",
          [](std::span<std::byte> bytes, std::mt19937_64 &) {
            for (std::byte &byte : bytes)
              byte = static_cast<std::byte>(std::to_integer<std::size_t>(byte) % characters);
          },
          "characters", Encoding::ascii, 1e6},
    Fault{"ABitThatIsStuck", stick_a_bit, "bits by their place in the key", Encoding::hex, 1e6},
    Fault{"ARepeatedBlockOfHex", RepeatBlocks{}, "copies", Encoding::hex, 1e7},
    Fault{"ARepeatedBlockOfCharacters", RepeatBlocks{}, "copies", Encoding::ascii, 1e7},
    // A byte in a hundred is the one before it once more.
    Fault{"AByteLikeTheOneBefore",
          [](std::span<std::byte> bytes, std::mt19937_64 &random) {
            std::bernoulli_distribution now(0.01);
            for (std::size_t i = 1; i < bytes.size(); ++i)
              if (now(random))
                bytes[i] = bytes[i - 1];
          },
          "correlation of bits", Encoding::hex, 1e7},
    Fault{"Counting",
          [](std::span<std::byte> bytes, std::mt19937_64 &) {
            for (std::size_t i = 0; i < bytes.size(); ++i)
              bytes[i] = static_cast<std::byte>(i & 0xffU);
          },
          "bytes", Encoding::hex, 1e6},
};
INSTANTIATE_TEST_SUITE_P(Faults, RandomnessFault, ::testing::ValuesIn(faults),
                         [](const auto &fault) { return fault.param.name; });

// The same without a fault, so that it is the fault that is found.
TEST(Randomness, WithoutAFaultNothingIsFound) {
  const TemporaryFolder folder;
  SeededSource source(20261124);
  for (const char *name : {"ntpsec AES 128 hex", "ntpsec AES 128 ascii"}) {
    const KeyKind kind = kind_called(name);
    const auto count = static_cast<std::size_t>(6e7 / kind.bits_of_a_key());
    const std::array rows{survey_keys(kind, keys_out_of_files(kind, count, source, folder.path()))};
    EXPECT_THAT(alarms_of(rows), IsEmpty());
  }
}

} // namespace
} // namespace ntpkeygen::test
