#include "key_file_formats/classic/classic.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using SntpReader = test::ReaderTest<plugins::classic::make_sntp_reader>;

TEST_F(SntpReader, IsOfSntp428p15) {
  EXPECT_EQ(reader->info().name, "sntp");
  EXPECT_EQ(reader->info().version, "4.2.8p15");
  EXPECT_EQ(reader->info().format, "classic");
  EXPECT_TRUE(reader->info().client);
  EXPECT_FALSE(reader->info().sends_unauthenticated_without_key);
}

TEST_F(SntpReader, MacsAreCutToTwentyBytes) {
  const Interpretation read = this->read("1 MD5 a\n2 SHA256 a\n3 sha3-512 a\n");
  ASSERT_EQ(read.macs.size(), 3U);
  EXPECT_EQ(read.macs[0], (MacSpec{MacSpec::Kind::keyed_digest, "md5", 16}));
  EXPECT_EQ(read.macs[1], (MacSpec{MacSpec::Kind::keyed_digest, "sha256", 20}));
  EXPECT_EQ(read.macs[2], (MacSpec{MacSpec::Kind::keyed_digest, "sha3-512", 20}));
}

TEST_F(SntpReader, SkipsBadLines) {
  EXPECT_THAT(refusals_of(read("words and more\n1\n2 MD5\n3 MD5 #x\n4 NOPE a\n5 MD5 00112233445566778899a\n"
                               "6 MD5 0011223344556677889g\xc3\xa9\n\xef\xbb\xbf"
                               "7 MD5 a\n8 NOPE 00112233445566778899a\n\r\n \v\n")),
              ElementsAre("- bad-key-id", "1 missing-type", "2 missing-key", "3 missing-key", "4 unknown-type",
                          "5 odd-hex-digits", "6 invalid-hex", "7 bad-key-id", "8 odd-hex-digits"));
}

TEST_F(SntpReader, TakesIdsAsScanfDoes) {
  EXPECT_THAT(keys_of(read("0 MD5 z\n+5 MD5 a\n007 MD5 b\n-1 MD5 c\n4294967298 MD5 d\n65536 MD5 e\n")),
              ElementsAre("0 md5 7a", "2 md5 64", "5 md5 61", "7 md5 62", "65536 md5 65", "4294967295 md5 63"));
  EXPECT_THAT(keys_of(read("99999999999999999999 MD5 a\n")), ElementsAre("4294967295 md5 61"));
  // What follows the digits is the type.
  EXPECT_THAT(keys_of(read("8MD5 a\n9x MD5 b\n")), ElementsAre("8 md5 61"));
}

TEST_F(SntpReader, WordsThatAreTooLongAreTwo) {
  EXPECT_THAT(keys_of(read("1 MD5xxxxxxxxxxxxKEY\n")), ElementsAre("1 md5 4b4559"));
  EXPECT_THAT(keys_of(read("1 MD5xxxxxxxxxxxx KEY\n")), ElementsAre("1 md5 4b4559"));
  EXPECT_THAT(refusals_of(read("1 MD5xxxxxxxxxxxx\n")), ElementsAre("1 missing-key"));
  EXPECT_THAT(keys_of(read("1 SHA1 " + std::string(128, '1') + "xyz\n")),
              ElementsAre("1 sha1 " + std::string(128, '1')));
}

TEST_F(SntpReader, KeysOfMoreThanTwentyCharactersAreHex) {
  EXPECT_THAT(keys_of(read("1 MD5 01234567890123456789\n2 MD5 0011223344556677889900\n")),
              ElementsAre("1 md5 3031323334353637383930313233343536373839", "2 md5 0011223344556677889900"));
}

TEST_F(SntpReader, BlanksAreThoseOfIsspace) {
  EXPECT_THAT(keys_of(read("1\vMD5\fa\r\n \r2 MD5 b\r3 MD5 c\n")), ElementsAre("1 md5 61", "2 md5 62"));
  EXPECT_THAT(keys_of(read("1 MD5 a b c\n2 MD5 a#b\n3 MD5 a\0b\n"s)), ElementsAre("1 md5 61", "2 md5 61", "3 md5 61"));
}

TEST_F(SntpReader, MakesNoCmac) {
  EXPECT_THAT(keys_of(read("1 AES128CMAC 00112233445566778899aabbccddeeff\n2 CMAC abcdefghijklmnop\n")), IsEmpty());
  EXPECT_THAT(refusals_of(read("1 AES128CMAC 00112233445566778899aabbccddeeff\n2 cmac abcdefghijklmnop\n")),
              ElementsAre("1 unusable-type", "2 unusable-type"));
}

TEST_F(SntpReader, TypesThatAreNoDigestsArePartOfTheListAllTheSame) {
  EXPECT_THAT(refusals_of(read("1 sha a\n2 JOINT-ISO-ITU-T a\n3 rsa a\n4 RC4-HMAC-MD5 a\n5 md2 a\n6 AES a\n7 X a\n"
                               "8 UNDEF a\n")),
              ElementsAre("1 unusable-type", "2 unusable-type", "3 unusable-type", "4 unusable-type", "5 unusable-type",
                          "6 unknown-type", "7 unknown-type", "8 unknown-type"));
}

TEST_F(SntpReader, TheFirstOfDuplicatesCountsBeItOfUseOrNot) {
  const Interpretation read = this->read("3 MD5 c\n1 RSA a\n3 SHA1 d\n1 MD5 b\n2 NOPE x\n2 MD5 y\n");
  EXPECT_THAT(keys_of(read), ElementsAre("2 md5 79", "3 md5 63"));
  EXPECT_THAT(refusals_of(read), ElementsAre("1 unusable-type", "3 duplicate-id", "1 duplicate-id", "2 unknown-type"));
}

TEST_F(SntpReader, ReadsTheRestOfALongLineAsALine) {
  EXPECT_THAT(keys_of(read("#" + std::string(198, 'x') + "1 MD5 injected\n")), ElementsAre("1 md5 696e6a6563746564"));
  EXPECT_THAT(keys_of(read("#" + std::string(197, 'x') + "\n1 MD5 a\n")), ElementsAre("1 md5 61"));
  EXPECT_THAT(keys_of(read("#" + std::string(197, 'x') + "1 MD5 a\n")), IsEmpty());
}

TEST_F(SntpReader, OriginIsTheLineWithoutItsEnd) {
  const Interpretation read = this->read("# x\n1 MD5 a # b\n2 MD5\n");
  EXPECT_EQ(read.readings.at(0).origin, (Extent{4, 11}));
  EXPECT_EQ(read.refusals.at(0).origin, (Extent{16, 5}));
}

} // namespace
} // namespace ntpkeygen
