#include "key_file_formats/chrony/chrony.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using ChronyFormat = test::FormatTest<plugins::chrony::make_format>;

TEST_F(ChronyFormat, RecipeIsTenAesKeys) {
  const Recipe &recipe = format->recipe();
  EXPECT_EQ(recipe.label, "AES");
  EXPECT_EQ(recipe.announced_as, "AES");
  ASSERT_EQ(recipe.groups.size(), 1U);
  EXPECT_EQ(recipe.groups[0].type, "AES");
  EXPECT_EQ(recipe.groups[0].bits, 128);
  EXPECT_EQ(recipe.groups[0].encoding, Encoding::hex);
  EXPECT_EQ(recipe.groups[0].count, 10U);
  EXPECT_EQ(format->info().name, "chrony");
  EXPECT_EQ(format->info().reader, plugins::chrony::make_reader()->info().name);
  EXPECT_EQ(format->info().first_id, 1U);
  EXPECT_EQ(format->info().last_id, 4294967295U);
  EXPECT_THAT(format->info().daemon_groups, ElementsAre("_chrony", "chrony"));
  EXPECT_THAT(format->info().reload, HasSubstr("chronyc rekey"));
}

TEST_F(ChronyFormat, WritesLinesAsChronycDoes) {
  const KeyFile file =
      test::KeyFileBuilder(memory)
          .add(1, "AES", Encoding::hex, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef")
          .add(10, "AES", Encoding::hex, "0123456789abcdef0123456789abcdef")
          .add(4294967295, "SHA512", Encoding::hex, "\xff")
          .add(65536, "MD5", Encoding::ascii, "a#b")
          .add(3, "SHA1", Encoding::ascii, "0123456789abcdef0123456789")
          .add(4, "SHA256", Encoding::hex, "x")
          .add(5, "SHA384", Encoding::ascii, "HEX")
          .take();
  const Result<std::string> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, "1 AES128 HEX:0123456789ABCDEF0123456789ABCDEF\n"
                   "10 AES256 HEX:3031323334353637383961626364656630313233343536373839616263646566\n"
                   "4294967295 SHA512 HEX:FF\n"
                   "65536 MD5 a#b\n"
                   "3 SHA1 0123456789abcdef0123456789\n"
                   "4 SHA256 HEX:78\n"
                   "5 SHA384 HEX\n");
}

TEST_F(ChronyFormat, HeaderIsFileNameAndDate) {
  const Result<std::string> header = format->header("ntpkey_AES_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_AES_host.3900000000\n# Mon Nov 23 08:00:00 2026\n");
}

// The rest of a comment that does not fit into chronyd's line buffer would be read as a key line.
TEST_F(ChronyFormat, HeaderFitsIntoLines) {
  for (const std::size_t size : {2044U, 2045U, 2046U, 3000U}) {
    const Result<std::string> header = format->header(std::string(size, 'x'), "date");
    EXPECT_TRUE(size == 2044 ? succeeded(header) : failed_with(header, ErrorCode::invalid_argument)) << size;
  }
  EXPECT_TRUE(failed_with(format->header("a\n1 MD5 known", "date"), ErrorCode::invalid_argument));
}

TEST_F(ChronyFormat, SpellsWhatChronydTakes) {
  EXPECT_EQ(word("AES", 128), "AES128");
  EXPECT_EQ(word("AES", 256), "AES256");
  EXPECT_EQ(word("MD5", 128), "MD5");
  EXPECT_EQ(word("SHA1", 160), "SHA1");
  EXPECT_EQ(word("SHA256", 256), "SHA256");
  EXPECT_EQ(word("SHA384", 384), "SHA384");
  EXPECT_EQ(word("SHA512", 512), "SHA512");
  EXPECT_EQ(word("AES", 192),
            "error: the chrony format cannot hold AES keys of 192 bits: chrony's ciphers are AES128 and AES256");
  EXPECT_EQ(word("SHA224", 224), "error: the chrony format cannot hold keys of type SHA224");
}

TEST_F(ChronyFormat, AlphabetSuitsPeersToo) {
  const Result<Spelling> spelling = format->spelling(type("MD5"), 128, Encoding::ascii);
  ASSERT_TRUE(succeeded(spelling));
  for (unsigned c = 0; c < 256; ++c)
    EXPECT_EQ(spelling->alphabet.test(c), c >= 0x21 && c <= 0x7e && c != '#') << c;
  EXPECT_THAT(spelling->forbidden_prefixes, ElementsAre("HEX:", "ASCII:"));
}

