#include "entropy_assessments/sp800_90b/non_iid/multi_mmc.hpp"

#include "entropy_assessments/sp800_90b/non_iid/context_tree.hpp"
#include "entropy_assessments/sp800_90b/non_iid/predictor_race.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::size_t orders = 16;         // D
constexpr std::uint32_t capacity = 100000; // pairs (x, y) that are counted for one order

Estimate too_short() {
  return no_estimate("the MultiMMC estimate needs more than 3 symbols");
}

using Guesses = std::array<std::uint64_t, orders>; // of a block of 64 symbols, for each order
using Race = PredictorRace<orders>;

void play_block(Race &race, const Guesses &right, const Guesses &answered) noexcept {
  Race::Gains gains;
  for (std::size_t order = 0; order < orders; ++order)
    gains[order] = static_cast<std::uint8_t>(std::popcount(right[order]));
  race.add_block(
      gains, [&](std::size_t order) { return right[order]; }, [&](std::size_t order) { return answered[order]; });
}

// The models of a bit string, for a chunk of it at a time, order by order: their tables then stay in the cache.
class BitModels {
public:
  static constexpr std::size_t chunk_blocks = 64;
  struct Chunk {
    std::array<Guesses, chunk_blocks> right, answered;
  };

  explicit BitModels(const BitString &bits) : bits_(bits) {}

  // Blocks of 64 bits from block `first` on; the first chunk has to come first, and so on.
  void play(std::size_t first, std::size_t blocks, Chunk &chunk) noexcept {
    for (std::size_t b = 0; b < blocks; ++b)
      chunk.answered[b].fill(~std::uint64_t{0});
    if (first == 0)
      play_edge(0, chunk.right[0], chunk.answered[0]);
    play_orders<1, 4>(first, blocks, chunk);
    play_orders<5, 4>(first, blocks, chunk);
    play_orders<9, 4>(first, blocks, chunk);
    play_orders<13, 3>(first, blocks, chunk);
    play_highest(first, blocks, chunk);
    const std::size_t last = first + blocks - 1;
    if (last != 0 && is_edge(last * 64))
      play_edge(last * 64, chunk.right[blocks - 1], chunk.answered[blocks - 1]);
  }

private:
  // For a context of at most 15 bits the capacity is never reached, so only the balance of its followers matters:
  // 2 (ones - zeros) + 1, or 0 if it has not occurred. A tie is a guess of 1.
  using Balance = std::int32_t;

  // The first block, where longer contexts begin later, and a last one that is not whole.
  [[nodiscard]] bool is_edge(std::size_t start) const noexcept { return start == 0 || start + 64 > bits_.size(); }

  template <std::size_t First, std::size_t Count>
  void play_orders(std::size_t first, std::size_t blocks, Chunk &chunk) noexcept {
    for (std::size_t b = 0; b < blocks; ++b) {
      if (is_edge((first + b) * 64))
        continue;
      const auto start = static_cast<std::ptrdiff_t>((first + b) * 64);
      std::uint64_t block = bits_.window(start), history = bits_.window(start - 64);
      std::array<std::uint64_t, Count> wrong{};
      for (unsigned i = 0; i < 64; ++i) {
        const auto bit = static_cast<std::int32_t>(block >> 63);
        const std::int32_t step = 4 * bit - 2;
        for (std::size_t o = 0; o < Count; ++o) {
          const std::size_t size = std::size_t{1} << (First + o);
          Balance &balance = balances_[size | (history & (size - 1))];
          // Right are a positive balance before a 1 and a negative one before a 0.
          const auto miss = static_cast<std::uint32_t>((balance - bit) ^ (bit - 1)) >> 31;
          wrong[o] = wrong[o] << 1 | miss;
          if (balance == 0) [[unlikely]]
            chunk.answered[b][First + o - 1] &= ~(std::uint64_t{1} << (63 - i));
          balance = (balance | 1) + step;
        }
        history = history << 1 | static_cast<std::uint64_t>(bit);
        block <<= 1;
      }
      for (std::size_t o = 0; o < Count; ++o)
        chunk.right[b][First + o - 1] = ~wrong[o];
    }
  }

  // Contexts of 16 bits: 2^17 pairs, more than the capacity.
  void play_highest(std::size_t first, std::size_t blocks, Chunk &chunk) noexcept {
    for (std::size_t b = 0; b < blocks; ++b) {
      if (is_edge((first + b) * 64))
        continue;
      const auto start = static_cast<std::ptrdiff_t>((first + b) * 64);
      std::uint64_t block = bits_.window(start), history = bits_.window(start - 64);
      std::uint64_t right = 0, answered = 0;
      for (unsigned i = 0; i < 64; ++i) {
        const std::uint64_t bit = block >> 63;
        std::array<std::uint32_t, 2> &followers = highest_[history & 0xffff];
        const std::uint64_t guess = followers[0] <= followers[1];
        const std::uint64_t known = followers[guess] != 0;
        answered = answered << 1 | known;
        right = right << 1 | ((guess == bit) & known);
        count_highest(followers[bit]);
        history = history << 1 | bit;
        block <<= 1;
      }
      chunk.right[b][orders - 1] = right;
      chunk.answered[b][orders - 1] = answered;
    }
  }

