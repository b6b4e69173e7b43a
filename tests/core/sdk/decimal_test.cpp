#include "ntpkeygen/sdk/decimal.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <string>

namespace ntpkeygen {
namespace {

TEST(Decimal, IsReadAsTheCLibraryDoes) {
  for (const char *const text : {"0",
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
                                 "18446744073709551617",
                                 "\x80"
                                 "1",
                                 "/1",
                                 ":1",
                                 "1/",
                                 "1:"}) {
    EXPECT_EQ(c_strtol(text), std::strtol(text, nullptr, 10)) << text;
    EXPECT_EQ(c_atoi(text), std::atoi(text)) << text; // glibc's, which does not stop at int's limits
  }
}

TEST(Decimal, IsPlainWhereAPersonReadsIt) {
  EXPECT_EQ(plain_decimal("0"), 0U);
  EXPECT_EQ(plain_decimal("0065535"), 65535U);
  EXPECT_EQ(plain_decimal("4294967295"), 4294967295U);
  for (const char *const text : {"", "4294967296", "99999999999999999999999", "-1", "+1", " 1", "1 ", "8x", "0x10"})
    EXPECT_EQ(plain_decimal(text), std::nullopt) << text;
}

} // namespace
} // namespace ntpkeygen