TEST_F(ChronyFormat, KeysFitIntoLines) {
  EXPECT_FALSE(fits("SHA1", 8 * 0, Encoding::ascii));
  EXPECT_TRUE(fits("SHA1", 8 * 1, Encoding::ascii));
  EXPECT_TRUE(fits("SHA1", 8 * 2024, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 8 * 2025, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 8 * 0, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 8 * 1, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 8 * 1012, Encoding::hex));
  EXPECT_FALSE(fits("SHA1", 8 * 1013, Encoding::hex));

  const Result<std::string> text = render(test::KeyFileBuilder(memory)
                                              .add(4294967295, "SHA512", Encoding::hex, std::string(1012, 'k'))
                                              .add(4294967294, "SHA512", Encoding::ascii, std::string(2024, 'k'))
                                              .take());
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(lines_of(*text), ElementsAre(HasSubstr("4294967295 SHA512 8096 hex"), //
                                           HasSubstr("4294967294 SHA512 16192 ascii")));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(ChronyFormat, DefaultEncodingIsHex) {
  EXPECT_THAT(*format->default_encodings(type("AES"), 128), ElementsAre(Encoding::hex));
  EXPECT_THAT(*format->default_encodings(type("MD5"), 80), ElementsAre(Encoding::hex));
  EXPECT_TRUE(failed_with(format->default_encodings(type("AES"), 192), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(format->default_encodings(type("DES"), 64), ErrorCode::unsupported));
}

TEST_F(ChronyFormat, RendersOnlyWhatChronydWouldReadBack) {
  EXPECT_TRUE(failed_with(one(0, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  for (const std::string_view key : {"a b", "a\tb", "a\nb", "a\x7f", "\xe9", "a\rb", "HEX:00", "ASCII:a", "HEX:"})
    EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, key), ErrorCode::unsupported)) << key;
  EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, "a\0b"s), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "AES", Encoding::hex, "0123456789abcde"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "AES", Encoding::hex, "0123456789abcdef01234567"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "nothing", Encoding::hex, "0123456789abcde"), ErrorCode::unsupported));
  EXPECT_EQ(*one(1, "MD5", Encoding::ascii, "#!;%~hex:"), "1 MD5 #!;%~hex:\n");
  EXPECT_EQ(*one(1, "MD5", Encoding::hex, "ASCII:a"), "1 MD5 HEX:41534349493A61\n");
}

TEST_F(ChronyFormat, NewLinesFollowAnUnfinishedOne) {
  const KeyFile file =
      test::KeyFileBuilder(memory).add_written("# no line feed").add(7, "MD5", Encoding::ascii, "key").take();
  EXPECT_EQ(*render(file), "# no line feed\n7 MD5 key\n");
}

