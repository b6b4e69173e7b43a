#include "key_types/sha512/sha512.hpp"

#include "plugins/key_types/key_type_test.hpp"

namespace ntpkeygen::plugins::sha512 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sha512KeyType : public ::testing::Test {
protected:
  std::unique_ptr<KeyType> type_ = test::only_key_type(enroll);
  const KeyTypeInfo &info_ = type_->info();
};

TEST_F(Sha512KeyType, IsNamedAsTheDaemonsNameIt) {
  EXPECT_EQ(info_.name, "SHA512");
  EXPECT_THAT(info_.aliases, ElementsAre(test::Alias("SHA-512", 0)));
}

TEST_F(Sha512KeyType, StandsForTheWholeDigestAtEveryLength) {
  EXPECT_EQ(info_.mac_for(72), nullptr);
  EXPECT_EQ(info_.mac_for(1032), nullptr);
  EXPECT_EQ(info_.mac_for(81), nullptr) << "keys are whole bytes";
  for (const std::size_t bits : {80U, 128U, 256U, 1024U}) {
    ASSERT_NE(info_.mac_for(bits), nullptr) << bits;
    EXPECT_EQ(*info_.mac_for(bits), (MacSpec{MacSpec::Kind::keyed_digest, "sha512", 64})) << bits;
  }
}

TEST_F(Sha512KeyType, MakesKeysThatBothNtpdsHold) {
  EXPECT_EQ(info_.default_bits, 256);
}

TEST_F(Sha512KeyType, SaysWhatWouldBeBetter) {
  EXPECT_THAT(info_.advice, ElementsAre(HasSubstr("AES-128-CMAC")));
}

TEST_F(Sha512KeyType, TakesKeysOfExactlyItsLengths) {
  std::vector<std::size_t> expected;
  for (std::size_t length = 10; length <= 128; ++length)
    expected.push_back(length);
  EXPECT_EQ(test::valid_lengths(*type_), expected);
}

TEST_F(Sha512KeyType, ARefusalNamesTheLengths) {
  const auto valid = type_->validate(std::vector<std::byte>(9));
  ASSERT_TRUE(test::failed_with(valid, ErrorCode::invalid_argument));
  EXPECT_EQ(valid.error().message, "a SHA512 key has 80 to 1024 bits, not 72");
}

} // namespace
} // namespace ntpkeygen::plugins::sha512
