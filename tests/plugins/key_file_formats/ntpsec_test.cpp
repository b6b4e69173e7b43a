#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using NtpsecFormat = test::FormatTest<plugins::ntpsec::make_format>;

TEST_F(NtpsecFormat, RecipeIsThatOfNtpsecsGenerator) {
  const Recipe &recipe = format->recipe();
  EXPECT_EQ(recipe.label, "AES");
  EXPECT_EQ(recipe.announced_as, "AES");
  ASSERT_EQ(recipe.groups.size(), 2U);
  for (const KeyGroup &group : recipe.groups) {
    EXPECT_EQ(group.type, "AES");
    EXPECT_EQ(group.bits, 128);
    EXPECT_EQ(group.count, 10U);
  }
  EXPECT_EQ(recipe.groups[0].encoding, Encoding::ascii);
  EXPECT_EQ(recipe.groups[1].encoding, Encoding::hex);
  EXPECT_EQ(format->info().name, "ntpsec");
  EXPECT_EQ(format->info().reader, plugins::ntpsec::make_reader()->info().name);
}

TEST_F(NtpsecFormat, WritesLinesAsNtpsecsGeneratorDoes) {
  const KeyFile file =
      test::KeyFileBuilder(memory)
          .add(1, "AES", Encoding::ascii, "$%&'()*+,-./0123")
          .add(10, "AES", Encoding::hex, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef")
          .add(11, "AES", Encoding::hex, "0123456789abcdef01234567")
          .add(65535, "AES", Encoding::hex, "0123456789abcdef0123456789abcdef")
          .add(3, "MD5", Encoding::ascii, "x")
          .add(4, "SHA1", Encoding::hex, "0123456789a")
          .take();
  const Result<std::string> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, " 1 AES $%&'()*+,-./0123\n"
                   "10 AES 0123456789abcdef0123456789abcdef\n"
                   "11 AES-192 303132333435363738396162636465663031323334353637\n"
                   "65535 AES-256 3031323334353637383961626364656630313233343536373839616263646566\n"
                   " 3 MD5 x\n"
                   " 4 SHA1 3031323334353637383961\n");
}

TEST_F(NtpsecFormat, HeaderIsFileNameAndDate) {
  const Result<std::string> header = format->header("ntpkey_AES_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_AES_host.3900000000\n# Mon Nov 23 08:00:00 2026\n");
}

// The rest of a comment that does not fit into ntpd's line buffer would be read as a key line.
TEST_F(NtpsecFormat, HeaderFitsIntoLines) {
  for (const std::size_t size : {508U, 509U, 510U, 600U}) {
    const Result<std::string> header = format->header(std::string(size, 'x'), "date");
    EXPECT_TRUE(size == 508 ? succeeded(header) : failed_with(header, ErrorCode::invalid_argument)) << size;
  }
  EXPECT_TRUE(failed_with(format->header("a\n1 MD5 known", "date"), ErrorCode::invalid_argument));
}

TEST_F(NtpsecFormat, SpellsWhatNtpdTakes) {
  EXPECT_EQ(word("AES", 128), "AES");
  EXPECT_EQ(word("AES", 192), "AES-192");
  EXPECT_EQ(word("AES", 256), "AES-256");
  EXPECT_EQ(word("MD5", 128), "MD5");
  EXPECT_EQ(word("SHA1", 160), "SHA1");
  EXPECT_EQ(word("SHA256", 256), "SHA256");
  EXPECT_EQ(word("SHA384", 256), "SHA384");
  EXPECT_EQ(word("SHA512", 256), "SHA512");
  EXPECT_EQ(word("AES", 136), "error: the ntpsec format has no AES keys of 136 bits");
  EXPECT_EQ(word("DES", 64), "error: the ntpsec format cannot hold keys of type DES");
}

TEST_F(NtpsecFormat, AlphabetIsThatOfNtpsecsGenerator) {
  const Result<Spelling> spelling = format->spelling(type("AES"), 128, Encoding::ascii);
  ASSERT_TRUE(succeeded(spelling));
  for (unsigned c = 0; c < 256; ++c)
    EXPECT_EQ(spelling->alphabet.test(c), c >= 0x24 && c <= 0x7d) << c;
  EXPECT_THAT(spelling->forbidden_prefixes, ElementsAre("HEX:", "ASCII:"));
}