  void count_highest(std::uint32_t &follower) noexcept {
    const bool is_new = follower == 0;
    const bool counts = !is_new || highest_pairs_ < capacity;
    follower += counts;
    highest_pairs_ += is_new && counts;
  }

  void play_edge(std::size_t start, Guesses &right, Guesses &answered) noexcept {
    right.fill(0);
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t at = start + i;
      const std::uint64_t mask = std::uint64_t{1} << (63 - i);
      for (std::size_t order = 1; order <= orders; ++order) {
        if (at >= bits_.size() || at < order) {
          answered[order - 1] &= ~mask;
          continue;
        }
        const std::size_t context = bits_.window(static_cast<std::ptrdiff_t>(at) - 64) & ((1U << order) - 1);
        const unsigned bit = bits_[at];
        unsigned guess = 2;
        if (order < orders) {
          Balance &balance = balances_[std::size_t{1} << order | context];
          if (balance != 0)
            guess = balance > 0 ? 1 : 0;
          balance = (balance | 1) + (bit == 1 ? 2 : -2);
        } else {
          std::array<std::uint32_t, 2> &followers = highest_[context];
          if (followers[0] != 0 || followers[1] != 0)
            guess = followers[0] > followers[1] ? 0 : 1;
          count_highest(followers[bit]);
        }
        if (guess == 2)
          answered[order - 1] &= ~mask;
        if (guess == bit)
          right[order - 1] |= mask;
      }
    }
  }

  const BitString &bits_;
  std::vector<Balance> balances_ = std::vector<Balance>(std::size_t{1} << orders); // order n from 2^n on
  std::vector<std::array<std::uint32_t, 2>> highest_ =
      std::vector<std::array<std::uint32_t, 2>>(std::size_t{1} << orders);
  std::uint32_t highest_pairs_ = 0;
};

} // namespace

Estimate multi_mmc(const BitString &bits, Work &work) {
  if (bits.size() <= 3)
    return too_short();
  BitModels models(bits);
  Race race;
  BitModels::Chunk chunk;
  const std::size_t blocks = (bits.size() + 63) / 64;
  for (std::size_t first = 0; first < blocks; first += BitModels::chunk_blocks) {
    if (work.cancelled())
      return {};
    work.reached(first, blocks);
    const std::size_t count = std::min(BitModels::chunk_blocks, blocks - first);
    models.play(first, count, chunk);
    for (std::size_t b = 0; b < count; ++b)
      play_block(race, chunk.right[b], chunk.answered[b]);
  }
  return prediction_estimate({bits.size() - 2, race.correct(), race.longest()}, 2);
}

// Order by order here too, over the whole string: the dictionary of one order stays in the cache, and its look-ups do
// not wait for each other.
Estimate multi_mmc(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work) {
  if (symbols.size() <= 3)
    return too_short();
  const std::size_t blocks = (symbols.size() + 63) / 64;
  std::vector<Guesses> right(blocks), answered(blocks);

  // The positions whose context of the previous order is in its dictionary: since before (known), or only just.
  struct Position {
    std::uint32_t at;
    std::uint32_t known : 1, context : 31;
  };
  std::vector<Position> positions;
  positions.reserve(symbols.size());
  for (std::uint32_t at = 1; at < symbols.size(); ++at)
    positions.push_back({at, 1, ContextTree::root});
  ContextTree dictionary;
  for (std::size_t order = 1; order <= orders; ++order) {
    dictionary.clear();
    std::size_t pairs = 0, kept = 0, next = order;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (i % (std::size_t{1} << 14) == 0) {
        if (work.cancelled())
          return {};
        work.reached((order - 1) * positions.size() + i, orders * positions.size());
      }
      const auto [at, known, parent] = positions[i];
      if (at < order)
        continue;
      // A position in between has a context that is new, and has room even where that of the previous order had none.
      pairs = std::min<std::size_t>(capacity, pairs + (at - next));
      next = at + 1;
      const std::uint8_t symbol = symbols[at], farthest = symbols[at - order];
      if (ContextTree::Node context = known != 0 ? dictionary.child(parent, farthest) : 0; context != 0) {
        const std::uint64_t bit = std::uint64_t{1} << (63 - at % 64);
        answered[at / 64][order - 1] |= bit;
        if (dictionary.followers(context).guess == symbol)
          right[at / 64][order - 1] |= bit;
        pairs += dictionary.count(context, symbol, pairs < capacity);
        positions[kept++] = {at, 1, context & 0x7fffffff};
      } else if (pairs < capacity) {
        ++pairs;
        context = dictionary.add_child(parent, farthest, {1, symbol, false});
        positions[kept++] = {at, 0, context & 0x7fffffff};
      }
    }
    positions.resize(kept);
  }

  Race race;
  for (std::size_t b = 0; b < blocks; ++b)
    play_block(race, right[b], answered[b]);
  return prediction_estimate({symbols.size() - 2, race.correct(), race.longest()}, alphabet);
}

} // namespace ntpkeygen::plugins::sp800_90b
