#include "ntpkeygen/sdk/linear_sort.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

struct Numbered {
  std::uint32_t number = 0;
  std::string words{};
  friend bool operator==(const Numbered &, const Numbered &) = default;
};

// Few, and so many that they are not compared any more; few different numbers, and numbers of all 32 bits.
TEST(LinearSort, SortsAsAStableSortDoes) {
  std::mt19937 random(32);
  for (const std::size_t count : {0U, 1U, 2U, 100U, 4095U, 4096U, 4097U, 9000U})
    for (const std::uint32_t most : {0U, 1U, 300U, 65535U, 65536U, 0xffffffffU}) {
      std::vector<Numbered> sorted, expected;
      for (std::size_t i = 0; i < count; ++i)
        sorted.push_back(
            {static_cast<std::uint32_t>(random() % (std::uint64_t{most} + 1)), std::to_string(i) + " is its place"});
      expected = sorted;
      std::stable_sort(expected.begin(), expected.end(),
                       [](const Numbered &a, const Numbered &b) { return a.number < b.number; });
      sort_by_number(sorted, [](const Numbered &each) { return each.number; });
      ASSERT_TRUE(sorted == expected) << count << " up to " << most;
    }
}

TEST(LinearSort, LeavesWhatIsSortedAlone) {
  std::vector<Numbered> sorted;
  for (std::uint32_t i = 0; i < 10000; ++i)
    sorted.push_back({7 * i, "x"});
  const std::vector<Numbered> expected = sorted;
  sort_by_number(sorted, [](const Numbered &each) { return each.number; });
  EXPECT_TRUE(sorted == expected);
}

} // namespace
} // namespace ntpkeygen
