#include "key_file_formats/classic/classic.hpp"

#include "key_file_formats/classic/address_list.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using ClassicFormat = test::FormatTest<plugins::classic::make_format>;

TEST_F(ClassicFormat, RecipeIsThatOfNtpKeygenM) {
  const Recipe &recipe = format->recipe();
  EXPECT_EQ(recipe.label, "MD5key");
  EXPECT_EQ(recipe.announced_as, "md5");
  ASSERT_EQ(recipe.groups.size(), 2U);
  EXPECT_EQ(recipe.groups[0].type, "MD5");
  EXPECT_EQ(recipe.groups[0].encoding, Encoding::ascii);
  EXPECT_EQ(recipe.groups[1].type, "SHA1");
  EXPECT_EQ(recipe.groups[1].encoding, Encoding::hex);
  for (const KeyGroup &group : recipe.groups) {
    EXPECT_EQ(group.bits, 160);
    EXPECT_EQ(group.count, 10U);
  }
  EXPECT_EQ(format->info().name, "classic");
  EXPECT_EQ(format->info().reader, plugins::classic::make_reader()->info().name);
}

TEST_F(ClassicFormat, WritesLinesAsNtpKeygenDoes) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "MD5", Encoding::ascii, "!\"$%&'()*+,-./012345")
                           .add(11, "SHA1", Encoding::hex, "0123456789abcdefghij")
                           .add(12, "AES", Encoding::hex, "0123456789abcdef")
                           .take();
  const Result<std::string> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, " 1 MD5 !\"$%&'()*+,-./012345  # MD5 key\n"
                   "11 SHA1 303132333435363738396162636465666768696a  # SHA1 key\n"
                   "12 AES128CMAC 30313233343536373839616263646566  # AES128CMAC key\n");
}

TEST_F(ClassicFormat, HeaderIsFileNameDateAndAnEmptyLine) {
  const Result<std::string> header = format->header("ntpkey_MD5key_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_MD5key_host.3900000000\n# Mon Nov 23 08:00:00 2026\n\n");
  EXPECT_TRUE(failed_with(format->header(std::string(509, 'x'), "date"), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(format->header("a\nb", "date"), ErrorCode::invalid_argument));
}

TEST_F(ClassicFormat, SpellsWhatNtpdTakes) {
  EXPECT_EQ(word("AES", 128), "AES128CMAC");
  EXPECT_EQ(word("MD5", 128), "MD5");
  EXPECT_EQ(word("SHA1", 160), "SHA1");
  EXPECT_EQ(word("SHA256", 256), "SHA256");
  EXPECT_EQ(word("SHA384", 256), "SHA384");
  EXPECT_EQ(word("SHA512", 256), "SHA512");
  for (const std::uint16_t bits : {std::uint16_t{192}, std::uint16_t{256}}) {
    const Result<Spelling> spelling = format->spelling(type("AES"), bits, Encoding::hex);
    ASSERT_TRUE(failed_with(spelling, ErrorCode::unsupported));
    EXPECT_THAT(spelling.error().message, HasSubstr("only cipher is AES-128-CMAC"));
    EXPECT_THAT(spelling.error().hint, HasSubstr("128 bits"));
  }
  EXPECT_EQ(word("DES", 64), "error: the classic format cannot hold keys of type DES");
}

TEST_F(ClassicFormat, AlphabetIsThatOfNtpKeygen) {
  const Result<Spelling> spelling = format->spelling(type("MD5"), 160, Encoding::ascii);
  ASSERT_TRUE(succeeded(spelling));
  for (unsigned c = 0; c < 256; ++c)
    EXPECT_EQ(spelling->alphabet.test(c), c >= 0x21 && c <= 0x7e && c != '#') << c;
  EXPECT_THAT(spelling->forbidden_prefixes, ElementsAre("HEX:", "ASCII:"));
}

TEST_F(ClassicFormat, AsciiEndsAtTwentyCharactersAndHexBeginsAbove) {
  EXPECT_FALSE(fits("SHA1", 0, Encoding::ascii));
  EXPECT_TRUE(fits("SHA1", 160, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 168, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 80, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 88, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 256, Encoding::hex));
  EXPECT_FALSE(fits("SHA1", 264, Encoding::hex));
}

TEST_F(ClassicFormat, DefaultEncodingsAreTheRecipesElseHex) {
  EXPECT_THAT(encodings("MD5", 160), ElementsAre(Encoding::ascii));
  EXPECT_THAT(encodings("MD5", 128), ElementsAre(Encoding::hex));
  EXPECT_THAT(encodings("SHA1", 160), ElementsAre(Encoding::hex));
  EXPECT_THAT(encodings("AES", 128), ElementsAre(Encoding::hex));
  EXPECT_THAT(encodings("MD5", 80), ElementsAre(Encoding::ascii)); // hex cannot
  EXPECT_TRUE(failed_with(format->default_encodings(type("AES"), 256), ErrorCode::unsupported));
}

TEST_F(ClassicFormat, RendersOnlyWhatNtpdWouldReadBack) {
  EXPECT_TRUE(failed_with(one(0, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(one(65536, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  for (const std::string_view key : {"a b", "a#b", "a\nb", "\xe9"})
    EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, key), ErrorCode::unsupported)) << key;
  EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::hex, "0123456789"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "AES", Encoding::hex, std::string(32, 'k')), ErrorCode::unsupported));
}