TEST_F(NtpsecFormat, AsciiEndsAtTwentyCharactersAndHexBeginsAbove) {
  EXPECT_FALSE(fits("SHA1", 0, Encoding::ascii));
  EXPECT_TRUE(fits("SHA1", 8, Encoding::ascii));
  EXPECT_TRUE(fits("SHA1", 160, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 168, Encoding::ascii));
  EXPECT_FALSE(fits("SHA1", 80, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 88, Encoding::hex));
  EXPECT_TRUE(fits("SHA1", 256, Encoding::hex));
  EXPECT_FALSE(fits("SHA1", 264, Encoding::hex));
  EXPECT_THAT(format->spelling(type("AES"), 192, Encoding::ascii).error().message, HasSubstr("20 characters"));
}

TEST_F(NtpsecFormat, DefaultEncodingsAreTheRecipesElseHex) {
  EXPECT_THAT(encodings("AES", 128), ElementsAre(Encoding::ascii, Encoding::hex));
  EXPECT_THAT(encodings("AES", 256), ElementsAre(Encoding::hex));
  EXPECT_THAT(encodings("MD5", 160), ElementsAre(Encoding::hex));
  EXPECT_THAT(encodings("MD5", 80), ElementsAre(Encoding::ascii)); // hex cannot
  EXPECT_TRUE(failed_with(format->default_encodings(type("MD5"), 512), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(format->default_encodings(type("DES"), 64), ErrorCode::unsupported));
}

TEST_F(NtpsecFormat, RendersOnlyWhatNtpdWouldReadBack) {
  EXPECT_TRUE(failed_with(one(0, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(one(65536, "MD5", Encoding::ascii, "key"), ErrorCode::invalid_argument));
  for (const std::string_view key : {"a b", "a#b", "a\tb", "a\nb", "a\x7f", "\xe9", "a\rb"})
    EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, key), ErrorCode::unsupported)) << key;
  EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::ascii, "a\0b"s), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "MD5", Encoding::hex, "0123456789"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "AES", Encoding::hex, "0123456789abcde"), ErrorCode::unsupported));
  EXPECT_TRUE(failed_with(one(1, "nothing", Encoding::hex, "0123456789abcde"), ErrorCode::unsupported));
  EXPECT_EQ(*one(1, "MD5", Encoding::ascii, "a!b~"), " 1 MD5 a!b~\n");
}

TEST_F(NtpsecFormat, NewLinesFollowAnUnfinishedOne) {
  const KeyFile file =
      test::KeyFileBuilder(memory).add_written("# no line feed").add(7, "MD5", Encoding::ascii, "key").take();
  EXPECT_EQ(*render(file), "# no line feed\n 7 MD5 key\n");
}

