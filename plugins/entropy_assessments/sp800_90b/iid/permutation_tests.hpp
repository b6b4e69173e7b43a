// Section 5.1, the permutation tests.
#pragma once

#include "entropy_assessments/sp800_90b/iid/statistics.hpp"
#include "ntpkeygen/sdk/entropy_assessment.hpp"

namespace ntpkeygen::plugins::sp800_90b {

// How often a statistic of a permutation was over, equal to and under that of the samples as they came.
struct Counts {
  std::uint32_t over = 0, equal = 0, under = 0;
  // Whether no further permutation can change the verdict (step 2.2.1 of figure 5 stops here).
  [[nodiscard]] bool decided() const noexcept { return over + equal > 5 && equal + under > 5; }
};

struct PermutationTests {
  Statistics original{};
  std::array<Counts, statistic_names.size()> counts{};
  std::uint32_t permutations = 0; // until all were decided
};

// How far the tests are after so many permutations: nobody knows which one decides the last statistic, and it may be
// that none does.
[[nodiscard]] double share_done(Wanted undecided, std::uint32_t permutations) noexcept;

// The same seed gives the same counts on any number of threads. These do the tasks `before` first, each of which is
// much shorter.
[[nodiscard]] Result<PermutationTests> permutation_tests(std::span<const std::uint8_t> samples, const Symbols &symbols,
                                                         std::uint64_t seed, unsigned threads,
                                                         const std::vector<Task> &before, RunControl &control);

} // namespace ntpkeygen::plugins::sp800_90b
