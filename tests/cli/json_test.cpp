// JSON is UTF-8, whatever a file is called.
#include "cli/json.hpp"

#include <gtest/gtest.h>

namespace ntpkeygen::cli {
namespace {

TEST(AsUtf8, KeepsWhatIsValid) {
  for (const char *text : {"", "keys", "\xc2\x80 \xdf\xbf", "\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf",
                           "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"})
    EXPECT_EQ(as_utf8(text), text);
}

TEST(AsUtf8, ReplacesEachByteOfWhatIsNot) {
  const std::pair<const char *, int> texts[] = {
      {"\xff", 1},             // never begins anything
      {"\x80", 1},             // goes on, with nothing before it
      {"\xc3", 1},             // cut
      {"\xe2\x82", 2},         // cut
      {"\xc1\x81", 2},         // longer than needed
      {"\xe0\x9f\xbf", 3},     // longer than needed
      {"\xf0\x8f\xbf\xbf", 4}, // longer than needed
      {"\xed\xa0\x80", 3},     // a surrogate
      {"\xf4\x90\x80\x80", 4}, // beyond U+10FFFF
      {"\xf5\x80\x80\x80", 4},
  };
  for (const auto &[text, count] : texts) {
    std::string expected = "a";
    for (int i = 0; i < count; ++i)
      expected += "\xef\xbf\xbd";
    EXPECT_EQ(as_utf8("a" + std::string(text) + "b"), expected + "b");
  }
}

} // namespace
} // namespace ntpkeygen::cli
