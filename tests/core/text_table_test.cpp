#include "ntpkeygen/host/text_table.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

TEST(TextTable, KeepsEachTextOnce) {
  TextTable table;
  const std::uint32_t one = table.keep("one"), other = table.keep("other");
  EXPECT_NE(one, other);
  EXPECT_EQ(table.keep(std::string("one")), one);
  EXPECT_EQ(table[one], "one");
  EXPECT_EQ(table[other], "other");
}

TEST(TextTable, NumbersTheEmptyTextZero) {
  TextTable table;
  EXPECT_EQ(table.keep(""), 0U);
  EXPECT_EQ(table[0], "");
}

// Also texts that are longer than what it asks of memory at once.
TEST(TextTable, KeepsManyTextsWhereTheyAre) {
  TextTable table;
  std::vector<std::pair<std::uint32_t, std::string_view>> kept;
  const auto text_of = [](std::size_t i) {
    return std::string(i % 100 == 0 ? 20'000 : i % 300, 'a') + std::to_string(i);
  };
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::uint32_t number = table.keep(text_of(i));
    kept.emplace_back(number, table[number]);
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    ASSERT_EQ(kept[i].second, text_of(i));
    ASSERT_EQ(table[kept[i].first].data(), kept[i].second.data());
    ASSERT_EQ(table.keep(text_of(i)), kept[i].first);
  }
}

} // namespace
} // namespace ntpkeygen
