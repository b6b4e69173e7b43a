// What several programs load from one file: who agrees with whom, and the words for it.
#include "ntpkeygen/host/key_comparison.hpp"

#include "support/key_files.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view file = "1 MD5 secret\n2 SHA1 73656372\n";
constexpr Extent line_1{0, 12}, line_2{13, 15};
constexpr std::string_view store = "secret" // 0: text of line 1
                                   "secr"   // 6: hex of line 2
                                   "73656372"
                                   "other";
constexpr Extent text{0, 6}, decoded{6, 4}, digits{10, 8}, cut{0, 3}, other{18, 5};

class KeyComparison : public ::testing::Test {
protected:
  // MACs: 0 md5, 1 sha1, and 2 sha1 cut to 10 bytes in packets.
  void add(std::string name, std::vector<Reading> readings, std::vector<Refusal> refusals = {}) {
    ProgramView program;
    program.name = std::move(name);
    program.loaded.store = SecretBytes(memory, test::bytes_of(store));
    program.loaded.macs = {{MacSpec::Kind::keyed_digest, "md5", 16},
                           {MacSpec::Kind::keyed_digest, "sha1", 20},
                           {MacSpec::Kind::keyed_digest, "sha1", 10}};
    program.loaded.readings = std::move(readings);
    program.loaded.refusals = std::move(refusals);
    programs.push_back(std::move(program));
  }
  static Reading key(KeyId id, std::uint8_t mac, Extent line, Extent bytes, Certainty certainty = Certainty::certain) {
    return {id, mac, certainty, line, bytes};
  }

  // The first id's: "key 0,1; nothing 2".
  std::string answers() {
    SideBySide ids(programs);
    EXPECT_TRUE(ids.next());
    std::string words;
    for (const Answer &answer : ids.answers()) {
      constexpr std::array kinds{"key", "one_of", "unknown", "nothing"};
      words += (words.empty() ? "" : "; ") + std::string(kinds.at(static_cast<std::size_t>(answer.kind)));
      char before = ' ';
      for (const std::size_t program : answer.programs)
        words += std::exchange(before, ',') + std::to_string(program);
    }
    return words;
  }
  std::string words() {
    SideBySide ids(programs);
    EXPECT_TRUE(ids.next());
    return difference_in_words(test::bytes_of(file), LineIndex(test::bytes_of(file)), programs, ids.answers());
  }

  test::PlainMemory memory;
  std::vector<ProgramView> programs;
};

TEST_F(KeyComparison, WalksThroughAllIdsOnce) {
  add("a", {key(2, 0, line_1, text), key(9, 0, line_1, text)},
      {{7, line_2, "r", "r"}, {std::nullopt, line_2, "r", "r"}, {3, line_2, "r", "r"}, {2, line_2, "r", "r"}});
  add("b", {key(1, 0, line_1, text), key(2, 0, line_1, text), key(2, 0, line_2, text)}, {{7, line_2, "r", "r"}});
  std::vector<KeyId> ids;
  std::vector<std::size_t> of_b;
  for (SideBySide all(programs); all.next();) {
    ids.push_back(all.id());
    of_b.push_back(all.readings(1).size());
  }
  EXPECT_THAT(ids, ElementsAre(1, 2, 3, 7, 9));
  EXPECT_THAT(of_b, ElementsAre(1, 2, 0, 0, 0));
}

TEST_F(KeyComparison, KnowsTheIdsOfRefusalsThatAreForgotten) {
  add("a", {key(2, 0, line_1, text)}, {{7, line_2, "r", "r"}, {std::nullopt, line_2, "r", "r"}});
  programs.front().forget_refusals();
  EXPECT_EQ(programs.front().loaded.refusals.capacity(), 0U);
  std::vector<KeyId> ids;
  for (SideBySide all(programs); all.next();)
    ids.push_back(all.id());
  EXPECT_THAT(ids, ElementsAre(2, 7));
}

TEST_F(KeyComparison, TheSameKeyOfTheSameFunctionIsOneAnswer) {
  add("a", {key(1, 1, line_1, text)});
  add("b", {});
  add("c", {key(1, 2, line_2, text)});
  add("d", {key(1, 0, line_1, text)});
  add("e", {key(1, 1, line_1, other)});
  EXPECT_EQ(answers(), "key 0,2; key 3; key 4; nothing 1");
}

