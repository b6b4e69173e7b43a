#include "entropy_assessments/sp800_90b/iid/permutation_tests.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::uint32_t most_permutations = 10000;

// splitmix64: every permutation has a generator of its own, so that it does not matter which thread makes it.
class Generator {
public:
  Generator(std::uint64_t seed, std::uint64_t permutation) : state_(mix(mix(seed) + permutation)) {}
  // 0 to n - 1, all alike: multiplied and shifted, with what would be too many of some thrown away.
  std::uint32_t below(std::uint32_t n) noexcept {
    std::uint64_t product = std::uint64_t{next()} * n;
    if (static_cast<std::uint32_t>(product) < n)
      for (const std::uint32_t surplus = -n % n; static_cast<std::uint32_t>(product) < surplus;)
        product = std::uint64_t{next()} * n;
    return static_cast<std::uint32_t>(product >> 32);
  }

private:
  static std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
  }
  std::uint32_t next() noexcept { return static_cast<std::uint32_t>(mix(state_ += 0x9e3779b97f4a7c15U) >> 32); }
  std::uint64_t state_;
};

void shuffle(std::span<std::uint8_t> symbols, Generator random, const Work &work) {
  in_pieces(1, symbols.size(), work, [&, i = static_cast<std::uint32_t>(symbols.size())](std::size_t) mutable {
    std::swap(symbols[i - 1], symbols[random.below(i)]);
    --i;
  });
}

// Takes the results of permutations in the order of their numbers, whoever is first; number 0 is the samples as they
// came. A statistic that is decided is no longer counted, so that the counts depend on nothing but the seed.
class Tally {
public:
  explicit Tally(PermutationTests &tests) : tests_(tests) {}

  // The next permutation, and what is still to be computed of it; nothing when there is no need for one.
  struct Order {
    std::uint32_t number = 0;
    Wanted wanted{};
  };
  [[nodiscard]] Order next() {
    const std::lock_guard lock(mutex_);
    const std::uint32_t number = issued_++;
    return {number, number <= most_permutations ? undecided_ : Wanted()};
  }
  // How far all are.
  double take(std::uint32_t number, const Statistics &statistics) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(number, statistics);
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == taken_; ++taken_) {
      if (taken_ == 0)
        tests_.original = first->second;
      else
        count(first->second);
      first = waiting_.erase(first);
    }
    return share_done(undecided_, taken_);
  }

private:
  void count(const Statistics &statistics) {
    if (undecided_.none())
      return;
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      if (!undecided_[i])
        continue;
      Counts &counts = tests_.counts[i];
      const double original = tests_.original[i];
      ++(statistics[i] > original ? counts.over : statistics[i] < original ? counts.under : counts.equal);
      undecided_[i] = !counts.decided();
    }
    tests_.permutations = taken_;
  }

  PermutationTests &tests_;
  std::mutex mutex_;
  Wanted undecided_ = Wanted().set();
  std::uint32_t issued_ = 0, taken_ = 0;
  std::map<std::uint32_t, Statistics> waiting_;
};

} // namespace

double share_done(Wanted undecided, std::uint32_t permutations) noexcept {
  return undecided.none() ? 1 : std::min(static_cast<double>(permutations) / most_permutations, 1.0);
}

Result<PermutationTests> permutation_tests(std::span<const std::uint8_t> samples, const Symbols &symbols,
                                           std::uint64_t seed, unsigned threads, const std::vector<Task> &before,
                                           RunControl &control) {
  PermutationTests tests;
  Tally tally(tests);
  std::vector<Task> tasks(before);
  double weight = 1;
  for (const Task &task : before)
    weight += task.weight;
  constexpr double much_longer = 20;
  tasks.insert(tasks.end(), threads,
               {much_longer * weight, [&](Work &work) {
                  StatisticsOfOrder statistics(samples, symbols);
                  std::vector<std::uint8_t> order(symbols.mapped.size());
                  for (Tally::Order next = tally.next(); next.wanted.any() && !work.cancelled(); next = tally.next()) {
                    std::ranges::copy(symbols.mapped, order.begin());
                    if (next.number != 0)
                      shuffle(order, Generator(seed, next.number - 1), work);
                    Statistics permuted{};
                    statistics.compute(order, next.wanted, permuted, work);
                    work.reached(static_cast<std::uint64_t>(tally.take(next.number, permuted) * 1000), 1000);
                  }
                }});
  if (Result<void> done = run_tasks(tasks, threads, "permutations", control); !done)
    return failure(std::move(done).error());
  return tests;
}

} // namespace ntpkeygen::plugins::sp800_90b