TEST_F(NtpsecFormat, ParsesEveryKindOfLine) {
  EXPECT_THAT(lines_of("# comment\n"
                       " \t# comment\n"
                       "\n"
                       " \t \n"
                       "1 AES abcdefghijklmnop\n"
                       "2 aes-256 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
                       "8x AES128CMAC 00112233445566778899AABBCCDDEEFF and more\n"
                       " 4\tmisc \tx\n"
                       "5 sha-1 00112233445566778899a0\n"
                       "6 CAMELLIA-128 00112233445566778899aabbccddeeff"),
              ElementsAre("comment", "comment", "blank", "blank", "1 AES 128 ascii 6162636465666768696a6b6c6d6e6f70",
                          "2 AES 256 hex 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                          "8 AES 128 hex 00112233445566778899aabbccddeeff", "4 MD5 8 ascii 78",
                          "5 SHA1 88 hex 00112233445566778899a0",
                          "6 CAMELLIA 128 hex 00112233445566778899aabbccddeeff"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(NtpsecFormat, WhatIsNotOneWholeKeyIsUnknown) {
  expect_unknown({
      {"nonsense", "bad-key-id"},
      {"0 MD5 key", "bad-key-id"},
      {"65536 MD5 key", "key-id-out-of-range"},
      {"-1 MD5 key", "key-id-out-of-range"},
      {"1", "missing-type"},
      {"1 # MD5 key", "missing-type"},
      {"1 NOPE key", "unknown-type"},
      {"1 AES128 key", "unknown-type"},
      {"1 MD5", "missing-key"},
      {"1 MD5 #key", "missing-key"},
      {"1 MD5 HEX:00112233445566778899", "invalid-hex"},
      {"1 MD5 00112233445566778899aa\r", "carriage-return"},
      {"\r", "carriage-return"},
      {"1 MD5 00112233445566778899aab", "odd-hex-digits"},
      {"1 MD5 " + std::string(66, '0'), "key-too-long"},
      {"1 MD5 " + std::string(64, '0') + "zz", "key-too-long"},
      {"1 AES 00112233445566778899aabbccddee", "wrong-key-length"},
      {"1 AES abcdefghijklmnopq", "wrong-key-length"},
      {"1 AES-256 00112233445566778899aabbccddeeff", "wrong-key-length"},
      {"1 DES 00112233445566778899aabbccddeeff", "unusable-type"},
      {"1 MD4 key", "unusable-type"},
      {"1 MD5 ke\0y"s, "nul-byte"},
      {" \0 1 MD5 key"s, "nul-byte"},
      {"\xef\xbb\xbf"
       "1 MD5 key",
       "bad-key-id"},
  });
}

TEST_F(NtpsecFormat, ACarriageReturnBecomesPartOfAnAsciiKey) {
  EXPECT_THAT(lines_of("1 MD5 key\r\n"), ElementsAre("1 MD5 32 ascii 6b65790d"));
  ASSERT_THAT(diagnostics.rules(), ElementsAre("carriage-return"));
  EXPECT_EQ(diagnostics.reports[0].severity, Severity::warning);
  EXPECT_THAT(lines_of("1 MD5 key # note\r\n"), ElementsAre("1 MD5 24 ascii 6b6579"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
}

TEST_F(NtpsecFormat, NotesReachFromTheirSignToTheLinesEnd) {
  const std::string_view text = "1 MD5 key # a # b\r\n2 MD5 key#c\n3 MD5 key 10.0.0.1#d\n4 MD5 key\n";
  EXPECT_THAT(notes_of(text), ElementsAre("# a # b", "#c", "#d", ""));
}

TEST_F(NtpsecFormat, ALongLinesRestIsALineOfItsOwn) {
  // 511 characters fill ntpd's buffer; the line feed alone is then an empty line.
  EXPECT_THAT(lines_of("#" + std::string(510, 'x') + "\n1 MD5 key\n"),
              ElementsAre("comment", "blank", "1 MD5 24 ascii 6b6579"));
  EXPECT_THAT(diagnostics.reports, IsEmpty());
  EXPECT_THAT(lines_of("#" + std::string(510, 'x') + "1 MD5 injected\n"),
              ElementsAre("comment", "1 MD5 64 ascii 696e6a6563746564"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("line-too-long"));
  EXPECT_THAT(lines_of(std::string(500, ' ') + "1 MD5 keycut\n"), ElementsAre("unknown", "unknown"));
  EXPECT_THAT(diagnostics.rules(), ElementsAre("line-too-long", "line-too-long", "bad-key-id"));
  EXPECT_THAT(lines_of(std::string(502, ' ') + "1 MD5 key"), ElementsAre("1 MD5 24 ascii 6b6579")); // the file ends
}

TEST_F(NtpsecFormat, RecognisesItsOwnWords) {
  EXPECT_EQ(sure(""), 0U);
  EXPECT_EQ(sure("# only a comment\n"), 0U);
  EXPECT_EQ(sure("[section]\nname = value\n"), 0U);
  EXPECT_EQ(sure("1 MD5 key\n"), 50U);
  EXPECT_EQ(sure("1 AES128CMAC 00112233445566778899aabbccddeeff\n"), 50U);
  EXPECT_EQ(sure("1 AES abcdefghijklmnop\n"), 95U);
  EXPECT_EQ(sure("1 MD5 key\nnonsense\n"), 25U);
  EXPECT_EQ(sure("1 MD5 HEX:00112233445566778899aabb\n"), 0U);
}

using NtpsecReader = test::ReaderTest<plugins::ntpsec::make_reader>;

TEST_F(NtpsecReader, IsOfNtpd122) {
  EXPECT_EQ(reader->info().name, "ntpsec");
  EXPECT_EQ(reader->info().version, "1.2.2");
  EXPECT_EQ(reader->info().format, "ntpsec");
  EXPECT_FALSE(reader->info().client);
}

TEST_F(NtpsecReader, MacsAreCutToTwentyBytes) {
  const Interpretation read = this->read(
      "1 MD5 a\n2 SHA1 a\n3 SHA256 a\n4 sha-512 a\n5 AES abcdefghijklmnop\n6 MD5 b\n7 DES-EDE abcdefghijklmnop\n");
  ASSERT_EQ(read.macs.size(), 6U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20}));
  EXPECT_EQ(read.macs[2], (MacSpec{MacSpec::Kind::keyed_digest, "sha256", 20}));
  EXPECT_EQ(read.macs[3], (MacSpec{MacSpec::Kind::keyed_digest, "sha512", 20}));
  EXPECT_EQ(read.macs[4], (MacSpec{MacSpec::Kind::cmac, "aes128", 16}));
  EXPECT_EQ(read.macs[5], (MacSpec{MacSpec::Kind::cmac, "des-ede", 8}));
  EXPECT_EQ(read.readings[5].mac, 0U);
}

TEST_F(NtpsecReader, RefusesWithTheIdThatAPersonReads) {
  const Interpretation read =
      this->read("\xef\xbb\xbf"
                 "1 MD5 a\n"
                 "2 NOPE a\n3 MD5\n4\n5 MD5 HEX:00112233445566778899\n"
                 "6 MD5 00112233445566778899aa\r\n0 MD5 a\n65536 MD5 a\n4294967296 MD5 a\n-1 MD5 a\n"
                 "words\n\r\n7 DES 00112233445566778899aabbccddeeff\n");
  EXPECT_THAT(keys_of(read), IsEmpty());
  EXPECT_THAT(refusals_of(read),
              ElementsAre("1 bad-key-id", "2 unknown-type", "3 missing-key", "4 missing-type", "5 invalid-hex",
                          "6 carriage-return", "0 bad-key-id", "65536 key-id-out-of-range", "- bad-key-id",
                          "- key-id-out-of-range", "- bad-key-id", "7 unusable-type"));
}

TEST_F(NtpsecReader, TheLastOfDuplicatesWins) {
  const Interpretation read = this->read("3 MD5 c\n1 MD5 a\n3 SHA1 d\n1 MD5 b\n1 MD5\n");
  EXPECT_THAT(keys_of(read), ElementsAre("1 md5 62", "3 sha1 64"));
  EXPECT_THAT(refusals_of(read), ElementsAre("3 duplicate-id", "1 duplicate-id", "1 missing-key"));
}

TEST_F(NtpsecReader, AnUnusableTypeReplacesAnEarlierKey) {
  const Interpretation read = this->read("1 MD5 a\n1 DES 00112233445566778899aabbccddeeff\n2 DES abcdefgh\n2 MD5 b\n");
  EXPECT_THAT(keys_of(read), ElementsAre("2 md5 62"));
  EXPECT_THAT(refusals_of(read), ElementsAre("1 duplicate-id", "1 unusable-type", "2 unusable-type"));
}

TEST_F(NtpsecReader, OriginIsTheLineWithoutItsEnd) {
  const Interpretation read = this->read("# x\n1 MD5 a # b\n2 MD5\n");
  EXPECT_EQ(read.readings.at(0).origin, (Extent{4, 11}));
  EXPECT_EQ(read.refusals.at(0).origin, (Extent{16, 5}));
}

// What a short key for CMAC is padded with: whatever the line buffer, or the buffer of decoded digits, holds behind it.
TEST_F(NtpsecReader, PadsShortAsciiKeysFromTheLineBuffer) {
  // Two NULs: ntpd's, in the place of the line feed, and fgets's. Behind them nobody knows.
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmno\n")), ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f00"));
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmn\n")), ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e0000"));
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklm\n")), ElementsAre("1 cmac-aes128 ?16"));
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmn")), ElementsAre("1 cmac-aes128 ?16")); // no line feed, one NUL
  EXPECT_THAT(keys_of(read("1 AES-256 abcdefghijklmno\n")), ElementsAre("1 cmac-aes256 ?32"));
  // A comment's text, behind a NUL in its sign's place.
  EXPECT_THAT(keys_of(read("1 AES abcdefgh#0123456\n")), ElementsAre("1 cmac-aes128 61626364656667680030313233343536"));
  // Text of the line before: "ZZZZ...", behind the two NULs.
  EXPECT_THAT(keys_of(read("#ZZZZZZZZZZZZZZZZZZZZZZ\n1 AES abcdefgh\n")), ElementsAre("1 cmac-aes128 6162636465666768"
                                                                                      "0000"
                                                                                      "5a5a5a5a5a5a"));
  // Text that earlier fields' NULs have cut up.
  EXPECT_THAT(keys_of(read("9 NOPE 01 23 45 67 89 ab cd ef\n1 AES a\n")), ElementsAre("1 cmac-aes128 61"
                                                                                      "0000"
                                                                                      "20323320343520363720383920"));
}

