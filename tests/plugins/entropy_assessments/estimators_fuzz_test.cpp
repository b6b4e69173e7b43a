// Each estimator against the slow one, over thousands of short strings of all shapes.
#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/collision.hpp"
#include "entropy_assessments/sp800_90b/non_iid/compression.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lag.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lz78y.hpp"
#include "entropy_assessments/sp800_90b/non_iid/markov.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mcw.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mmc.hpp"
#include "entropy_assessments/sp800_90b/non_iid/tuples.hpp"
#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "plugins/entropy_assessments/sample_generator.hpp"
#include "plugins/entropy_assessments/slow_estimators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <ostream>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

namespace slow = ::ntpkeygen::test::slow;
using ::ntpkeygen::test::SampleKind;
using ::ntpkeygen::test::Samples;
using ::ntpkeygen::test::SmallGenerator;

// Equal to 1e-12, or within a few units in the last place of a probability close to 1.
void expect_equal(const std::optional<double> &fast, const std::optional<double> &expected, const char *what) {
  ASSERT_EQ(fast.has_value(), expected.has_value()) << what;
  if (fast) {
    EXPECT_NEAR(*fast, *expected, 1e-12 * std::fabs(*expected) + 2e-15) << what;
  }
}

// What a test looks at: the samples as symbols without gaps, and as bits.
struct Input {
  Samples samples;
  unsigned bits;
  Symbols symbols{samples};

  [[nodiscard]] Samples unpacked() const {
    Samples out;
    for (const std::uint8_t sample : samples)
      for (unsigned bit = bits; bit-- > 0;)
        out.push_back(sample >> bit & 1);
    return out;
  }
};

class EveryShape : public ::testing::TestWithParam<SampleKind> {
protected:
  // Calls check(input) for strings of this kind, of 1 to 8 bits and of different sizes; those of one symbol are left
  // out, nothing is ever estimated on them.
  template <class Check> void for_each(std::size_t rounds, std::size_t least, std::size_t most, Check check) {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      SmallGenerator random(round * 1000 + least);
      const unsigned bits = 1 + static_cast<unsigned>(round % 8);
      const std::size_t size = least + random.below(static_cast<std::uint32_t>(most - least + 1));
      const Input input{GetParam().make(random, bits, size), bits};
      if (input.symbols.alphabet < 2)
        continue;
      SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(size) + " samples, round " +
                   std::to_string(round));
      check(input);
      if (HasFailure())
        return;
    }
  }
  Work work_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryShape, ::testing::ValuesIn(test::sample_kinds()),
                         [](const auto &kind) { return std::string(kind.param.name); });

TEST_P(EveryShape, IsEstimatedAsBits) {
  for_each(48, 20, 150, [&](const Input &input) {
    const Samples unpacked = input.unpacked();
    const BitString bits(input.samples, input.bits);
    expect_equal(most_common_value(bits).min_entropy, slow::most_common_value(unpacked, 2), "most common value");
    expect_equal(collision(bits, work_).min_entropy, slow::collision(unpacked), "collision");
    expect_equal(markov(bits).min_entropy, slow::markov(unpacked), "markov");
    expect_equal(lag(bits, work_).min_entropy, slow::lag(unpacked, 2), "lag");
    expect_equal(multi_mmc(bits, work_).min_entropy, slow::multi_mmc(unpacked, 2), "MultiMMC");
    expect_equal(lz78y(bits, work_).min_entropy, slow::lz78y(unpacked, 2), "LZ78Y");
  });
}

TEST_P(EveryShape, IsEstimatedAsSymbols) {
  for_each(48, 20, 500, [&](const Input &input) {
    const Samples &mapped = input.symbols.mapped;
    const unsigned alphabet = input.symbols.alphabet;
    expect_equal(most_common_value(mapped).min_entropy, slow::most_common_value(mapped, alphabet), "most common value");
    expect_equal(lag(mapped, alphabet, work_).min_entropy, slow::lag(mapped, alphabet), "lag");
    expect_equal(multi_mmc(mapped, alphabet, work_).min_entropy, slow::multi_mmc(mapped, alphabet), "MultiMMC");
    expect_equal(lz78y(mapped, alphabet, work_).min_entropy, slow::lz78y(mapped, alphabet), "LZ78Y");
  });
}

TEST_P(EveryShape, HasItsTuplesCounted) {
  const auto check = [&](const Samples &symbols, const BitString &bits, unsigned width) {
    const slow::Tuples expected = slow::tuples(symbols);
    const TupleEstimates fast = tuples(bits, width, work_);
    expect_equal(fast.t_tuple.min_entropy, expected.t_tuple, "t-tuple");
    expect_equal(fast.lrs.min_entropy, expected.lrs, "LRS");
  };
  for_each(40, 2, 90, [&](const Input &input) {
    check(input.unpacked(), BitString(input.samples, input.bits), 1);
    const auto width = static_cast<unsigned>(std::bit_width(input.symbols.alphabet - 1));
    check(input.symbols.mapped, BitString(input.symbols.mapped, width), width);
  });
  for_each(3, 1000, 1300, [&](const Input &input) {
    const auto width = static_cast<unsigned>(std::bit_width(input.symbols.alphabet - 1));
    check(input.symbols.mapped, BitString(input.symbols.mapped, width), width);
  });
}