TEST_F(ClassicFormat, ParsesEveryKindOfLine) {
  EXPECT_THAT(lines_of("# comment\n\n \t \n"
                       " 1 MD5 abcdefghijklmnopqrst  # MD5 key\n"
                       "11 SHA1 303132333435363738396162636465666768696a  # SHA1 key\n"
                       "12 aes128cmac 00112233445566778899AABBCCDDEEFF\n"
                       "13 CMAC abcdefghijklmnop 10.0.0.0/8,::1\n"
                       "14 misc x"),
              ElementsAre("comment", "blank", "blank", "1 MD5 160 ascii 6162636465666768696a6b6c6d6e6f7071727374",
                          "11 SHA1 160 hex 303132333435363738396162636465666768696a",
                          "12 AES 128 hex 00112233445566778899aabbccddeeff",
                          "13 AES 128 ascii 6162636465666768696a6b6c6d6e6f70", "14 MD5 8 ascii 78"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(ClassicFormat, WhatIsNotOneWholeKeyIsUnknown) {
  expect_unknown({
      {"nonsense", "bad-key-id"},
      {"65536 MD5 key", "key-id-out-of-range"},
      {"1", "missing-type"},
      {"1 AES abcdefghijklmnop", "unknown-type"},
      {"1 MD2 key", "unknown-type"},
      {"1 NOPE", "missing-key"},
      {"1 NOPE 00112233445566778899-", "invalid-hex"},
      {"1 NOPE key garbage", "invalid-address"},
      {"1 MD5 key garbage", "invalid-address"},
      {"1 MD5", "missing-key"},
      {"1 MD5 HEX:00112233445566778899", "invalid-hex"},
      {"1 MD5 00112233445566778899aa\r", "carriage-return"},
      {"\r", "carriage-return"},
      {"1 MD5 00112233445566778899aab", "odd-hex-digits"},
      {"1 MD5 " + std::string(66, '0'), "key-too-long"},
      {"1 AES128CMAC short", "wrong-key-length"},
      {"1 AES128CMAC abcdefghijklmnopq", "wrong-key-length"},
      {"1 MD5 ke\0y"s, "nul-byte"},
  });
}

TEST_F(ClassicFormat, NotesReachFromTheirSignToTheLinesEnd) {
  const std::string_view text = "1 MD5 key  # its note\r\n2 MD5 key#c\n3 MD5 key 10.0.0.1#d\n"
                                "4 MD5 key  # MD5 key\r\n5 MD5 key  # SHA1 key\n";
  EXPECT_THAT(notes_of(text), ElementsAre("# its note", "#c", "#d", "", "# SHA1 key")) << "without ntp-keygen's own";
}

TEST_F(ClassicFormat, RecognisesItsGeneratorsNotes) {
  EXPECT_EQ(sure(""), 0U);
  EXPECT_EQ(sure("1 MD5 key\n"), 50U);
  EXPECT_EQ(sure("1 MD5 key  # MD5 key\n"), 95U);
  EXPECT_EQ(sure("1 MD5 key\n2 AES abcdefghijklmnop\n"), 25U);
  EXPECT_EQ(sure("1 MD5 key  # MD5 key\nnonsense\n"), 0U);
  EXPECT_EQ(sure("1 AES abcdefghijklmnop\n"), 0U);
  // Only the beginning is looked at, and the line that is cut there says nothing.
  EXPECT_EQ(sure("1 MD5 key\n" + std::string(64 * 1024 - 11, '\n') + "1 MD5 key\n"), 50U);
}

TEST(ClassicAddressList, IsWhatNtpdTakes) {
  for (const std::string_view list :
       {"10.9.8.7", "10.9.8.7,127.0.0.1", "::1", "[::1]", "[::1", "[fe80::1]:123", "fe80::1%1", "fe80::1%eth0",
        "2001:db8::1%7", "10.0.0.0/8", "10.0.0.0/", "10.0.0.0/9999", "::/0,1.2.3.4/33", "::ffff:1.2.3.4"})
    EXPECT_TRUE(plugins::classic::is_address_list(list)) << list;
  for (const std::string_view list : {"garbage", "", ",", "1.2.3.4,", ",1.2.3.4", "1.2.3.4,,5.6.7.8", "1.2.3", "1",
                                      "01.2.3.4.5", "10.0.0.0/x", "10.0.0.0/8x", "10.0.0.0/10010", "10.0.0.0/8/8", "/8",
                                      "fe80::1%", "2001:db8::1%eth0", "2001:db8::1%4294967296", "::1\r", "localhost"})
    EXPECT_FALSE(plugins::classic::is_address_list(list)) << list;
  EXPECT_TRUE(plugins::classic::is_address_list("fe80::1%" + std::string(119, 'x')));
  EXPECT_FALSE(plugins::classic::is_address_list("fe80::1%" + std::string(120, 'x')));
}

class ClassicReader : public test::ReaderTest<plugins::classic::make_reader> {
protected:
  Interpretation read(std::string_view text) { return read_any(text); }
  // The line that made ntpd reject the file, as text.
  std::string rejected_by(const std::string &text) {
    const Interpretation read = this->read(text);
    if (read.outcome != FileOutcome::rejected)
      return "loaded";
    EXPECT_THAT(read.readings, IsEmpty());
    EXPECT_NE(read.reason, "");
    return text.substr(read.decided_by->offset, read.decided_by->size);
  }
};

TEST_F(ClassicReader, IsOfNtpd428p15) {
  EXPECT_EQ(reader->info().name, "classic");
  EXPECT_EQ(reader->info().version, "4.2.8p15");
  EXPECT_EQ(reader->info().format, "classic");
}

TEST_F(ClassicReader, MacsAreCutToTwentyBytes) {
  const Interpretation read = this->read("1 MD5 a\n2 SHA1 a\n3 SHA256 a\n4 sha512 a\n5 AES128CMAC abcdefghijklmnop\n");
  ASSERT_EQ(read.macs.size(), 5U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20}));
  EXPECT_EQ(read.macs[2], (MacSpec{MacSpec::Kind::keyed_digest, "sha256", 20}));
  EXPECT_EQ(read.macs[3], (MacSpec{MacSpec::Kind::keyed_digest, "sha512", 20}));
  EXPECT_EQ(read.macs[4], (MacSpec{MacSpec::Kind::cmac, "aes128", 16}));
}

TEST_F(ClassicReader, OneFaultRejectsTheFile) {
  for (const std::string line :
       {"nonsense", "0 MD5 a", "65536 MD5 a", "-1 MD5 a", "1", "1 MD5", "1 MD5 #a", "1 MD5 HEX:00112233445566778899",
        "1 MD5 00112233445566778899aa\r", "\r", "1 MD5 a garbage",
        "\xef\xbb\xbf"
        "1 MD5 a",
        "1 NOPE", "1 NOPE a garbage"})
    EXPECT_EQ(rejected_by("8 MD5 a\n" + line + "\n9 MD5 b\n"), line);
  EXPECT_EQ(rejected_by("#" + std::string(510, 'x') + "tail of a comment\n"), "tail of a comment");
  EXPECT_EQ(rejected_by("first\nsecond\n"), "first");
}

TEST_F(ClassicReader, ARejectedFileDefinesNone) {
  const Interpretation read = this->read("8 MD5 a\n\r\n1 NOPE a\nnonsense\n9 MD5 b\n9 MD5 c\n");
  EXPECT_THAT(refusals_of(read),
              ElementsAre("8 file-rejected", "1 unknown-type", "- bad-key-id", "9 file-rejected", "9 file-rejected"));
  EXPECT_EQ(*read.decided_by, (Extent{8, 1}));
  EXPECT_THAT(read.reason, HasSubstr("CR LF"));
}

TEST_F(ClassicReader, UnknownTypesAreSkipped) {
  const Interpretation read =
      this->read("1 NOPE a\n2 AES abcdefghijklmnop\n3 MD2 a\n4 SHA-1 a\n5 MGF1 a\n6 DES a\n7 MD5 a\n");
  EXPECT_EQ(read.outcome, FileOutcome::loaded);
  EXPECT_THAT(keys_of(read), ElementsAre("7 md5 61"));
  EXPECT_THAT(refusals_of(read), ElementsAre("1 unknown-type", "2 unknown-type", "3 unknown-type", "4 unknown-type",
                                             "5 unknown-type", "6 unknown-type"));
}

TEST_F(ClassicReader, TakesTypesByLibcryptosShortNames) {
  EXPECT_THAT(keys_of(read("1 rsa-sha512/256 b\n2 Misc d\n3 mD5-sHa1 e\n4 shake256 f\n5 md4 g\n6 M" +
                           std::string(200, 'x') + " a\n")),
              ElementsAre("1 sha512-256 62", "2 md5 64", "3 md5-sha1 65", "4 shake256 66", "5 md4 67", "6 md5 61"));
}

TEST_F(ClassicReader, TheFirstOfDuplicatesWins) {
  const Interpretation read = this->read("3 MD5 c\n1 MD5 a\n3 SHA1 d\n1 MD5 b\n2 NOPE x\n2 MD5 y\n");
  EXPECT_THAT(keys_of(read), ElementsAre("1 md5 61", "2 md5 79", "3 md5 63"));
  EXPECT_THAT(refusals_of(read), ElementsAre("3 duplicate-id", "1 duplicate-id", "2 unknown-type"));
}

TEST_F(ClassicReader, CutsKeysAndPadsThoseForCmacWithZeros) {
  EXPECT_THAT(
      keys_of(read("1 AES128CMAC abcde\n2 CMAC abcdefghijklmnopqrst\n3 AES128CMAC 00112233445566778899aa\n"
                   "4 AES128CMAC 00112233445566778899aabbccddeeff00\n5 MD5 " +
                   std::string(64, '1') + "nothex\n6 MD5 00112233445566778899aab\n")),
      ElementsAre("1 cmac-aes128 61626364650000000000000000000000", "2 cmac-aes128 6162636465666768696a6b6c6d6e6f70",
                  "3 cmac-aes128 00112233445566778899aa0000000000", "4 cmac-aes128 00112233445566778899aabbccddeeff",
                  "5 md5 " + std::string(64, '1'), "6 md5 00112233445566778899aa"));
}

TEST_F(ClassicReader, OriginIsTheLineWithoutItsEnd) {
  const Interpretation read = this->read("# x\n1 MD5 a # b\n2 NOPE a\n");
  EXPECT_EQ(read.readings.at(0).origin, (Extent{4, 11}));
  EXPECT_EQ(read.refusals.at(0).origin, (Extent{16, 8}));
}

} // namespace
} // namespace ntpkeygen