TEST_F(NtpsecReader, PadsShortHexKeysWithTheDigitsOfEarlierOnes) {
  const std::string first = "1 SHA1 77112233445566778899aabbccddee7ff7e1d2c3b4a5968778695a4b3c2d1e7f\n";
  EXPECT_THAT(keys_of(read(first + "2 AES-256 00112233445566778899aabbccddee0f\n")),
              ElementsAre("1 sha1 77112233445566778899aabbccddee7ff7e1d2c3b4a5968778695a4b3c2d1e7f",
                          "2 cmac-aes256 00112233445566778899aabbccddee0ff7e1d2c3b4a5968778695a4b3c2d1e7f"));
  EXPECT_THAT(keys_of(read("2 AES-256 00112233445566778899aabbccddee0f\n")), ElementsAre("2 cmac-aes256 ?32"));
  // Digits of a line that is skipped stay, too, as does half a byte.
  EXPECT_THAT(keys_of(read("9 MD5 00112233445566778899aabbccddeef!\n2 AES 112233445566778899aabb\n")),
              ElementsAre("2 cmac-aes128 112233445566778899aabbbbccddeef0"));
  // A key of at most 20 characters is ASCII and leaves them alone.
  EXPECT_THAT(
      keys_of(read("9 SHA1 " + std::string(32, '7') + "\n8 MD5 0123456789abcdef0123\n2 AES 112233445566778899aabb\n")),
      ElementsAre("2 cmac-aes128 112233445566778899aabb7777777777", "8 md5 3031323334353637383961626364656630313233",
                  "9 sha1 " + std::string(32, '7')));
}

