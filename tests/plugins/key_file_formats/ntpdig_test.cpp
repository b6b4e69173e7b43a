#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

class NtpdigReader : public test::ReaderTest<plugins::ntpsec::make_ntpdig_reader> {
protected:
  // The rule for which ntpdig fails as a whole.
  std::string fails_for(std::string_view text) {
    const Interpretation failed = read(text, FileOutcome::exits);
    EXPECT_THAT(failed.readings, IsEmpty());
    return failed.refusals.empty() ? "(none)" : failed.refusals.front().rule;
  }
};

TEST_F(NtpdigReader, IsOfNtpdig122) {
  EXPECT_EQ(reader->info().name, "ntpdig");
  EXPECT_EQ(reader->info().version, "1.2.2");
  EXPECT_EQ(reader->info().format, "ntpsec");
  EXPECT_TRUE(reader->info().client);
  EXPECT_TRUE(reader->info().sends_unauthenticated_without_key);
}

TEST_F(NtpdigReader, SendsWholeDigests) {
  const Interpretation read = this->read("1 MD5 a\n2 SHA256 a\n3 sha-512 a\n4 AES abcdefghijklmnop\n");
  ASSERT_EQ(read.macs.size(), 4U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "sha256", 32}));
  EXPECT_EQ(read.macs[2], (MacSpec{MacSpec::Kind::keyed_digest, "sha512", 64}));
  EXPECT_EQ(read.macs[3], (MacSpec{MacSpec::Kind::cmac, "aes128", 16}));
}

TEST_F(NtpdigReader, FailsOverABadLine) {
  EXPECT_EQ(fails_for("1\n"), "missing-type");
  EXPECT_EQ(fails_for("1 MD5 #key\n"), "missing-key");
  EXPECT_EQ(fails_for("1 MD5 key 10.0.0.1\n"), "trailing-text");
  EXPECT_EQ(fails_for("1 NOPE abcdefghijklmnopqrstu0\n"), "invalid-hex");
  EXPECT_EQ(fails_for("\xef\xbb\xbf"
                      "1 MD5 key\n"),
            "bad-key-id");
  EXPECT_EQ(fails_for("1 MD5 \xff\n"), "not-utf-8");

  const Interpretation failed = read("1 MD5 a\n2 MD5\n\n# c\n3 MD5 c\n4 NOPE\xff d\n", FileOutcome::exits);
  EXPECT_THAT(refusals_of(failed), ElementsAre("1 program-exits", "2 missing-key", "3 not-read", "4 not-read"));
  EXPECT_EQ(failed.decided_by, (Extent{8, 5}));
  EXPECT_THAT(failed.reason, HasSubstr("two fields"));
}

TEST_F(NtpdigReader, TakesIdsAsPythonsInt) {
  EXPECT_THAT(keys_of(read("+5 MD5 a\n007 MD5 b\n1_0 MD5 c\n4294967295 MD5 d\n65536 MD5 e\n")),
              ElementsAre("5 md5 61", "7 md5 62", "10 md5 63", "65536 md5 65", "4294967295 md5 64"));
  for (const char *const id : {"8x", "0x10", "-", "+", "_1", "1_", "1__0", "--1", "1.0"})
    EXPECT_EQ(fails_for(id + " MD5 key\n"s), "bad-key-id") << id;
  EXPECT_EQ(fails_for(std::string(4301, '1') + " MD5 key\n"), "bad-key-id");
  const Interpretation unasked = read("0 MD5 a\n-0 MD5 a\n-1 MD5 b\n4294967296 MD5 c\n99999999999999999999 MD5 d\n" +
                                      std::string(4300, '1') + " MD5 e\n");
  EXPECT_THAT(keys_of(unasked), IsEmpty());
  EXPECT_THAT(refusals_of(unasked),
              ElementsAre("0 key-id-out-of-range", "- key-id-out-of-range", "- key-id-out-of-range",
                          "- key-id-out-of-range", "- key-id-out-of-range", "- key-id-out-of-range"));
}

