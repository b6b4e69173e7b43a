#include "cli/foreign_text.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view whole = "plain text, caf\u00e9, \u65e5\u672c, \U0001f511, a \\ and a '\"'";

TEST(Escaped, LeavesTextAsItIs) {
  EXPECT_EQ(escaped(whole), whole);
  EXPECT_EQ(escaped(""), "");
}

TEST(Escaped, WritesOutWhatSteersATerminal) {
  EXPECT_EQ(escaped("a\nntpkeygen: error: b\r\n\tc"), "a\\nntpkeygen: error: b\\r\\n\\tc");
  EXPECT_EQ(escaped("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escaped("\x7f"), "\\x7f");
  EXPECT_EQ(escaped("\u009b31m"), "\\xc2\\x9b31m") << "CSI in one character";
  EXPECT_EQ(escaped("\u202egpj\u2066\u2028"), "\\xe2\\x80\\xaegpj\\xe2\\x81\\xa6\\xe2\\x80\\xa8");
}

TEST(Escaped, WritesOutBytesThatAreNoUtf8) {
  EXPECT_EQ(escaped("caf\xe9!"), "caf\\xe9!");
  EXPECT_EQ(escaped("\x9b"), "\\x9b");
  EXPECT_EQ(escaped("\xe2\x82"), "\\xe2\\x82");
}

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

// In each place of a long text, since it looks at eight characters at once.
TEST(ForeignText, TextThatNeedsNoEscapesIsToldFromOther) {
  EXPECT_FALSE(may_need_escapes(""));
  std::string text = " plain text, up to the tilde ~";
  EXPECT_FALSE(may_need_escapes(text));
  for (const int c : {0, 1, 0x1b, 0x1f, 0x7f, 0x80, 0x9b, 0xff})
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string with = text;
      with[at] = static_cast<char>(c);
      EXPECT_TRUE(may_need_escapes(with)) << c << " at " << at;
    }
  for (int c = 0x20; c < 0x7f; ++c)
    EXPECT_FALSE(may_need_escapes(std::string(20, static_cast<char>(c)))) << c;
}

} // namespace
} // namespace ntpkeygen::cli
