#include "entropy_assessments/sp800_90b/non_iid/lag.hpp"

#include "entropy_assessments/sp800_90b/non_iid/predictor_race.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::size_t lags = 128; // D
constexpr std::uint64_t all = ~std::uint64_t{0};

using Race = PredictorRace<lags>;
using Masks = std::array<std::uint64_t, lags>;

// Which bits of a block repeat the bit 1, 2, ... 128 before, and how many these are; `before` and `just_before` are the
// 128 bits before the block.
[[gnu::always_inline]] inline void compare(std::uint64_t block, std::uint64_t just_before, std::uint64_t before,
                                           Masks &same, Race::Gains &counts) noexcept {
  for (std::size_t lag = 1; lag < 64; ++lag) {
    same[lag - 1] = ~(block ^ (just_before << (64 - lag) | block >> lag));
    same[lag + 63] = ~(block ^ (before << (64 - lag) | just_before >> lag));
  }
  same[63] = ~(block ^ just_before);
  same[127] = ~(block ^ before);
  for (std::size_t lag = 0; lag < lags; ++lag)
    counts[lag] = static_cast<std::uint8_t>(std::popcount(same[lag]));
}

using Compare = void (*)(std::uint64_t, std::uint64_t, std::uint64_t, Masks &, Race::Gains &) noexcept;

void compare_portably(std::uint64_t block, std::uint64_t just_before, std::uint64_t before, Masks &same,
                      Race::Gains &counts) noexcept {
  compare(block, just_before, before, same, counts);
}

#if defined(__x86_64__)
// The instruction is not in the base set of x86-64, and counting is most of what there is to do.
[[gnu::target("popcnt")]] void compare_with_popcnt(std::uint64_t block, std::uint64_t just_before, std::uint64_t before,
                                                   Masks &same, Race::Gains &counts) noexcept {
  compare(block, just_before, before, same, counts);
}
#endif

Compare fastest_compare() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt"))
    return compare_with_popcnt;
#endif
  return compare_portably;
}

} // namespace

Estimate lag(const BitString &bits, Work &work) {
  const Compare compare_block = fastest_compare();
  Race race;
  Masks same;
  Race::Gains counts;
  for (std::size_t start = 0; start < bits.size(); start += 64) {
    if (start % (std::size_t{1} << 18) == 0) {
      if (work.cancelled())
        return {};
      work.reached(start, bits.size());
    }
    const auto at = static_cast<std::ptrdiff_t>(start);
    compare_block(bits.window(at), bits.window(at - 64), bits.window(at - 128), same, counts);
    const std::size_t left = bits.size() - start;
    if (start < lags || left < 64) { // no guess before the string's start, none beyond its end
      const std::uint64_t inside = left < 64 ? ~(all >> left) : all;
      for (std::size_t p = 0; p < lags; ++p) {
        const std::size_t lag = p + 1;
        const std::uint64_t has_past = start >= lag ? all : lag - start >= 64 ? 0 : all >> (lag - start);
        same[p] &= inside & has_past;
        counts[p] = static_cast<std::uint8_t>(std::popcount(same[p]));
      }
    }
    race.add_block(counts, [&](std::size_t p) { return same[p]; });
  }
  return prediction_estimate({bits.size() - 1, race.correct(), race.longest()}, 2);
}

Estimate lag(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work) {
  Race race;
  Race::Gains counts;
  for (std::size_t start = 0; start < symbols.size(); start += 64) {
    if (start % (std::size_t{1} << 14) == 0) {
      if (work.cancelled())
        return {};
      work.reached(start, symbols.size());
    }
    const std::uint8_t *const block = symbols.data() + start;
    const std::size_t size = std::min<std::size_t>(64, symbols.size() - start);
    // The first symbol of the block that has one so far before it.
    const auto begin = [start](std::size_t lag) { return lag > start ? lag - start : 0; };
    if (size == 64 && start >= lags) {
      for (std::size_t lag = 1; lag <= lags; ++lag) {
        std::uint8_t count = 0;
        for (std::size_t i = 0; i < 64; ++i)
          count = static_cast<std::uint8_t>(count + (block[i] == *(block + i - lag)));
        counts[lag - 1] = count;
      }
    } else {
      for (std::size_t lag = 1; lag <= lags; ++lag) {
        counts[lag - 1] = 0;
        for (std::size_t i = begin(lag); i < size; ++i)
          counts[lag - 1] = static_cast<std::uint8_t>(counts[lag - 1] + (block[i] == *(block + i - lag)));
      }
    }
    race.add_block(counts, [&](std::size_t p) {
      std::uint64_t same = 0;
      for (std::size_t i = begin(p + 1); i < size; ++i)
        same |= std::uint64_t{block[i] == *(block + i - (p + 1))} << (63 - i);
      return same;
    });
  }
  return prediction_estimate({symbols.size() - 1, race.correct(), race.longest()}, alphabet);
}

} // namespace ntpkeygen::plugins::sp800_90b
