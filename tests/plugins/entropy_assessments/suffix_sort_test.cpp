// Suffixes in their order, and a sort that nobody waits for any longer.
#include "entropy_assessments/sp800_90b/non_iid/suffix_sort.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

TEST(SortSuffixes, BringsThemInOrder) {
  Work work;
  for (const std::vector<std::uint8_t> &text :
       {std::vector<std::uint8_t>{2, 1, 2, 1, 2, 0, 255}, std::vector<std::uint8_t>(30, 7), {1}}) {
    const auto sorted = sort_suffixes(text, work);
    ASSERT_TRUE(sorted.has_value());
    std::vector<std::int32_t> expected(text.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::ranges::sort(expected, [&](std::int32_t a, std::int32_t b) {
      return std::lexicographical_compare(text.begin() + a, text.end(), text.begin() + b, text.end());
    });
    EXPECT_EQ(*sorted, expected);
  }
}

// It would go on for many seconds, and says nothing of how far it is.
TEST(SortSuffixes, IsLeftToItselfWhenTheWorkIsCancelled) {
  std::vector<std::uint8_t> text(30'000'000);
  std::uint32_t state = 1;
  for (std::uint8_t &symbol : text)
    symbol = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  Work work;
  std::thread interruption([&work] { work.cancel(); });
  EXPECT_FALSE(sort_suffixes(std::move(text), work).has_value());
  interruption.join();
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
