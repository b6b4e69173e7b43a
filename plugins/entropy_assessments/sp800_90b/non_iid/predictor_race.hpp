// Several predictors guess every symbol of a string; the guess that counts is that of the one with the best score so
// far (the scoreboard of sections 6.3.7 to 6.3.9). Played 64 symbols at a time: while the leader cannot be caught up
// with inside a block, only the number of each predictor's right guesses matters.
#pragma once

#include "entropy_assessments/sp800_90b/non_iid/prediction.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {

// Counts right guesses, and the longest run of them.
class RunCounter {
public:
  void add(bool right) noexcept {
    correct_ += right;
    run_ = right ? run_ + 1 : 0;
    longest_ = std::max(longest_, run_);
  }

  // 64 guesses, the first as the highest bit; 1 is right.
  void add_block(std::uint64_t right) noexcept {
    correct_ += static_cast<std::uint64_t>(std::popcount(right));
    if (right == ~std::uint64_t{0}) {
      run_ += 64;
      longest_ = std::max(longest_, run_);
      return;
    }
    longest_ = std::max(longest_, run_ + static_cast<unsigned>(std::countl_one(right)));
    run_ = static_cast<unsigned>(std::countr_one(right));
    while (longest_ < 64 && has_run(right, static_cast<unsigned>(longest_) + 1))
      ++longest_;
  }

  [[nodiscard]] std::uint64_t correct() const noexcept { return correct_; }
  [[nodiscard]] std::uint64_t longest() const noexcept { return longest_; }

private:
  [[nodiscard]] static bool has_run(std::uint64_t right, unsigned length) noexcept {
    unsigned have = 1;
    while (have < length && right != 0) {
      const unsigned step = std::min(have, length - have);
      right &= right << step;
      have += step;
    }
    return right != 0;
  }

  std::uint64_t correct_ = 0, run_ = 0, longest_ = 0;
};

template <std::size_t Predictors> class PredictorRace {
public:
  using Gains = std::array<std::uint8_t, Predictors>;

  // A block of 64 symbols. right(p) says which of them predictor p guessed rightly, the first symbol as the highest
  // bit, and gains[p] how many these are. Symbols before a predictor's first guess and beyond the end of the string
  // count as not guessed rightly. Where answered(p) has a 0, predictor p makes no guess; then a run neither grows nor
  // ends.
  template <class Right, class Answered>
  void add_block(const Gains &gains, const Right &right, const Answered &answered) noexcept {
    unsigned rivals = 0;
    for (std::size_t p = 0; p < Predictors; ++p)
      rivals += score_[p] + gains[p] >= score_[leader_];
    if (rivals > 1)
      step_by_step(gains, right, answered);
    else if (const std::uint64_t asked = answered(leader_); asked == ~std::uint64_t{0})
      runs_.add_block(right(leader_));
    else
      for (std::uint64_t mask = right(leader_), bit = first; bit != 0; bit >>= 1)
        if ((asked & bit) != 0)
          runs_.add((mask & bit) != 0);
    for (std::size_t p = 0; p < Predictors; ++p)
      score_[p] += gains[p];
  }
  template <class Right> void add_block(const Gains &gains, const Right &right) noexcept {
    add_block(gains, right, [](std::size_t) { return ~std::uint64_t{0}; });
  }

  [[nodiscard]] std::uint64_t correct() const noexcept { return runs_.correct(); }
  [[nodiscard]] std::uint64_t longest() const noexcept { return runs_.longest(); }

private:
  template <class Right, class Answered>
  void step_by_step(const Gains &gains, const Right &right, const Answered &answered) noexcept {
    struct Rival {
      std::uint64_t right, answered, score;
      std::size_t predictor;
    };
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): the first `count` are there
    std::array<Rival, Predictors> rivals;
    std::size_t count = 0;
    std::array<std::uint16_t, hash_size> known{}; // where a rival with these guesses is, + 1
    for (std::size_t p = 0; p < Predictors; ++p) {
      if (score_[p] + gains[p] < score_[leader_])
        continue;
      const Rival rival{right(p), answered(p), score_[p], p};
      // Of rivals with the same guesses, only the one that is ahead can ever lead: the one with the higher score, of
      // equals the later one. On periodic data there is hardly more than one left. The leader stays, so that it can be
      // followed until it is overtaken.
      const std::size_t hash = (rival.right ^ rival.answered << 1) * 0x9e3779b97f4a7c15U >> (64 - hash_bits);
      if (known[hash] != 0) {
        Rival &other = rivals[known[hash] - 1U];
        if (other.predictor != leader_ && p != leader_ && other.right == rival.right &&
            other.answered == rival.answered) {
          if (rival.score < other.score)
            continue;
          other.predictor = out;
        }
      }
      rivals[count++] = rival;
      known[hash] = static_cast<std::uint16_t>(count);
    }
    std::size_t kept = 0, current = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rivals[i].predictor == out)
        continue;
      if (rivals[i].predictor == leader_)
        current = kept;
      rivals[kept++] = rivals[i];
    }
    count = kept;

    for (std::uint64_t bit = first; bit != 0; bit >>= 1) {
      const std::size_t asked = current;
      if ((rivals[asked].answered & bit) != 0)
        runs_.add((rivals[asked].right & bit) != 0);
      for (std::size_t i = 0; i < count; ++i)
        if ((rivals[i].right & bit) != 0 && ++rivals[i].score >= rivals[current].score)
          current = i;
    }
    leader_ = rivals[current].predictor;
  }

  static constexpr std::uint64_t first = std::uint64_t{1} << 63;
  static constexpr std::size_t out = Predictors; // of the race, for a rival
  static constexpr unsigned hash_bits = 9;
  static constexpr std::size_t hash_size = std::size_t{1} << hash_bits;

  RunCounter runs_;
  std::array<std::uint64_t, Predictors> score_{};
  std::size_t leader_ = 0;
};

} // namespace ntpkeygen::plugins::sp800_90b
