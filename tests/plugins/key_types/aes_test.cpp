#include "key_types/aes/aes.hpp"

#include "plugins/key_types/key_type_test.hpp"

namespace ntpkeygen::plugins::aes {
namespace {

using ::ntpkeygen::test::Alias;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class AesKeyType : public ::testing::Test {
protected:
  std::unique_ptr<KeyType> type_ = test::only_key_type(enroll);
  const KeyTypeInfo &info_ = type_->info();
};

TEST_F(AesKeyType, IsNamedAsTheDaemonsNameIt) {
  EXPECT_EQ(info_.name, "AES");
  EXPECT_THAT(info_.aliases, UnorderedElementsAre(Alias("AES-128", 128), Alias("AES-192", 192), Alias("AES-256", 256),
                                                  Alias("AES128", 128), Alias("AES192", 192), Alias("AES256", 256),
                                                  Alias("AES128CMAC", 128), Alias("AES192CMAC", 192),
                                                  Alias("AES256CMAC", 256), Alias("CMAC", 128)));
}

TEST_F(AesKeyType, StandsForCmacAtEachOfItsLengths) {
  ASSERT_NE(info_.mac_for(128), nullptr);
  ASSERT_NE(info_.mac_for(192), nullptr);
  ASSERT_NE(info_.mac_for(256), nullptr);
  EXPECT_EQ(*info_.mac_for(128), (MacSpec{MacSpec::Kind::cmac, "aes128", 16}));
  EXPECT_EQ(*info_.mac_for(192), (MacSpec{MacSpec::Kind::cmac, "aes192", 16}));
  EXPECT_EQ(*info_.mac_for(256), (MacSpec{MacSpec::Kind::cmac, "aes256", 16}));
  EXPECT_EQ(info_.mac_for(160), nullptr);
}

TEST_F(AesKeyType, MakesKeysOfTheLengthThatRfc8573AsksFor) {
  EXPECT_EQ(info_.default_bits, 128);
  EXPECT_THAT(info_.advice, IsEmpty());
}

TEST_F(AesKeyType, TakesKeysOfExactlyItsLengths) {
  EXPECT_THAT(test::valid_lengths(*type_), ElementsAre(16, 24, 32));
}

TEST_F(AesKeyType, ARefusalNamesTheLengths) {
  const auto valid = type_->validate(std::vector<std::byte>(20));
  ASSERT_TRUE(test::failed_with(valid, ErrorCode::invalid_argument));
  EXPECT_EQ(valid.error().message, "an AES key has 128, 192 or 256 bits, not 160");
}

} // namespace
} // namespace ntpkeygen::plugins::aes
