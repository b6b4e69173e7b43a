#include "key_types/sha1/sha1.hpp"

#include "plugins/key_types/key_type_test.hpp"

namespace ntpkeygen::plugins::sha1 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sha1KeyType : public ::testing::Test {
protected:
  std::unique_ptr<KeyType> type_ = test::only_key_type(enroll);
  const KeyTypeInfo &info_ = type_->info();
};

TEST_F(Sha1KeyType, IsNamedAsTheDaemonsNameIt) {
  EXPECT_EQ(info_.name, "SHA1");
  EXPECT_THAT(info_.aliases, ElementsAre(test::Alias("SHA-1", 0)));
}

TEST_F(Sha1KeyType, StandsForTheWholeDigestAtEveryLength) {
  EXPECT_EQ(info_.mac_for(72), nullptr);
  EXPECT_EQ(info_.mac_for(1032), nullptr);
  EXPECT_EQ(info_.mac_for(81), nullptr) << "keys are whole bytes";
  for (const std::size_t bits : {80U, 128U, 160U, 1024U}) {
    ASSERT_NE(info_.mac_for(bits), nullptr) << bits;
    EXPECT_EQ(*info_.mac_for(bits), (MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20})) << bits;
  }
}

TEST_F(Sha1KeyType, MakesKeysOfTheLengthThatClassicMakes) {
  EXPECT_EQ(info_.default_bits, 160);
}

TEST_F(Sha1KeyType, SaysWhatWouldBeBetter) {
  EXPECT_THAT(info_.advice, ElementsAre(HasSubstr("AES-128-CMAC")));
}

TEST_F(Sha1KeyType, TakesKeysOfExactlyItsLengths) {
  std::vector<std::size_t> expected;
  for (std::size_t length = 10; length <= 128; ++length)
    expected.push_back(length);
  EXPECT_EQ(test::valid_lengths(*type_), expected);
}

TEST_F(Sha1KeyType, ARefusalNamesTheLengths) {
  const auto valid = type_->validate(std::vector<std::byte>(9));
  ASSERT_TRUE(test::failed_with(valid, ErrorCode::invalid_argument));
  EXPECT_EQ(valid.error().message, "a SHA1 key has 80 to 1024 bits, not 72");
}

} // namespace
} // namespace ntpkeygen::plugins::sha1
