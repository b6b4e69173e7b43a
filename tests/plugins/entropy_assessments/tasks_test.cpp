// Work that can be ended.
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <gtest/gtest.h>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

TEST(InPieces, EachNumberComesOnceAndInOrder) {
  const Work work;
  for (const std::size_t to : {std::size_t{3}, std::size_t{4}, (std::size_t{1} << 18) + 3, std::size_t{600'000}}) {
    std::size_t next = 3;
    in_pieces(3, to, work, [&](std::size_t i) { EXPECT_EQ(i, next++); });
    EXPECT_EQ(next, to);
  }
}

TEST(InPieces, ACancelledWorkEndsSoon) {
  Work work;
  std::size_t done = 0;
  in_pieces(0, 10'000'000, work, [&](std::size_t) {
    if (++done == 300'000)
      work.cancel();
  });
  EXPECT_LT(done, 1'000'000U);
  in_pieces(0, 3, work, [](std::size_t) { ADD_FAILURE() << "was cancelled before"; });
}

} // namespace
} // namespace ntpkeygen::plugins::sp800_90b
