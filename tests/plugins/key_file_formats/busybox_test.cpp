#include "key_file_formats/busybox/busybox.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using BusyboxFormat = test::FormatTest<plugins::busybox::make_format>;

TEST_F(BusyboxFormat, RecipeIsTenSha1Keys) {
  const Recipe &recipe = format->recipe();
  EXPECT_EQ(recipe.label, "SHA1");
  EXPECT_EQ(recipe.announced_as, "SHA1");
  ASSERT_EQ(recipe.groups.size(), 1U);
  EXPECT_EQ(recipe.groups[0].type, "SHA1");
  EXPECT_EQ(recipe.groups[0].bits, 160);
  EXPECT_EQ(recipe.groups[0].encoding, Encoding::hex);
  EXPECT_EQ(recipe.groups[0].count, 10U);
  EXPECT_EQ(format->info().name, "busybox");
  EXPECT_EQ(format->info().reader, plugins::busybox::make_reader()->info().name);
}

TEST_F(BusyboxFormat, WritesLinesThatBothNtpdsTakeToo) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "SHA1", Encoding::hex, "0123456789abcdef\xff\x00\xaa\x01"s)
                           .add(65535, "MD5", Encoding::ascii, "secret\\key")
                           .add(10, "SHA1", Encoding::hex, "k")
                           .take();
  const Result<std::string> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, " 1 SHA1 30313233343536373839616263646566ff00aa01\n"
                   "65535 MD5 secret\\key\n"
                   "10 SHA1 6b\n");
}

TEST_F(BusyboxFormat, HeaderIsFileNameAndDate) {
  const Result<std::string> header = format->header("ntpkey_SHA1_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_SHA1_host.3900000000\n# Mon Nov 23 08:00:00 2026\n");
  EXPECT_TRUE(failed_with(format->header("a\n1 MD5 known", "date"), ErrorCode::invalid_argument));
}

TEST_F(BusyboxFormat, HoldsMd5InAsciiAndSha1InHex) {
  EXPECT_EQ(word("MD5", 8 * 1, Encoding::ascii), "MD5");
  EXPECT_EQ(word("MD5", 8 * 40, Encoding::ascii), "MD5");
  EXPECT_EQ(
      word("MD5", 8 * 41, Encoding::ascii),
      "error: the busybox format cannot hold MD5 keys of 328 bits: busybox ntpd exits over more than 40 characters");
  EXPECT_EQ(word("MD5", 8 * 0, Encoding::ascii), "error: the busybox format cannot hold MD5 keys of 0 bits");
  EXPECT_EQ(word("MD5", 8 * 20, Encoding::hex), "error: the busybox format cannot write MD5 keys in hex");
  EXPECT_EQ(word("SHA1", 8 * 1, Encoding::hex), "SHA1");
  EXPECT_EQ(word("SHA1", 8 * 20, Encoding::hex), "SHA1");
  EXPECT_THAT(word("SHA1", 8 * 21, Encoding::hex), HasSubstr("168 bits"));
  EXPECT_EQ(word("SHA1", 8 * 20, Encoding::ascii), "error: the busybox format cannot write SHA1 keys in ASCII");
  EXPECT_EQ(word("AES", 8 * 16, Encoding::hex), "error: the busybox format cannot hold keys of type AES");
  EXPECT_EQ(word("SHA256", 8 * 16, Encoding::hex), "error: the busybox format cannot hold keys of type SHA256");
}

TEST_F(BusyboxFormat, AlphabetHasNoBackslash) {
  const Result<Spelling> spelling = format->spelling(type("MD5"), 160, Encoding::ascii);
  ASSERT_TRUE(succeeded(spelling));
  for (unsigned c = 0; c < 256; ++c)
    EXPECT_EQ(spelling->alphabet.test(c), c >= 0x21 && c <= 0x7e && c != '#' && c != '\\') << c;
  EXPECT_THAT(spelling->forbidden_prefixes, ElementsAre("HEX:", "ASCII:"));
}

