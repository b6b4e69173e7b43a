// Blocks of 20,000 bits in which one figure of FIPS 140-2's tests has a given value, and the others are ordinary.
#pragma once

#include "plugins/entropy_assessments/sample_generator.hpp"

#include <bit>
#include <numeric>

namespace ntpkeygen::test {

using Bits = std::vector<bool>;
inline constexpr std::size_t bits_of_a_block = 20'000;

inline Bits random_bits(SmallGenerator &random, std::size_t size) {
  Bits bits(size);
  for (std::size_t i = 0; i < size; ++i)
    bits[i] = random.one_in(2);
  return bits;
}

inline Bits block_with_ones(SmallGenerator &random, std::size_t ones) {
  Bits bits = random_bits(random, bits_of_a_block);
  for (auto now = static_cast<std::size_t>(std::ranges::count(bits, true)); now != ones;) {
    const std::size_t at = random.below(bits_of_a_block);
    const bool more = now < ones;
    if (bits[at] == more)
      continue;
    bits[at] = more;
    more ? ++now : --now;
  }
  return bits;
}

// `sum`: of the squares of the frequencies of the sixteen nibbles.
inline Bits block_with_poker_sum(SmallGenerator &random, std::int64_t sum) {
  std::vector<unsigned> nibbles(bits_of_a_block / 4);
  std::array<std::int64_t, 16> frequency{};
  for (unsigned &nibble : nibbles)
    ++frequency[nibble = random.below(16)];
  std::int64_t now = std::inner_product(frequency.begin(), frequency.end(), frequency.begin(), std::int64_t{0});
  while (now != sum) {
    unsigned &nibble = nibbles[random.below(static_cast<std::uint32_t>(nibbles.size()))];
    const unsigned other = random.below(16);
    const std::int64_t then = now + 2 * (frequency[other] - frequency[nibble] + 1);
    if (other == nibble || std::abs(then - sum) > std::abs(now - sum))
      continue;
    --frequency[nibble];
    ++frequency[nibble = other];
    now = then;
  }
  Bits bits;
  for (const unsigned nibble : nibbles)
    for (unsigned shift = 4; shift-- > 0;)
      bits.push_back((nibble >> shift & 1U) != 0);
  return bits;
}

// `count` runs of `length` bits (6: six and more) that are `bit`.
inline Bits block_with_runs(SmallGenerator &random, unsigned bit, std::size_t length, std::size_t count) {
  std::array<std::vector<std::size_t>, 2> lengths;
  std::size_t left = bits_of_a_block;
  for (unsigned value = 0; value < 2; ++value) {
    std::array<std::size_t, 6> counts{2500, 1250, 625, 312, 156, 156};
    if (value == bit) {
      const std::size_t more = count - counts[length - 1]; // wraps, as the sums below do
      counts[length - 1] = count;
      if (length == 1) { // others make up for it: there are as many runs of ones as of zeros
        const auto third = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(more) / 3);
        counts[1] -= more - third;
        counts[2] -= third;
      } else {
        counts[0] -= more;
      }
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      lengths[value].insert(lengths[value].end(), counts[i], i + 1);
    left -= std::accumulate(lengths[value].begin(), lengths[value].end(), std::size_t{0});
  }
  for (; left != 0; --left) { // to long runs: first of the other bit, whose number of bits nothing has changed
    auto &of_bit = lengths[left % 5 == 0 ? bit : 1 - bit];
    std::size_t at = of_bit.size() - 1 - random.below(100);
    ++of_bit[at];
  }
  for (auto &of_bit : lengths)
    for (std::size_t i = of_bit.size(); i > 1; --i)
      std::swap(of_bit[i - 1], of_bit[random.below(static_cast<std::uint32_t>(i))]);
  Bits bits;
  for (std::size_t i = 0; i < lengths[0].size(); ++i)
    for (unsigned value = 0; value < 2; ++value)
      bits.insert(bits.end(), lengths[value][i], value != 0);
  return bits;
}

inline Bits block_with_longest_run(SmallGenerator &random, unsigned bit, std::size_t length) {
  Bits bits = random_bits(random, bits_of_a_block);
  const std::size_t at = bits_of_a_block / 3;
  bits[at - 1] = bits[at + length] = bit == 0;
  std::fill_n(bits.begin() + static_cast<std::ptrdiff_t>(at), length, bit != 0);
  return bits;
}

// One of 32 bits, which is no part of the block, and the block. `kind`: ones, poker_sum, zeros_1 to zeros_6, ones_1 to
// ones_6, longest_zeros, longest_ones; equal_words, where `value` is the number of the word that is the same as the one
// before it.
inline Samples boundary_block(const std::string &kind, std::uint64_t seed, std::size_t value) {
  SmallGenerator random(seed);
  Bits bits = random_bits(random, 32);
  Bits block;
  if (kind == "ones") {
    block = block_with_ones(random, value);
  } else if (kind == "poker_sum") {
    block = block_with_poker_sum(random, static_cast<std::int64_t>(value));
  } else if (kind.starts_with("longest_")) {
    block = block_with_longest_run(random, kind == "longest_ones" ? 1 : 0, value);
  } else if (kind.starts_with("ones_") || kind.starts_with("zeros_")) {
    block =
        block_with_runs(random, kind.starts_with("ones_") ? 1 : 0, static_cast<std::size_t>(kind.back() - '0'), value);
  } else if (kind == "equal_words") {
    block = random_bits(random, bits_of_a_block);
  } else {
    throw std::runtime_error("there is no kind of blocks '" + kind + "'");
  }
  bits.insert(bits.end(), block.begin(), block.end());
  if (kind == "equal_words")
    std::copy_n(bits.begin() + static_cast<std::ptrdiff_t>(32 * value - 32), 32,
                bits.begin() + static_cast<std::ptrdiff_t>(32 * value));
  Samples bytes(bits.size() / 8);
  for (std::size_t i = 0; i < bits.size(); ++i)
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] << 1 | (bits[i] ? 1 : 0));
  return bytes;
}

} // namespace ntpkeygen::test
