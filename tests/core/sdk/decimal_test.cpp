#include "ntpkeygen/sdk/decimal.hpp"

#include <cstdio>
#include <cstdlib>
#include <gmock/gmock.h>
#include <string>

namespace ntpkeygen {
namespace {

constexpr const char *texts[] = {"0",
                                 "7",
                                 "007",
                                 "+5",
                                 "-1",
                                 "--1",
                                 "+-1",
                                 "- 1",
                                 "",
                                 " ",
                                 " \t\n\v\f\r42x",
                                 "8x",
                                 "x8",
                                 "0x10",
                                 "#",
                                 "\xef\xbb\xbf"
                                 "1",
                                 "65535",
                                 "2147483647",
                                 "2147483648",
                                 "4294967295",
                                 "4294967296",
                                 "4294967297",
                                 "-4294967295",
                                 "9223372036854775806",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "-9223372036854775807",
                                 "-9223372036854775808",
                                 "-9223372036854775809",
                                 "99999999999999999999",
                                 "18446744073709551614",
                                 "18446744073709551615",
                                 "18446744073709551616",
                                 "18446744073709551617",
                                 "-18446744073709551615",
                                 "-18446744073709551616",
                                 "9223372036854775809",
                                 "100000000000000000000000000000000000001",
                                 "\x80"
                                 "1",
                                 "/1",
                                 ":1",
                                 "1/",
                                 "1:"};

TEST(Decimal, IsReadAsTheCLibraryDoes) {
  for (const char *const text : texts) {
    EXPECT_EQ(c_strtol(text), std::strtol(text, nullptr, 10)) << text;
    EXPECT_EQ(c_atoi(text), std::atoi(text)) << text; // glibc's, which does not stop at int's limits
  }
}

TEST(Decimal, IsScannedAsTheCLibraryDoes) {
  for (const char *const text : texts) {
    unsigned expected_u = 0;
    int expected_d = 0, end = 0;
    const bool is_u = std::sscanf(text, "%u%n", &expected_u, &end) == 1;
    const auto u = c_scanf_u(text);
    ASSERT_EQ(u.has_value(), is_u) << text;
    const auto d = c_scanf_d(text);
    ASSERT_EQ(d.has_value(), std::sscanf(text, "%d", &expected_d) == 1) << text;
    if (is_u) {
      EXPECT_EQ(u->value, expected_u) << text;
      EXPECT_EQ(u->end, static_cast<std::size_t>(end)) << text;
      EXPECT_EQ(d->value, static_cast<unsigned>(expected_d)) << text;
      EXPECT_EQ(d->end, u->end) << text;
    }
  }
}

TEST(Decimal, IsPlainWhereAPersonReadsIt) {
  EXPECT_EQ(plain_decimal("0"), 0U);
  EXPECT_EQ(plain_decimal("0065535"), 65535U);
  EXPECT_EQ(plain_decimal("4294967295"), 4294967295U);
  for (const char *const text : {"", "4294967296", "99999999999999999999999", "-1", "+1", " 1", "1 ", "8x", "0x10"})
    EXPECT_EQ(plain_decimal(text), std::nullopt) << text;
}

TEST(IdAsWritten, IsWhatAPersonReads) {
  EXPECT_EQ(id_as_written("7"), 7U);
  EXPECT_EQ(id_as_written("\xEF\xBB\xBF"
                          "7"),
            7U);
  EXPECT_EQ(id_as_written("7\xEF\xBB\xBF"), std::nullopt);
  EXPECT_EQ(id_as_written("\xEF\xBB\xBF"), std::nullopt);
}

} // namespace
} // namespace ntpkeygen