TEST_F(BusyboxFormat, DefaultEncodingIsTheOnlyOne) {
  EXPECT_THAT(*format->default_encodings(type("MD5"), 160), ElementsAre(Encoding::ascii));
  EXPECT_THAT(*format->default_encodings(type("SHA1"), 160), ElementsAre(Encoding::hex));
  EXPECT_TRUE(failed_with(format->default_encodings(type("AES"), 128), ErrorCode::unsupported));
}

TEST_F(BusyboxFormat, RendersOnlyWhatBusyboxWouldReadBack) {
  EXPECT_TRUE(failed_with(one(0, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(one(65536, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  for (const std::string_view key : {"a b", "a#b", "a\tb", "a\nb", "a\x7f", "\xe9", "a\rb", "key\\", "\\"})
    EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, key), ErrorCode::unsupported)) << key;
  EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, "a\0b"s), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "SHA1", Encoding::hex, "0123456789abcdef01234"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "AES", Encoding::hex, "0123456789abcdef"), ErrorCode::unsupported));
}

TEST_F(BusyboxFormat, NewLinesFollowAnUnfinishedOne) {
  const KeyFile file =
      test::KeyFileBuilder(memory).add_written("# no line feed").add(7, "MD5", Encoding::ascii, "key").take();
  EXPECT_EQ(*render(file), "# no line feed\n 7 MD5 key\n");
}

