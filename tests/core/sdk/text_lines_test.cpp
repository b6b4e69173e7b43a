#include "ntpkeygen/sdk/text_lines.hpp"

#include "support/key_files.hpp"

#include <cstdio>
#include <gmock/gmock.h>
#include <random>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<LinePiece> pieces_of(std::string_view text, std::uint32_t longest) {
  BufferedLines lines(test::bytes_of(text), longest);
  std::vector<LinePiece> pieces;
  for (LinePiece piece; lines.next(piece);)
    pieces.push_back(piece);
  return pieces;
}
std::vector<std::string> texts_of(std::string_view text, std::uint32_t longest) {
  std::vector<std::string> texts;
  for (const LinePiece &piece : pieces_of(text, longest))
    texts.emplace_back(as_text(slice(test::bytes_of(text), piece.extent)));
  return texts;
}

TEST(BufferedLines, EndWithTheirLineFeed) {
  EXPECT_THAT(texts_of("", 9), IsEmpty());
  EXPECT_THAT(texts_of("one\n\ntwo", 9), ElementsAre("one\n", "\n", "two"));
}

TEST(BufferedLines, AreCutWhereTheBufferIsFull) {
  EXPECT_THAT(texts_of("0123456\nx\n", 4), ElementsAre("0123", "456\n", "x\n"));
  EXPECT_THAT(texts_of("0123\nx", 4), ElementsAre("0123", "\n", "x"));
  const auto pieces = pieces_of("0123\nx", 4);
  EXPECT_EQ(pieces[0].content(), (Extent{0, 4}));
  EXPECT_FALSE(pieces[0].continued || pieces[0].ended);
  EXPECT_EQ(pieces[1].content(), (Extent{4, 0}));
  EXPECT_TRUE(pieces[1].continued && pieces[1].ended);
  EXPECT_FALSE(pieces[2].continued || pieces[2].ended);
}

// The C library itself, on random bytes with many line feeds and NULs.
TEST(BufferedLines, AreThoseOfFgets) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 90, '\0');
    for (char &c : text)
      c = "\n\nab\0c"[random() % 6];
    std::vector<std::string> expected;
    if (!text.empty()) {
      std::FILE *const file = ::fmemopen(text.data(), text.size(), "r");
      ASSERT_NE(file, nullptr);
      char buffer[8];
      for (long before = 0; std::fgets(buffer, sizeof buffer, file) != nullptr; before = std::ftell(file))
        expected.emplace_back(text, static_cast<std::size_t>(before),
                              static_cast<std::size_t>(std::ftell(file) - before));
      std::fclose(file);
    }
    ASSERT_EQ(texts_of(text, 7), expected);
  }
}

TEST(CharacterSet, FindsTheFirstOfItsCharactersAndTheFirstOfOthers) {
  constexpr CharacterSet set{" \t#"};
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 30, '\0');
    for (char &c : text)
      c = random() % 8 != 0 ? static_cast<char>(random()) : " \t#"[random() % 3];
    const std::size_t at = random() % (text.size() + 1);
    EXPECT_EQ(set.find(text, at), std::min(text.find_first_of(" \t#", at), text.size()));
    EXPECT_EQ(set.skip(text, at), std::min(text.find_first_not_of(" \t#", at), text.size()));
  }
}

} // namespace
} // namespace ntpkeygen