TEST_F(NtpdigReader, DigitsAreThoseOfUnicode) {
  EXPECT_THAT(keys_of(read("\u0661\u0660 MD5 a\n+\u096f MD5 b\n1_\U0001d7ff MD5 c\n\uff11\u0be62 MD5 d\n")),
              ElementsAre("9 md5 62", "10 md5 61", "19 md5 63", "102 md5 64"));
  // Beside the ranges, and numbers that are no decimal digits.
  for (const char *const id : {"\u065f", "\u066a", "\U0001d7cd", "\u00b2", "\u00bd", "\u2460", "\u4e00"})
    EXPECT_EQ(fails_for(id + " MD5 key\n"s), "bad-key-id") << id;
  const std::string digits = "00112233445566778899";
  EXPECT_THAT(keys_of(read("1 MD5 " + digits + "\u0661f+\u0969-\u0660\n")), ElementsAre("1 md5 " + digits + "1f0300"));
  EXPECT_EQ(fails_for("1 MD5 " + digits + "\u066a0\n"), "invalid-hex");
}

TEST_F(NtpdigReader, LinesEndInThreeWays) {
  EXPECT_THAT(keys_of(read("1 MD5 a\r2 MD5 b\r\n3 MD5 c\n\r\r\n4 MD5 d")),
              ElementsAre("1 md5 61", "2 md5 62", "3 md5 63", "4 md5 64"));
  EXPECT_EQ(read("1 MD5 a\r\n2 MD5 b\r").readings.at(1).origin, (Extent{9, 7}));
}

TEST_F(NtpdigReader, BlanksAreThoseOfUnicode) {
  EXPECT_THAT(keys_of(read("\v1\x1cMD5\u00a0a\x1f\n2\u0085MD5\u2003b\n\u30003 MD5\u2028c\u202f\n\u205f\n")),
              ElementsAre("1 md5 61", "2 md5 62", "3 md5 63"));
  // No blanks: zero-width ones, and those just beside the range.
  EXPECT_THAT(keys_of(read("1 MD5 a\u200b\n")), IsEmpty());
  EXPECT_EQ(fails_for("1 MD5\u200b\n"), "missing-key");
  EXPECT_EQ(fails_for("1 MD5\u1fff\n"), "missing-key");
  EXPECT_THAT(keys_of(read("1 MD5 a\0b\n"s)), ElementsAre("1 md5 610062"));
}

TEST_F(NtpdigReader, CharactersAreDecodedAndWrittenAsLatin1) {
  EXPECT_THAT(keys_of(read("1 MD5 \u00e9\u00ff\u0080\n")), ElementsAre("1 md5 e9ff80"));
  // Twenty characters of two bytes each are no hex digits.
  std::string text = "1 MD5 ", hex = "1 md5 ";
  for (int i = 0; i < 20; ++i) {
    text += "\u00e9";
    hex += "e9";
  }
  EXPECT_THAT(keys_of(read(text + "\n")), ElementsAre(hex));
  EXPECT_EQ(fails_for(text + "\u00e9\n"), "invalid-hex");
  EXPECT_THAT(refusals_of(read("1 MD5 \u0100\n2 MD5 \u20ac\n3 MD5 \U0001f511\n")),
              ElementsAre("1 beyond-latin-1", "2 beyond-latin-1", "3 beyond-latin-1"));
}

