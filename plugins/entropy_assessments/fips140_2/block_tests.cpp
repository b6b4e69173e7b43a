#include "entropy_assessments/fips140_2/block_tests.hpp"

#include <algorithm>
#include <bit>

namespace ntpkeygen::plugins::fips140_2 {

bool BlockCounts::all_runs() const noexcept {
  struct Range {
    std::uint32_t least, most;
  };
  constexpr std::array<Range, 6> ranges{{{2315, 2685}, {1114, 1386}, {527, 723}, {240, 384}, {103, 209}, {103, 209}}};
  return std::ranges::all_of(runs, [&](const auto &of_one_kind) {
    return std::ranges::equal(of_one_kind, ranges, [](std::uint32_t count, const Range &range) {
      return count >= range.least && count <= range.most;
    });
  });
}

std::uint32_t word_at(std::span<const std::uint8_t> bytes) noexcept {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < word_bytes; ++i)
    word = word << 8 | bytes[i];
  return word;
}

BlockCounts count_block(std::span<const std::uint8_t, block_bytes> block, std::uint32_t &last_word) {
  BlockCounts counts;
  std::array<std::uint32_t, 16> nibbles{};
  std::uint32_t run = 0;
  unsigned kind = 2; // of the run: neither, before the first bit
  const auto end_run = [&] {
    if (run == 0)
      return;
    ++counts.runs[kind][std::min<std::uint32_t>(run, 6) - 1];
    counts.longest_run = std::max(counts.longest_run, run);
  };
  for (const std::uint8_t byte : block) {
    counts.ones += static_cast<std::uint32_t>(std::popcount(byte));
    ++nibbles[byte >> 4];
    ++nibbles[byte & 15];
    for (int bit = 7; bit >= 0; --bit) {
      const unsigned value = byte >> bit & 1U;
      if (value != kind) {
        end_run();
        kind = value;
        run = 0;
      }
      ++run;
    }
  }
  end_run();
  for (const std::uint32_t count : nibbles)
    counts.nibble_squares += count * count;
  for (std::size_t at = 0; at < block.size(); at += word_bytes) {
    const std::uint32_t word = word_at(block.subspan(at));
    counts.word_repeated = counts.word_repeated || word == last_word;
    last_word = word;
  }
  return counts;
}

} // namespace ntpkeygen::plugins::fips140_2