TEST_F(BusyboxFormat, ParsesEveryKindOfLine) {
  EXPECT_THAT(lines_of("# comment\n"
                       " \t# comment\n"
                       "\n"
                       " \t \n"
                       "1 MD5 HEX:00\n"
                       "007 misc \tabcdefghijklmnopqrstuvwxyzabcdefghijklmn#note\n"
                       " 4\tSHA256 00fF # note\n"
                       "5 sha 0:a:bc:0\n"
                       "6 m x"),
              ElementsAre("comment", "comment", "blank", "blank", "1 MD5 48 ascii 4845583a3030",
                          "7 MD5 320 ascii " + test::hex_of(bytes_of("abcdefghijklmnopqrstuvwxyzabcdefghijklmn")),
                          "4 SHA1 16 hex 00ff", "5 SHA1 32 hex 000abc00", "6 MD5 8 ascii 78"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(BusyboxFormat, WhatIsNotOneWholeKeyIsUnknown) {
  expect_unknown({
      {"nonsense", "missing-type"},
      {"1", "missing-type"},
      {"1 # MD5 key", "missing-type"},
      {"\r", "carriage-return"},
      {"1 MD5", "missing-key"},
      {"1 MD5 #key", "missing-key"},
      {"1 MD5 key 10.0.0.1", "trailing-text"},
      {"x y z w", "trailing-text"}, // busybox stops before it looks at them
      {"1 AES key", "unknown-type"},
      {"1 sh1 key", "unknown-type"},
      {"1 MD5 " + std::string(41, 'k'), "key-too-long"},
      {"1 SHA1 " + std::string(42, '0'), "key-too-long"},
      {"1 SHA1 " + std::string(39, '0'), "odd-hex-digits"},
      {"1 SHA1 " + std::string(40, '0') + "\r", "carriage-return"},
      {"1 SHA1 zz", "invalid-hex"},
      {"1 SHA1 0z", "invalid-hex"},
      {"1 SHA1 00::", "invalid-hex"},
      {"1 SHA1 00:11:2233", "colons-in-hex"},
      {"x MD5 key", "bad-key-id"},
      {"8x MD5 key", "bad-key-id"},
      {"-1 MD5 key", "bad-key-id"},
      {"+1 MD5 key", "bad-key-id"},
      {"0 MD5 key", "key-id-out-of-range"},
      {"65536 MD5 key", "key-id-out-of-range"},
      {"99999999999999999999 MD5 key", "key-id-out-of-range"},
      {"1 MD5 ke\0y"s, "nul-byte"},
      {" \0 1 MD5 key"s, "nul-byte"},
      {"\xef\xbb\xbf"
       "1 MD5 key",
       "bad-key-id"},
  });
}

TEST_F(BusyboxFormat, ABackslashJoinsLines) {
  EXPECT_THAT(lines_of("1 MD5 a\\\nb\n2 MD5 c\n"), ElementsAre("1 MD5 16 ascii 6162", "2 MD5 8 ascii 63"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("continued-line"));
  EXPECT_EQ(diagnostics.reports[0].where, (Extent{0, 10}));
  EXPECT_THAT(lines_of("# note \\\n1 MD5 a\n"), ElementsAre("comment"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("continued-line"));
  // What is left of two backslashes joins again, if the line between is empty.
  EXPECT_THAT(lines_of("1 MD5 a\\\\\n\nb\\"), ElementsAre("1 MD5 16 ascii 6162"));
  EXPECT_THAT(lines_of("1 MD5 a\\\r\n"), ElementsAre("1 MD5 24 ascii 615c0d"));
  EXPECT_THAT(lines_of("1 MD5 a\\"), ElementsAre("1 MD5 8 ascii 61"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
  EXPECT_THAT(lines_of("1 MD5 a #\\\n2 MD5 b # c\n"), ElementsAre("1 MD5 8 ascii 61"));
  EXPECT_EQ(parse("1 MD5 a\\\nb # c\n").lines.at(0).note, Extent{}) << "it is not at one place of the file";
}

TEST_F(BusyboxFormat, ACarriageReturnBecomesPartOfAnAsciiKey) {
  EXPECT_THAT(lines_of("1 MD5 key\r\n"), ElementsAre("1 MD5 32 ascii 6b65790d"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("carriage-return"));
  EXPECT_EQ(diagnostics.reports[0].severity, Severity::warning);
  EXPECT_THAT(lines_of("1 SHA1 00 # note\r\n"), ElementsAre("1 SHA1 8 hex 00"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(BusyboxFormat, NotesReachFromTheirSignToTheLinesEnd) {
  const std::string_view text = "1 MD5 key # a # b\r\n2 MD5 key#c\n3 MD5 key\n";
  EXPECT_THAT(notes_of(text), ElementsAre("# a # b", "#c", ""));
}

TEST_F(BusyboxFormat, IsNeverSurerThanTheFormatsOfTheNtpds) {
  EXPECT_EQ(sure(""), 0U);
  EXPECT_EQ(sure("# only a comment\n"), 0U);
  EXPECT_EQ(sure("1 MD5 key\n"), 40U);
  EXPECT_EQ(sure("1 MD5 key\n2 MD5 key 10.0.0.1\n"), 20U);
  EXPECT_EQ(sure("1 MD5 key\nnonsense\n"), 0U);
  EXPECT_EQ(sure("1 MD5 key\n# \\\nnonsense\n"), 40U);
  EXPECT_EQ(sure("1 AES abcdefghijklmnop\n"), 0U);
  EXPECT_EQ(sure("1 MD5 00112233445566778899z\n"), 10U);
  EXPECT_EQ(sure("1 MD5 00112233445566778899a\n"), 40U);
}

using BusyboxReader = test::ReaderTest<plugins::busybox::make_reader>;

TEST_F(BusyboxReader, IsOfBusybox135) {
  EXPECT_EQ(reader->info().name, "busybox");
  EXPECT_EQ(reader->info().version, "1.35");
  EXPECT_EQ(reader->info().format, "busybox");
  EXPECT_FALSE(reader->info().client);
}

TEST_F(BusyboxReader, HasTwoMacs) {
  const Interpretation read = this->read("1 SHA512 00\n2 Misc a\n3 shadow 11\n");
  ASSERT_EQ(read.macs.size(), 2U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_THAT(keys_of(read), ElementsAre("1 sha1 00", "2 md5 61", "3 sha1 11"));
}

TEST_F(BusyboxReader, ExitsOverABadLine) {
  const Interpretation exits = read("1 MD5 a\n\n2 AES b\n# c\n3 MD5 c\n4 NOPE\n", FileOutcome::exits);
  EXPECT_THAT(keys_of(exits), IsEmpty());
  EXPECT_THAT(refusals_of(exits), ElementsAre("1 program-exits", "2 unknown-type", "3 not-read", "4 not-read"));
  EXPECT_EQ(exits.decided_by, (Extent{9, 7}));
  EXPECT_THAT(exits.reason, HasSubstr("MD5 and SHA1 only"));
  EXPECT_EQ(exits.store.size(), 0U);
  // The end of the line is text to busybox, but nobody takes such a line for a key.
  EXPECT_THAT(refusals_of(read("\r\n1 MD5 a\r\n", FileOutcome::exits)), ElementsAre("1 not-read"));
}

TEST_F(BusyboxReader, StopsAtAFourthField) {
  const Interpretation stopped = read("1 MD5 a\n2 MD5 b 10.0.0.1\n1 MD5 c\n3 nope\n", FileOutcome::stopped_early);
  EXPECT_THAT(keys_of(stopped), ElementsAre("1 md5 61"));
  EXPECT_THAT(refusals_of(stopped), ElementsAre("2 trailing-text", "1 not-read", "3 not-read"));
  EXPECT_EQ(stopped.decided_by, (Extent{8, 16}));
  EXPECT_THAT(stopped.reason, HasSubstr("stops reading"));
}

TEST_F(BusyboxReader, TheLastOfDuplicatesWins) {
  const Interpretation read = this->read("3 MD5 c\n1 MD5 a\n3 SHA1 d0\n1 MD5 b\n");
  EXPECT_THAT(keys_of(read), ElementsAre("1 md5 62", "3 sha1 d0"));
  EXPECT_THAT(refusals_of(read), ElementsAre("3 duplicate-id", "1 duplicate-id"));
}

TEST_F(BusyboxReader, ColonsInHexMakeKeysThatNobodyKnows) {
  EXPECT_THAT(keys_of(read("1 SHA1 0:a:\n2 SHA1 ab:c\n3 SHA1 00:11:2233\n4 SHA1 a::b\n")),
              ElementsAre("1 sha1 000a", "2 sha1 ab0c", "3 sha1 ?5", "4 sha1 0a0b"));
}

TEST_F(BusyboxReader, JoinsLinesThatEndInABackslash) {
  const Interpretation read = this->read("# the old key \\\n1 MD5 a\n2 MD5 b\\\n\n3 MD5 \\\n\\\nc\n4 SHA1 \\\n00\n");
  EXPECT_THAT(keys_of(read), ElementsAre("2 md5 62", "3 md5 63", "4 sha1 00"));
}

TEST_F(BusyboxReader, TellsOfLinesThatAreSwallowed) {
  EXPECT_THAT(refusals_of(read("# the old key \\\n1 MD5 a\n5 MD5 x\n")), ElementsAre("1 continued-line"));
  const Interpretation joined = read("2 MD5 b\\\n\\\n3 SHA1 zz\\\n4 MD5 c\n", FileOutcome::stopped_early);
  EXPECT_THAT(refusals_of(joined), ElementsAre("2 trailing-text", "4 continued-line"));
  EXPECT_EQ(joined.refusals.at(1).origin, (Extent{22, 7}));
  EXPECT_EQ(joined.decided_by, (Extent{0, 29}));
  EXPECT_THAT(refusals_of(read("4 SHA1 \\\n00\n")), IsEmpty());
}

TEST_F(BusyboxReader, LinesHaveAnyLength) {
  EXPECT_THAT(keys_of(read("#" + std::string(5000, 'x') + "1 MD5 hidden\n2 MD5 a #" + std::string(5000, ' ') + "\n")),
              ElementsAre("2 md5 61"));
}

TEST_F(BusyboxReader, OriginIsTheLineWithoutItsEnd) {
  const Interpretation read = this->read("# x\n1 MD5 a # b\n");
  EXPECT_EQ(read.readings.at(0).origin, (Extent{4, 11}));
  EXPECT_EQ(this->read("1 MD5 \\\na").readings.at(0).origin, (Extent{0, 9}));
  EXPECT_EQ(this->read("1 MD5 \\\na\n").readings.at(0).origin, (Extent{0, 9}));
}

} // namespace
} // namespace ntpkeygen