TEST_F(NtpdigReader, NothingButUtf8IsRead) {
  for (const std::string_view bytes :
       {"\xff", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\x80", "\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x94"}) {
    EXPECT_EQ(fails_for("# comment " + std::string(bytes) + "\n1 MD5 a\n"), "not-utf-8")
        << test::hex_of(bytes_of(bytes));
    EXPECT_EQ(fails_for("1 MD5 " + std::string(bytes)), "not-utf-8");
  }
  EXPECT_THAT(keys_of(read("# \u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\n1 MD5 a\n")),
              ElementsAre("1 md5 61"));
  // Cut short in what might have become a blank, at the end of the file.
  constexpr std::string_view blank = "\xe2\x80\x80";
  EXPECT_EQ(fails_for(blank.substr(0, 2)), "not-utf-8");
}

TEST_F(NtpdigReader, TakesHexByPairsOfPythonsInt) {
  const std::string digits = "00112233445566778899";
  EXPECT_THAT(keys_of(read("1 MD5 " + digits + "AaB\n")), ElementsAre("1 md5 " + digits + "aa"));
  EXPECT_THAT(keys_of(read("1 MD5 " + digits + "+f-0z\n")), ElementsAre("1 md5 " + digits + "0f00"));
  for (const char *const pair : {"-1", "0x", "_f", "f_", "++", "\u00e9\u00e9", "g0", "0g"})
    EXPECT_EQ(fails_for("1 MD5 " + digits + pair + "\n"), "invalid-hex") << pair;
  EXPECT_THAT(keys_of(read("1 MD5 " + std::string(64, '1') + "not hex\n", FileOutcome::exits)), IsEmpty());
  EXPECT_THAT(keys_of(read("1 MD5 " + std::string(64, '1') + "nothex\n")),
              ElementsAre("1 md5 " + std::string(64, '1')));
}

TEST_F(NtpdigReader, TypesAreLibcryptosNamesAndNoOthers) {
  EXPECT_THAT(keys_of(read("1 1.3.14.3.2.26 a\n2 RSA-SHA256 b\n3 MD5\0x c\n4 aes128cmac abcdefghijklmnop\n"
                           "5 camellia-128 abcdefghijklmnopq\n"s)),
              ElementsAre("1 sha1 61", "2 sha256 62", "3 md5 63", "4 cmac-aes128 6162636465666768696a6b6c6d6e6f70",
                          "5 cmac-camellia128 6162636465666768696a6b6c6d6e6f70"));
  EXPECT_THAT(refusals_of(read("1 MISC a\n2 AES128 a\n3 MD4 a\n4 DES abcdefgh\n5 \u00e9 a\n")),
              ElementsAre("1 unknown-type", "2 unknown-type", "3 unusable-type", "4 unusable-type", "5 unknown-type"));
}

TEST_F(NtpdigReader, ShortCipherKeysArePaddedWithWhatNobodyKnows) {
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmno\n2 AES-256 00112233445566778899aabbccddeeff\n")),
              ElementsAre("1 cmac-aes128 ?16", "2 cmac-aes256 ?32"));
  EXPECT_THAT(keys_of(read("1 AES 00112233445566778899aabbccddeeff01\n")),
              ElementsAre("1 cmac-aes128 00112233445566778899aabbccddeeff"));
}

TEST_F(NtpdigReader, TheLastOfDuplicatesCountsBeItOfUseOrNot) {
  const Interpretation read = this->read("3 MD5 c\n1 MD5 a\n3 SHA1 d\n1 MD5 b\n2 MD5 x\n2 NOPE x\n0 MD5 z\n");
  EXPECT_THAT(keys_of(read), ElementsAre("1 md5 62", "3 sha1 64"));
  EXPECT_THAT(refusals_of(read), ElementsAre("3 duplicate-id", "1 duplicate-id", "2 duplicate-id", "2 unknown-type",
                                             "0 key-id-out-of-range"));
}

TEST_F(NtpdigReader, CommentsBeginAnywhere) {
  EXPECT_THAT(keys_of(read("#\n1 MD5 a#b\n2 MD5 a # b c\n" + std::string(3000, ' ') + "3 MD5 c\n")),
              ElementsAre("1 md5 61", "2 md5 61", "3 md5 63"));
}

} // namespace
} // namespace ntpkeygen