TEST_P(EveryShape, IsCompressed) {
  for_each(8, 6000, 6300, [&](const Input &input) {
    const Samples bits(input.symbols.mapped.begin(), input.symbols.mapped.end());
    if (input.symbols.alphabet == 2)
      expect_equal(compression(BitString(bits, 1), work_).min_entropy, slow::compression(bits), "compression");
  });
  for_each(8, 850, 880, [&](const Input &input) {
    expect_equal(compression(BitString(input.samples, input.bits), work_).min_entropy,
                 slow::compression(input.unpacked()), "compression");
  });
}

TEST_P(EveryShape, IsPredictedFromWindows) {
  for_each(8, 4090, 4400, [&](const Input &input) {
    const Samples &mapped = input.symbols.mapped;
    expect_equal(multi_mcw(mapped, input.symbols.alphabet, work_).min_entropy,
                 slow::multi_mcw(mapped, input.symbols.alphabet), "MultiMCW");
  });
  for_each(8, 590, 610, [&](const Input &input) {
    expect_equal(multi_mcw(BitString(input.samples, input.bits), work_).min_entropy,
                 slow::multi_mcw(input.unpacked(), 2), "MultiMCW of bits");
  });
}

// The lengths around the blocks of 64 that predictors are played in, and the shortest strings that have an estimate.
TEST(BlockBoundaries, AreMet) {
  Work work;
  for (std::size_t size = 19; size < 270; ++size) {
    SCOPED_TRACE(size);
    SmallGenerator random(size);
    const Samples bits = test::samples::fill(size, [&](std::size_t) { return random.one_in(3) ? 1U : 0U; });
    if (Symbols(bits).alphabet < 2)
      continue;
    const BitString packed(bits, 1);
    expect_equal(lag(packed, work).min_entropy, slow::lag(bits, 2), "lag");
    expect_equal(lag(bits, 2, work).min_entropy, slow::lag(bits, 2), "lag of symbols");
    expect_equal(multi_mmc(packed, work).min_entropy, slow::multi_mmc(bits, 2), "MultiMMC");
    expect_equal(multi_mmc(bits, 2, work).min_entropy, slow::multi_mmc(bits, 2), "MultiMMC of symbols");
    expect_equal(lz78y(packed, work).min_entropy, slow::lz78y(bits, 2), "LZ78Y");
    expect_equal(lz78y(bits, 2, work).min_entropy, slow::lz78y(bits, 2), "LZ78Y of symbols");
    expect_equal(collision(packed, work).min_entropy, slow::collision(bits), "collision");
  }
}

TEST(BitStrings, ReadTheHighestBitFirst) {
  const Samples symbols{5, 0, 7, 2, 6};
  const BitString bits(symbols, 3);
  ASSERT_EQ(bits.size(), 15U);
  std::string text;
  for (std::size_t i = 0; i < bits.size(); ++i)
    text += bits[i] != 0 ? '1' : '0';
  EXPECT_EQ(text, "101000111010110");
  EXPECT_EQ(bits.window(0) >> 49, 0b101000111010110U);
  EXPECT_EQ(bits.window(-3) >> 58, 0b000101U);
  EXPECT_EQ(bits.window(15), 0U);
}

// No pair of symbols occurs twice at first, so that a longer context always decides; then come contexts of `length`
// symbols that were there when the dictionary was about to be full, each behind another symbol than then.
Samples around_a_full_dictionary(std::size_t length) {
  test::SmallGenerator random(2);
  std::vector<bool> used(std::size_t{256} * 256);
  Samples samples{0};
  while (samples.size() < 4420) {
    const std::uint32_t next = random.below(256);
    const std::size_t pair = samples.back() * std::size_t{256} + next;
    if (!used[pair])
      samples.push_back(static_cast<std::uint8_t>(next));
    used[pair] = true;
  }
  for (std::size_t at = 4340; at < 4400; ++at) {
    samples.push_back(static_cast<std::uint8_t>(random.below(256)));
    for (std::size_t i = at - length; i <= at; ++i)
      samples.push_back(samples[i]);
  }
  return samples;
}

// The numbers of right predictions are those of NIST's tool. With room for 65,535 contexts, the first is another one,
// with room for 65,537 the second.
TEST(Lz78y, HasRoomFor65536Contexts) {
  Work work;
  for (const auto &[length, right] : {std::pair{2U, 67.0}, {16U, 869.0}}) {
    const Samples samples = around_a_full_dictionary(length);
    const Estimate estimate = lz78y(samples, 256, work);
    EXPECT_NEAR(estimate.min_entropy.value(), slow::lz78y(samples, 256), 1e-12) << length;
    const auto c = std::ranges::find(estimate.details, "c", &NamedValue::name);
    ASSERT_NE(c, estimate.details.end());
    EXPECT_EQ(c->value, right) << length;
  }
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