TEST_F(NtpsecReader, CutsLongKeys) {
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmnopqrst\n")),
              ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f70"));
  EXPECT_THAT(keys_of(read("1 AES 00112233445566778899aabbccddeeff00\n")),
              ElementsAre("1 cmac-aes128 00112233445566778899aabbccddeeff"));
  EXPECT_THAT(keys_of(read("1 MD5 " + std::string(64, '1') + "not hex\n")),
              ElementsAre("1 md5 " + std::string(64, '1')));
}

TEST_F(NtpsecReader, ReadsTheRestOfALongLineAsALine) {
  EXPECT_THAT(keys_of(read("#" + std::string(510, 'x') + "1 MD5 injected\n")), ElementsAre("1 md5 696e6a6563746564"));
  EXPECT_THAT(keys_of(read("#" + std::string(509, 'x') + "\n1 MD5 a\n")), ElementsAre("1 md5 61"));
}

TEST_F(NtpsecReader, TakesTypesByLibcryptosNames) {
  EXPECT_THAT(
      keys_of(
          read("1 1.3.14.3.2.26 a\n2 RSA-SHA512/256 b\n3 sha2-384 c\n4 MD2 d\n5 mD5-sHa1 e\n6 sm4 abcdefghijklmnop\n")),
      ElementsAre("1 sha1 61", "2 sha512-256 62", "3 sha384 63", "4 md5 64", "5 md5-sha1 65",
                  "6 cmac-sm4 6162636465666768696a6b6c6d6e6f70"));
  EXPECT_THAT(keys_of(read("1 M" + std::string(200, 'x') + " a\n2 SHA" + std::string(200, '1') + " a\n")),
              ElementsAre("1 md5 61"));
}

} // namespace
} // namespace ntpkeygen
