#include "ntpkeygen/sdk/parse.hpp"

#include "support/key_files.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::bytes_of;
using ::testing::ElementsAre;

class Said final : public Diagnostics {
public:
  void report(const Diagnostic &diagnostic) noexcept override {
    all.push_back(std::string(diagnostic.rule) + ": " + std::string(diagnostic.message));
  }
  std::vector<std::string> all;
};

class Parsed : public ::testing::Test {
protected:
  ParsedFile file_of(std::string_view text) { return {"x", SecretText(memory, bytes_of(text)), memory, said}; }

  test::PlainMemory memory;
  Said said;
};

TEST_F(Parsed, FilesHaveALineForEachPieceAndTheKeysBytes) {
  ParsedFile file = file_of("MD5 a\nAES bc\n# c\nMD5 d");
  BufferedLines pieces(file.bytes(), 100);
  const KeyFile parsed = file.take<LinePiece>(pieces, [&](const LinePiece &piece) {
    const std::string_view text = as_text(slice(file.bytes(), piece.content()));
    if (text.starts_with('#'))
      return Line{.kind = Line::Kind::comment, .raw = piece.extent};
    const char *const type = text.starts_with("MD5") ? "MD5" : "AES";
    return Line{.kind = Line::Kind::key,
                .raw = piece.extent,
                .key = file.key(7, type, Encoding::ascii, bytes_of(text.substr(4)))};
  });
  EXPECT_THAT(test::lines_of(parsed),
              ElementsAre("7 MD5 8 ascii 61", "7 AES 16 ascii 6263", "comment", "7 MD5 8 ascii 64"));
  EXPECT_THAT(parsed.types, ElementsAre("MD5", "AES"));
}

TEST_F(Parsed, LinesOfWhichTheProgramSeesNothingAreBlankUnlessANulHidesTheRest) {
  ParsedFile file = file_of("");
  EXPECT_EQ(file.kind_without_key({}, true, true), Line::Kind::comment);
  EXPECT_EQ(file.kind_without_key({}, false, false), Line::Kind::blank);
  EXPECT_THAT(said.all, ElementsAre());
  EXPECT_EQ(file.kind_without_key({}, false, true), Line::Kind::unknown);
  EXPECT_THAT(said.all, ElementsAre("nul-byte: x reads a line up to its first NUL byte only"));
}

TEST_F(Parsed, KeysAreCutWhereTheProgramStopsInThem) {
  ParsedFile file = file_of("key");
  const std::string_view text = "1 key";
  EXPECT_FALSE(file.is_cut({text, true, true}, text.substr(0, 3), {}, 511)); // it ends before
  EXPECT_FALSE(file.is_cut({text, false, false}, text, {}, 511));
  EXPECT_THAT(said.all, ElementsAre());
  EXPECT_TRUE(file.is_cut({text, true, true}, text, {}, 511));
  EXPECT_TRUE(file.is_cut({text, false, true}, text.substr(2), {}, 511));
  EXPECT_THAT(said.all, ElementsAre("nul-byte: x reads a line up to its first NUL byte only, so the key is cut there",
                                    "line-too-long: the line has more than 511 bytes, and x cuts the key there"));
}

TEST_F(Parsed, TheProgramSeesAPieceUpToItsFirstNul) {
  using namespace std::string_literals;
  ParsedFile file = file_of("ab\0c\nd"s);
  const SeenText first = file.seen({{0, 5}, false, true}), part = file.seen({{0, 2}, false, false}),
                 last = file.seen({{5, 1}, false, false});
  EXPECT_EQ(first.text, "ab");
  EXPECT_TRUE(first.cut_by_nul && !first.cut_by_buffer);
  EXPECT_TRUE(!part.cut_by_nul && part.cut_by_buffer);
  EXPECT_TRUE(!last.cut_by_nul && !last.cut_by_buffer);
}

TEST(ParsedNote, ReachesFromItsSignBehindTheKeyToTheLinesEnd) {
  const std::string_view text = "#k # note\r";
  EXPECT_EQ(ParsedFile::note(10, text, text.substr(0, 2)), (Extent{13, 6}));
  EXPECT_EQ(ParsedFile::note(10, "key", "key"), Extent{});
}

TEST(RecogniseLines, CountsKeysAmongOthersAndWhatIsTheFormatsOwn) {
  const auto sure = [](std::string_view text) {
    return recognise_lines(bytes_of(text), 10, 50, [](std::string_view line, bool whole) -> LineEvidence {
      if (!whole)
        return {};
      const auto evidence = line == "k" || line == "own" ? Evidence::key
                            : line == "s"                ? Evidence::slip
                            : line == "x"                ? Evidence::foreign
                            : line == "no"               ? Evidence::never
                                                         : Evidence::none;
      return {evidence, line == "own"};
    });
  };
  EXPECT_EQ(sure(""), 0U);
  EXPECT_EQ(sure("\n"), 0U);
  EXPECT_EQ(sure("k\n\nk"), 50U);
  EXPECT_EQ(sure("k\nx\n"), 25U);
  EXPECT_EQ(sure("own\n"), 95U);
  EXPECT_EQ(sure("s\ns\n"), 12U);
  EXPECT_EQ(sure("s\nk\n"), 31U);
  EXPECT_EQ(sure("s\nx\n"), 6U);
  EXPECT_EQ(sure("own\nno\n"), 0U);
  // Only the beginning is looked at, and the line that is cut there is not whole.
  EXPECT_EQ(sure("k\n" + std::string(64 * 1024 - 3, '\n') + "no\n"), 50U);
}

} // namespace
} // namespace ntpkeygen
