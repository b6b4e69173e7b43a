// The tests of FIPS 140-2, section 4.9.1 as change notice 1 (10 October 2001) has it, on one block of 20,000 bits.
// Beside them the continuous test of section 4.9.2, on words of 32 bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::fips140_2 {

inline constexpr std::size_t block_bytes = 2500;
inline constexpr std::size_t word_bytes = 4;

struct BlockCounts {
  std::uint32_t ones = 0;
  std::uint32_t nibble_squares = 0;                   // the sum of the squares of how often each nibble occurs
  std::array<std::array<std::uint32_t, 6>, 2> runs{}; // of zeros and of ones, by length 1 to 5, 6 and more
  std::uint32_t longest_run = 0;
  bool word_repeated = false; // a word is the same as the one before it

  [[nodiscard]] bool monobit() const noexcept { return ones > 9725 && ones < 10275; }
  // 2.16 < X < 46.17, with X = 16 / 5000 times nibble_squares, minus 5000
  [[nodiscard]] double poker_statistic() const noexcept { return 16.0 / 5000 * nibble_squares - 5000; }
  [[nodiscard]] bool poker() const noexcept { return nibble_squares > 1563175 && nibble_squares < 1576929; }
  [[nodiscard]] bool all_runs() const noexcept;
  [[nodiscard]] bool long_run() const noexcept { return longest_run < 26; }
  [[nodiscard]] bool continuous_run() const noexcept { return !word_repeated; }
};

// `last_word` is the word before the block, and then the block's last one. The first bit of a byte is its highest.
[[nodiscard]] BlockCounts count_block(std::span<const std::uint8_t, block_bytes> block, std::uint32_t &last_word);

[[nodiscard]] std::uint32_t word_at(std::span<const std::uint8_t> bytes) noexcept;

} // namespace ntpkeygen::plugins::fips140_2