TEST_F(ChronyFormat, ParsesEveryKindOfLine) {
  EXPECT_THAT(lines_of("# comment\n"
                       " \t! comment\n"
                       "; comment\n"
                       "%comment\n"
                       "\n"
                       " \t\v\f\r \n"
                       "1 AES128 abcdefghijklmnop\n"
                       "2 AES256 HEX:00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n"
                       "8x tulip\n"
                       " 4\tMD5 \v ASCII:x#y \r\n"
                       "5 SHA1 00112233445566778899a0\n"
                       "6 SHA3-256 HEX:00"),
              ElementsAre("comment", "comment", "comment", "comment", "blank", "blank",
                          "1 AES 128 ascii 6162636465666768696a6b6c6d6e6f70",
                          "2 AES 256 hex 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                          "8 MD5 40 ascii 74756c6970", "4 MD5 24 ascii 782379",
                          "5 SHA1 176 ascii 30303131323233333434353536363737383839396130", "6 SHA3-256 8 hex 00"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(ChronyFormat, WhatIsNotOneWholeKeyIsUnknown) {
  expect_unknown({
      {"nonsense", "missing-key"},
      {"1", "missing-key"},
      {"some key", "bad-key-id"},
      {"- key", "bad-key-id"},
      {"1 MD5 key # note", "trailing-text"},
      {"1 MD5 key 10.0.0.1", "trailing-text"},
      {"1 md5 key", "unknown-type"},
      {"1 AES128CMAC 00112233445566778899aabbccddeeff", "unknown-type"},
      {"1 TIGER key", "unusable-type"},
      {"1 WHIRLPOOL key", "unusable-type"},
      {"1 MD5 HEX:", "empty-key"},
      {"1 ASCII:", "empty-key"},
      {"1 MD5 HEX:001", "odd-hex-digits"},
      {"1 MD5 HEX:0g", "invalid-hex"},
      {"1 MD5 HEX:00g0", "invalid-hex"},
      {"1 MD5 HEX:0x", "invalid-hex"},
      {"1 NOPE HEX:0x", "invalid-hex"}, // chronyd looks at the key first
      {"1 AES128 HEX:00112233445566778899aabbccddee", "wrong-key-length"},
      {"1 AES128 00112233445566778899aabbccddeeff", "wrong-key-length"},
      {"1 AES256 HEX:00112233445566778899aabbccddeeff", "wrong-key-length"},
      {"1 MD5 ke\0y"s, "nul-byte"},
      {" \0 1 MD5 key"s, "nul-byte"},
      {"\xef\xbb\xbf"
       "1 MD5 key",
       "bad-key-id"},
  });
}

TEST_F(ChronyFormat, WarnsOfKeysThatNobodyMeant) {
  EXPECT_THAT(lines_of("1 MD5\n"), ElementsAre("1 MD5 24 ascii 4d4435"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("type-taken-for-key"));
  EXPECT_EQ(diagnostics.reports[0].severity, Severity::warning);
  EXPECT_THAT(lines_of("1 SHA1 HEX:-1+f0a\n"), ElementsAre("1 SHA1 24 hex ff0f0a"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("signed-hex"));
  EXPECT_EQ(diagnostics.reports[0].severity, Severity::warning);
}

TEST_F(ChronyFormat, ALongLinesRestIsALineOfItsOwn) {
  // 2047 characters fill chronyd's buffer; the line feed alone is then an empty line.
  EXPECT_THAT(lines_of("#" + std::string(2046, 'x') + "\n1 MD5 key\n"),
              ElementsAre("comment", "blank", "1 MD5 24 ascii 6b6579"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
  EXPECT_THAT(lines_of("#" + std::string(2046, 'x') + "1 MD5 injected\n"),
              ElementsAre("comment", "1 MD5 64 ascii 696e6a6563746564"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("line-too-long"));
  EXPECT_THAT(lines_of(std::string(2036, ' ') + "1 MD5 keycut key2\n"), ElementsAre("unknown", "unknown"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("line-too-long", "line-too-long", "bad-key-id"));
  EXPECT_THAT(lines_of(std::string(2038, ' ') + "1 MD5 key"), ElementsAre("1 MD5 24 ascii 6b6579")); // the file ends
}

TEST_F(ChronyFormat, RecognisesItsOwnWords) {
  EXPECT_EQ(sure(""), 0U);
  EXPECT_EQ(sure("# only a comment\n"), 0U);
  EXPECT_EQ(sure("[section]\nname = value\n"), 0U);
  EXPECT_EQ(sure("1 MD5 key\n"), 50U);
  EXPECT_EQ(sure("1 MD5 ASCII:key\n"), 95U);
  EXPECT_EQ(sure("1 MD5 HEX:00\n"), 95U);
  EXPECT_EQ(sure("1 AES128 abcdefghijklmnop\n"), 95U);
  EXPECT_EQ(sure("1 MD5 key\nnonsense\n"), 25U);
  EXPECT_EQ(sure("1 AES abcdefghijklmnop\n"), 0U);
  EXPECT_EQ(sure("1 SHA1 00112233445566778899z\n"), 12U);
  EXPECT_EQ(sure("1 SHA1 00112233445566778899a\n"), 50U);
  EXPECT_EQ(sure("1 SHA1 0011223344556677889z\n"), 50U);
  EXPECT_EQ(sure("0 MD5 key\n"), 12U);
  EXPECT_EQ(sure("65536 MD5 key\n"), 12U);
  EXPECT_EQ(sure("65536 MD5 HEX:00\n"), 95U);
  EXPECT_EQ(sure("1 MD5 key  # MD5 key\n"), 0U);
}

using ChronyReader = test::ReaderTest<plugins::chrony::make_reader>;

TEST_F(ChronyReader, IsOfChronyd43) {
  EXPECT_EQ(reader->info().name, "chrony");
  EXPECT_EQ(reader->info().version, "4.3");
  EXPECT_EQ(reader->info().format, "chrony");
  EXPECT_FALSE(reader->info().client);
  EXPECT_TRUE(reader->info().whole_digests_in_version_3);
}

TEST_F(ChronyReader, MacsAreThoseOfVersionFourPackets) {
  const Interpretation read = this->read("1 MD5 a\n2 SHA1 a\n3 SHA256 a\n4 SHA3-512 a\n5 AES128 abcdefghijklmnop\n"
                                         "6 b\n7 AES256 abcdefghijklmnopabcdefghijklmnop\n");
  ASSERT_EQ(read.macs.size(), 6U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20}));
  EXPECT_EQ(read.macs[2], (MacSpec{MacSpec::Kind::keyed_digest, "sha256", 20}));
  EXPECT_EQ(read.macs[3], (MacSpec{MacSpec::Kind::keyed_digest, "sha3-512", 20}));
  EXPECT_EQ(read.macs[4], (MacSpec{MacSpec::Kind::cmac, "aes128", 16}));
  EXPECT_EQ(read.macs[5], (MacSpec{MacSpec::Kind::cmac, "aes256", 16}));
  EXPECT_EQ(read.readings[5].mac, 0U);
}

TEST_F(ChronyReader, TakesIdsAsScanfDoes) {
  EXPECT_THAT(keys_of(read("0 a\n+5 b\n007 c\n8x d\n-1 e\n-2 f\n4294967297 g\n9223372036854775810 h\n")),
              ElementsAre("0 md5 61", "1 md5 67", "2 md5 68", "5 md5 62", "7 md5 63", "8 md5 64", "4294967294 md5 66",
                          "4294967295 md5 65"));
  EXPECT_THAT(keys_of(read("99999999999999999999 a\n")), ElementsAre("4294967295 md5 61"));
  EXPECT_THAT(keys_of(read("0x10 MD5 a\n")), ElementsAre("0 md5 61"));
}

TEST_F(ChronyReader, RefusesWithTheIdThatAPersonReads) {
  const Interpretation read =
      this->read("\xef\xbb\xbf"
                 "1 MD5 a\n"
                 "2 NOPE a\n3\n4 MD5 HEX:\n5 MD5 HEX:0\n6 MD5 HEX:zz\n7 AES128 a\n8 TIGER a\n9 MD5 a # b\nwords and\n");
  EXPECT_THAT(keys_of(read), IsEmpty());
  EXPECT_THAT(refusals_of(read),
              ElementsAre("1 bad-key-id", "2 unknown-type", "3 missing-key", "4 empty-key", "5 odd-hex-digits",
                          "6 invalid-hex", "7 wrong-key-length", "8 unusable-type", "9 trailing-text", "- bad-key-id"));
}

TEST_F(ChronyReader, TakesCarriageReturnsForBlanks) {
  EXPECT_THAT(keys_of(read("1 MD5 a\r\n\r\n2 SHA1 HEX:00\r\n")), ElementsAre("1 md5 61", "2 sha1 00"));
  EXPECT_THAT(refusals_of(read("1 MD5 a\r2 MD5 b\r")), ElementsAre("1 trailing-text"));
}

// Sorted by id, equal ones in the file's order, and searched by halving: the middle of three, the second of two; beside
// other ids, it depends on where these are.
TEST_F(ChronyReader, DuplicatesAreSearchedForAsGlibcDoes) {
  EXPECT_THAT(keys_of(read("1 a\n1 b\n")), ElementsAre("1 md5 62"));
  EXPECT_THAT(keys_of(read("1 a\n1 b\n1 c\n")), ElementsAre("1 md5 62"));
  EXPECT_THAT(keys_of(read("1 a\n1 b\n1 c\n1 d\n")), ElementsAre("1 md5 63"));
  EXPECT_THAT(keys_of(read("1 a\n1 b\n2 x\n")), ElementsAre("1 md5 62", "2 md5 78"));
  EXPECT_THAT(keys_of(read("1 a\n1 b\n2 x\n3 y\n")), ElementsAre("1 md5 62", "2 md5 78", "3 md5 79"));
  EXPECT_THAT(keys_of(read("1 a\n1 b\n2 x\n3 y\n4 z\n4 z\n5 z\n6 z\n7 z\n")),
              ElementsAre("1 md5 62", "2 md5 78", "3 md5 79", "4 md5 7a", "5 md5 7a", "6 md5 7a", "7 md5 7a"));
  EXPECT_THAT(keys_of(read("2 a\n1 x\n0 w\n2 b\n")), ElementsAre("0 md5 77", "1 md5 78", "2 md5 61"));
  const Interpretation three = read("7 a\n7 SHA1 b\n7 nope c\n7 c\n");
  EXPECT_THAT(keys_of(three), ElementsAre("7 sha1 62"));
  EXPECT_THAT(refusals_of(three), ElementsAre("7 duplicate-id", "7 unknown-type", "7 duplicate-id"));
}

TEST_F(ChronyReader, OriginIsTheLineWithoutItsEnd) {
  const Interpretation read = this->read("# x\n1 MD5 a\n2 MD5 a b\n");
  EXPECT_EQ(read.readings.at(0).origin, (Extent{4, 7}));
  EXPECT_EQ(read.refusals.at(0).origin, (Extent{12, 9}));
}

TEST_F(ChronyReader, ReadsTheRestOfALongLineAsALine) {
  EXPECT_THAT(keys_of(read("#" + std::string(2046, 'x') + "1 MD5 injected\n")), ElementsAre("1 md5 696e6a6563746564"));
  EXPECT_THAT(keys_of(read("#" + std::string(2045, 'x') + "\n1 MD5 a\n")), ElementsAre("1 md5 61"));
  EXPECT_THAT(keys_of(read("1 " + std::string(2045, 'k') + "2 x\n")),
              ElementsAre("1 md5 " + test::hex_of(bytes_of(std::string(2045, 'k'))), "2 md5 78"));
}

} // namespace
} // namespace ntpkeygen
