#include "entropy_assessments/sp800_90b/non_iid/multi_mcw.hpp"

#include "entropy_assessments/sp800_90b/non_iid/predictor_race.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::array<std::size_t, 4> windows = {63, 255, 1023, 4095};
constexpr std::size_t least = windows.back() + 1; // as NIST's tool has it

using Race = PredictorRace<windows.size()>;
using Masks = std::array<std::uint64_t, windows.size()>;

Estimate too_short() {
  return no_estimate("the MultiMCW estimate needs at least 4096 symbols");
}

Estimate score(const Race &race, std::size_t size, unsigned alphabet) {
  return prediction_estimate({size - windows.front(), race.correct(), race.longest()}, alphabet);
}

Race::Gains gains_of(const Masks &right) noexcept {
  Race::Gains gains;
  for (std::size_t w = 0; w < windows.size(); ++w)
    gains[w] = static_cast<std::uint8_t>(std::popcount(right[w]));
  return gains;
}

// The most common symbol of a window that slides over a string; of several, the one that occurred last.
class SlidingMode {
public:
  explicit SlidingMode(std::size_t size) : size_(size), how_many_(size + 1) {}

  // The window moves on to take in symbols[at], and loses the symbol that it is too short for.
  void take(std::span<const std::uint8_t> symbols, std::size_t at) noexcept {
    const std::uint8_t in = symbols[at];
    if (at < size_) {
      add(in);
      return;
    }
    const std::uint8_t out = symbols[at - size_];
    if (out == in) {
      if (counts_[in] == most_)
        mode_ = in;
      return;
    }
    --how_many_[counts_[out]];
    ++how_many_[--counts_[out]];
    add(in);
    if (out != mode_)
      return;
    if (how_many_[most_] == 0)
      --most_; // the mode's own count, now
    while (counts_[symbols[at]] != most_)
      --at;
    mode_ = symbols[at];
  }

  [[nodiscard]] std::uint8_t mode() const noexcept { return mode_; }

private:
  void add(std::uint8_t in) noexcept {
    --how_many_[counts_[in]];
    ++how_many_[++counts_[in]];
    if (counts_[in] >= most_) {
      most_ = counts_[in];
      mode_ = in;
    }
  }

  std::size_t size_;
  std::array<std::uint32_t, 256> counts_{};
  std::vector<std::uint32_t> how_many_; // symbols that have a count; not kept right for 0
  std::uint32_t most_ = 0;
  std::uint8_t mode_ = 0;
};

} // namespace

Estimate multi_mcw(const BitString &bits, Work &work) {
  if (bits.size() < least)
    return too_short();
  Race race;
  std::array<std::int32_t, windows.size()> ones{}; // in the window before the next bit
  for (std::size_t start = 0; start < bits.size(); start += 64) {
    if (start % (std::size_t{1} << 18) == 0) {
      if (work.cancelled())
        return {};
      work.reached(start, bits.size());
    }
    const std::size_t left = bits.size() - start;
    const std::uint64_t inside = left < 64 ? ~(~std::uint64_t{0} >> left) : ~std::uint64_t{0};
    const std::uint64_t block = bits.window(static_cast<std::ptrdiff_t>(start));
    Masks right;
    for (std::size_t w = 0; w < windows.size(); ++w) {
      // All windows are odd: there are no ties.
      const auto size = static_cast<std::int32_t>(windows[w]);
      std::uint64_t majority = 0;
      const std::uint64_t leaving =
          start + 64 > windows[w]
              ? bits.window(static_cast<std::ptrdiff_t>(start) - static_cast<std::ptrdiff_t>(windows[w]))
              : 0;
      std::int32_t sum = ones[w] - size / 2 - 1;
      for (unsigned i = 0; i < 64; ++i) {
        majority = majority << 1 | static_cast<std::uint32_t>(~sum) >> 31;
        sum += static_cast<std::int32_t>(block >> (63 - i) & 1) - static_cast<std::int32_t>(leaving >> (63 - i) & 1);
      }
      ones[w] = sum + size / 2 + 1;
      const std::uint64_t full = start >= windows[w]        ? ~std::uint64_t{0}
                                 : windows[w] - start >= 64 ? 0
                                                            : ~std::uint64_t{0} >> (windows[w] - start);
      right[w] = ~(majority ^ block) & inside & full;
    }
    race.add_block(gains_of(right), [&](std::size_t w) { return right[w]; });
  }
  return score(race, bits.size(), 2);
}

Estimate multi_mcw(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work) {
  if (symbols.size() < least)
    return too_short();
  Race race;
  std::array<SlidingMode, windows.size()> modes{SlidingMode(windows[0]), SlidingMode(windows[1]),
                                                SlidingMode(windows[2]), SlidingMode(windows[3])};
  for (std::size_t start = 0; start < symbols.size(); start += 64) {
    if (start % (std::size_t{1} << 14) == 0) {
      if (work.cancelled())
        return {};
      work.reached(start, symbols.size());
    }
    const std::size_t size = std::min<std::size_t>(64, symbols.size() - start);
    Masks right{};
    for (std::size_t w = 0; w < windows.size(); ++w)
      for (std::size_t i = 0; i < size; ++i) {
        const std::size_t at = start + i;
        const bool guessed = at >= windows[w] && modes[w].mode() == symbols[at];
        right[w] |= std::uint64_t{guessed} << (63 - i);
        modes[w].take(symbols, at);
      }
    race.add_block(gains_of(right), [&](std::size_t w) { return right[w]; });
  }
  return score(race, symbols.size(), alphabet);
}

} // namespace ntpkeygen::plugins::sp800_90b
