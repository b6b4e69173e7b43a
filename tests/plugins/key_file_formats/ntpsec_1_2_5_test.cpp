// What is different in NTPsec 1.2.5. What is not is tested with 1.2.2.
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "plugins/key_file_formats/format_test.hpp"

namespace ntpkeygen {
namespace {

using Ntpsec125Reader = test::ReaderTest<plugins::ntpsec::make_reader_1_2_5>;

TEST_F(Ntpsec125Reader, IsOfNtpd125) {
  EXPECT_EQ(reader->info().name, "ntpsec@1.2.5");
  EXPECT_EQ(reader->info().version, "1.2.5");
  EXPECT_EQ(reader->info().format, "ntpsec");
}

TEST_F(Ntpsec125Reader, ExitsOverCiphersThatItsLibcryptoLacks) {
  for (const char *const type : {"DES", "bf", "SEED", "CAST5", "RC2", "RC2-40", "RC2-64", "DESX"})
    EXPECT_THAT(refusals_of(read("1 "s + type + " 00112233445566778899aabbccddeeff\n", FileOutcome::exits)),
                ElementsAre("1 unusable-type"));
  const Interpretation exits = read(
      "1 MD5 a\n1 MD5 b\n2 MD4 x\n3 DES abcdefgh\n2 BF abcdefgh\n4 MD5 c\n5 MD4 y\n6 NOPE z\n", FileOutcome::exits);
  EXPECT_THAT(keys_of(exits), IsEmpty());
  EXPECT_THAT(refusals_of(exits),
              ElementsAre("1 program-exits", "1 program-exits", "2 unusable-type", "3 unusable-type", "2 not-read",
                          "4 not-read", "5 unusable-type", "6 unknown-type"));
  EXPECT_EQ(exits.decided_by, (Extent{24, 14}));
  EXPECT_THAT(exits.reason, HasSubstr("libcrypto"));
  // Without a key the line is skipped before it comes to that; a digest computes nothing, and that is all.
  EXPECT_THAT(keys_of(read("1 DES\n2 DES 00112233445566778899aabbccddeefg\n3 MD4 a\n4 MD5 b\n")),
              ElementsAre("4 md5 62"));
}

TEST_F(Ntpsec125Reader, TheLastOfDuplicateDigestsWins) {
  const Interpretation read = this->read("3 MD5 c\n1 AES abcdefghijklmnop\n3 SHA1 d\n1 MD5 b\n");
  EXPECT_THAT(keys_of(read), ElementsAre("1 md5 62", "3 sha1 64"));
  EXPECT_THAT(refusals_of(read), ElementsAre("3 duplicate-id", "1 duplicate-id"));
}

// auth_setkey sets the cipher up with what is stored already, and stores the new bytes then.
TEST_F(Ntpsec125Reader, ACipherGetsTheBytesOfTheLineBeforeWithItsId) {
  const Interpretation two = read("1 AES abcdefghijklmnop\n2 MD5 x\n1 AES ABCDEFGHIJKLMNOP\n");
  EXPECT_THAT(keys_of(two), ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f70", "2 md5 78"));
  EXPECT_THAT(refusals_of(two), ElementsAre("1 duplicate-id"));
  EXPECT_EQ(two.readings[0].origin, (Extent{0, 22}));
  EXPECT_EQ(two.refusals[0].origin.offset, 31U);
  EXPECT_THAT(keys_of(read("1 AES aaaaaaaaaaaaaaaa\n1 AES abcdefghijklmnop\n1 AES ABCDEFGHIJKLMNOP\n")),
              ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f70"));
  EXPECT_THAT(keys_of(read("1 MD5 abcdefghijklmnop\n1 AES ABCDEFGHIJKLMNOP\n")),
              ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f70"));
  // A type that nothing is computed with is no reason then not to use the line.
  const Interpretation of_unusable = read("1 MD4 abcdefghijklmnop\n2 MD4 x\n1 AES ABCDEFGHIJKLMNOP\n");
  EXPECT_THAT(keys_of(of_unusable), ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f70"));
  EXPECT_THAT(refusals_of(of_unusable), ElementsAre("2 unusable-type", "1 duplicate-id"));
  EXPECT_THAT(keys_of(read("1 AES short\n1 AES ABCDEFGHIJKLMNOP\n")), ElementsAre("1 cmac-aes128 ?16"));
}

TEST_F(Ntpsec125Reader, ExitsWhereTheseBytesDoNotFit) {
  const Interpretation exits =
      read("1 MD5 a\n2 MD5 b\n2 AES abcdefghijklmnop\n1 AES abcdefghijklmnop\n", FileOutcome::exits);
  EXPECT_THAT(refusals_of(exits), ElementsAre("1 program-exits", "2 program-exits", "2 duplicate-id", "1 not-read"));
  EXPECT_EQ(exits.decided_by, (Extent{16, 22}));
  EXPECT_THAT(
      read("1 AES abcdefghijklmnop\n1 AES-256 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
           FileOutcome::exits)
          .reason,
      HasSubstr("exits at start"));
  // The first of the reasons counts.
  EXPECT_EQ(read("1 MD5 a\n1 AES abcdefghijklmnop\n3 DES abcdefgh\n", FileOutcome::exits).decided_by, (Extent{8, 22}));
  EXPECT_EQ(read("3 DES abcdefgh\n1 MD5 a\n1 AES abcdefghijklmnop\n", FileOutcome::exits).decided_by, (Extent{0, 14}));
}

TEST_F(Ntpsec125Reader, PadsAndCutsAs122) {
  EXPECT_THAT(keys_of(read("1 AES abcdefghijklmno\n2 AES abcdefghijklmnopqrst\n3 SHA256 k\n")),
              ElementsAre("1 cmac-aes128 6162636465666768696a6b6c6d6e6f00",
                          "2 cmac-aes128 6162636465666768696a6b6c6d6e6f70", "3 sha256 6b"));
}

} // namespace
} // namespace ntpkeygen
