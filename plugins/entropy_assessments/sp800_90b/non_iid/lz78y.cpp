#include "entropy_assessments/sp800_90b/non_iid/lz78y.hpp"

#include "entropy_assessments/sp800_90b/non_iid/context_tree.hpp"
#include "entropy_assessments/sp800_90b/non_iid/predictor_race.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::size_t longest_context = 16; // B
constexpr std::size_t dictionary_size = 65536;
constexpr std::size_t least = longest_context + 3;

Estimate too_short() {
  return no_estimate("the LZ78Y estimate needs at least 19 symbols");
}

Estimate score(const RunCounter &runs, std::size_t size, unsigned alphabet) {
  return prediction_estimate({size - longest_context - 1, runs.correct(), runs.longest()}, alphabet);
}

// The dictionary of a bit string, as tables: contexts of length n at 2^n and after. It needs no limit to its size: it
// is in use only until every word of three bits has occurred (see decided_by_last_bit). Of the words of up to 16 bits,
// no more than 42,761 do without one of these; with those at the beginning and in the last block it is 44,041, and
// there is room for 65,536.
class BitDictionary {
public:
  // Takes bits[at] as what follows the contexts before it. Returns what they let expect; 2 is nothing.
  unsigned take(unsigned context, unsigned bit) noexcept {
    unsigned guess = 2;
    std::uint32_t most = 0;
    for (std::size_t length = longest_context; length > 0; --length) {
      const std::size_t size = std::size_t{1} << length;
      std::array<std::uint32_t, 2> &followers = followers_[size | (context & (size - 1))];
      const unsigned expected = followers[0] > followers[1] ? 0 : 1;
      const std::uint32_t count = followers[expected];
      if (count > most) {
        most = count;
        guess = expected;
      }
      ++followers[bit];
    }
    return guess;
  }

  // Whether every context of one bit has been extended to both sides. No longer context can then have as high a count
  // as the one of length 1, of which its occurrences are a part: that one alone decides from now on.
  [[nodiscard]] bool decided_by_last_bit() const noexcept {
    for (std::size_t context = 4; context < 8; ++context)
      if (followers_[context][0] == 0 || followers_[context][1] == 0)
        return false;
    return true;
  }

  // How much more often a 1 than a 0 followed this bit.
  [[nodiscard]] std::int64_t balance(unsigned bit) const noexcept {
    return std::int64_t{followers_[2 + bit][1]} - std::int64_t{followers_[2 + bit][0]};
  }

private:
  std::vector<std::array<std::uint32_t, 2>> followers_ =
      std::vector<std::array<std::uint32_t, 2>>(std::size_t{2} << longest_context);
};

} // namespace

Estimate lz78y(const BitString &bits, Work &work) {
  if (bits.size() < least)
    return too_short();
  BitDictionary dictionary;
  RunCounter runs;
  const auto history = [&](std::size_t at) {
    return static_cast<unsigned>(bits.window(static_cast<std::ptrdiff_t>(at) - 64) & 0xffff);
  };
  dictionary.take(history(longest_context), bits[longest_context]);
  std::size_t at = longest_context + 1;
  for (; at < bits.size() && (at % 64 != 0 || !dictionary.decided_by_last_bit()); ++at) {
    if (at % (std::size_t{1} << 16) == 0) {
      if (work.cancelled())
        return {};
      work.reached(at, bits.size());
    }
    const unsigned bit = bits[at];
    runs.add(dictionary.take(history(at), bit) == bit);
  }

  std::array<std::int64_t, 2> balance{dictionary.balance(0), dictionary.balance(1)};
  for (; at < bits.size(); at += 64) {
    if (at % (std::size_t{1} << 20) == 0) {
      if (work.cancelled())
        return {};
      work.reached(at, bits.size());
    }
    const std::size_t left = bits.size() - at;
    std::uint64_t block = bits.window(static_cast<std::ptrdiff_t>(at));
    std::uint64_t before = bits.window(static_cast<std::ptrdiff_t>(at) - 1);
    if (left >= 64 && std::abs(balance[0]) > 64 && std::abs(balance[1]) > 64) {
      // Whatever comes, the guesses stay the same within the block.
      const std::uint64_t ones_guessed = (balance[0] > 0 ? ~before : 0) | (balance[1] > 0 ? before : 0);
      runs.add_block(~(ones_guessed ^ block));
      balance[0] += 2 * std::popcount(block & ~before) - std::popcount(~before);
      balance[1] += 2 * std::popcount(block & before) - std::popcount(before);
      continue;
    }
    for (std::size_t i = 0; i < 64 && i < left; ++i, block <<= 1, before <<= 1) {
      const auto bit = static_cast<unsigned>(block >> 63);
      std::int64_t &ones_more = balance[before >> 63];
      runs.add((ones_more >= 0) == (bit == 1)); // 1 in case of a tie
      ones_more += bit == 1 ? 1 : -1;
    }
  }
  return score(runs, bits.size(), 2);
}

Estimate lz78y(std::span<const std::uint8_t> symbols, unsigned alphabet, Work &work) {
  if (symbols.size() < least)
    return too_short();
  ContextTree tree;
  std::size_t contexts = 0;
  RunCounter runs;
  for (std::size_t at = longest_context; at < symbols.size(); ++at) {
    if (at % (std::size_t{1} << 12) == 0) {
      if (work.cancelled())
        return {};
      work.reached(at, symbols.size());
    }
    const std::uint8_t symbol = symbols[at];
    std::array<ContextTree::Node, longest_context + 1> path{ContextTree::root};
    std::size_t known = 0; // the length of the longest one
    while (known < longest_context) {
      const ContextTree::Node next = tree.child(path[known], symbols[at - known - 1]);
      if (next == 0)
        break;
      path[++known] = next;
    }

    bool any = false;
    std::uint8_t guess = 0;
    std::uint32_t most = 0;
    for (std::size_t length = known; length > 0; --length) {
      // cppcheck-suppress containerOutOfBounds ; path has longest_context + 1 places
      const ContextTree::Followers &followers = tree.followers(path[length]);
      if (followers.most == 0)
        continue;
      if (followers.most > most) {
        most = followers.most;
        guess = followers.guess;
        any = true;
      }
      tree.count(path[length], symbol, true);
    }
    if (at > longest_context) // the first time only fills the dictionary
      runs.add(any && guess == symbol);

    // The longest new contexts come first. If there is no room for all, the shorter ones never get in; they stand in
    // the tree as nodes that nothing has followed, to lead to the longer ones.
    const std::size_t added = std::min(longest_context - known, dictionary_size - contexts);
    contexts += added;
    for (std::size_t length = known + 1; added != 0 && length <= longest_context; ++length) {
      const std::uint32_t count = length > longest_context - added ? 1 : 0;
      path[length] = tree.add_child(path[length - 1], symbols[at - length], {count, symbol, false});
    }
  }
  return score(runs, symbols.size(), alphabet);
}

} // namespace ntpkeygen::plugins::sp800_90b