TEST_F(KeyComparison, SeveralReadingsThatSayTheSameAreAKey) {
  add("a", {key(1, 1, line_1, text, Certainty::one_of), key(1, 2, line_2, text, Certainty::one_of)});
  add("b", {key(1, 1, line_1, text, Certainty::one_of), key(1, 1, line_2, other, Certainty::one_of)});
  add("c", {key(1, 1, line_1, text)});
  EXPECT_EQ(answers(), "key 0,2; one_of 1");
  EXPECT_EQ(words(), "b takes one of lines 1 and 2, and the file does not tell which");
}

TEST_F(KeyComparison, WhatNobodyKnowsIsNotTheSame) {
  add("a", {key(1, 1, line_1, text, Certainty::indeterminate)});
  add("b", {key(1, 1, line_1, text)});
  add("c", {key(1, 2, line_1, text, Certainty::indeterminate)});
  add("d", {key(1, 1, line_2, text, Certainty::indeterminate)});
  add("e", {key(1, 1, line_1, decoded, Certainty::indeterminate)});
  add("f", {key(1, 0, line_1, text, Certainty::indeterminate)});
  EXPECT_EQ(answers(), "unknown 0,2; key 1; unknown 3; unknown 4; unknown 5");
  programs.erase(programs.begin() + 3, programs.end());
  EXPECT_EQ(words(), "of the key that a and c take from line 1, nobody can know all bytes");
}

TEST_F(KeyComparison, OneOfSeveralThatNobodyKnowsIsNoKey) {
  add("a", {key(1, 1, line_1, text, Certainty::one_of), key(1, 1, line_1, text, Certainty::indeterminate)});
  EXPECT_EQ(answers(), "one_of 0");
}

TEST_F(KeyComparison, OneAnswerNeedsNoWords) {
  add("a", {key(1, 0, line_1, text)});
  add("b", {});
  EXPECT_EQ(words(), "");
}

TEST_F(KeyComparison, SaysWhatTheBytesAreMadeOf) {
  add("a", {key(2, 1, line_2, decoded)});
  add("b", {key(2, 1, line_2, digits)});
  add("c", {key(2, 1, line_2, other)});
  EXPECT_EQ(words(), "b takes 8 text characters where a takes 4 bytes of hex; "
                     "c takes 5 bytes where a takes 4 bytes of hex");
}

TEST_F(KeyComparison, NamesTheMacsWhereTheyDiffer) {
  add("a", {key(1, 0, line_1, text)});
  add("b", {key(1, 1, line_1, text)});
  add("c", {key(1, 1, line_1, cut)});
  EXPECT_EQ(words(), "b takes it for sha1 where a takes it for md5; "
                     "c takes 3 text characters for sha1 where a takes 6 text characters for md5");
}

TEST_F(KeyComparison, SaysWhichLinesAreTaken) {
  add("a", {key(1, 0, line_1, text)});
  add("b", {key(1, 1, line_2, decoded)});
  add("c", {key(1, 1, line_2, decoded)});
  EXPECT_EQ(words(), "b and c take line 2 where a takes line 1");
}

TEST_F(KeyComparison, DifferentBytesOfTheSameKindAreAnotherKey) {
  add("a", {key(1, 0, line_1, decoded)});
  add("b", {key(1, 0, line_1, {2, 4})});
  EXPECT_EQ(words(), "b takes another key of 4 text characters than a");
}

TEST(LineIndex, CountsLinesAndColumnsFromOne) {
  const LineIndex lines(test::bytes_of("ab\n\ncd"));
  const std::pair<std::uint32_t, std::uint32_t> places[] = {{1, 1}, {1, 2}, {1, 3}, {2, 1}, {3, 1}, {3, 2}, {3, 3}};
  for (std::uint32_t offset = 0; offset < std::size(places); ++offset) {
    EXPECT_EQ(lines.line_at(offset), places[offset].first) << offset;
    EXPECT_EQ(lines.column_at(offset), places[offset].second) << offset;
  }
}

} // namespace
} // namespace ntpkeygen
