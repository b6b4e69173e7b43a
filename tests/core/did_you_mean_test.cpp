#include "ntpkeygen/host/did_you_mean.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace ntpkeygen {
namespace {

const std::vector<std::string> types{"aes", "aes-256", "md5", "sha1", "sha256", "sha-256"};

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("aes", "aes"), 0U);
  EXPECT_EQ(edit_distance("", "aes"), 3U);
  EXPECT_EQ(edit_distance("aes", ""), 3U);
  EXPECT_EQ(edit_distance("ae", "aes"), 1U);
  EXPECT_EQ(edit_distance("aess", "aes"), 1U);
  EXPECT_EQ(edit_distance("aex", "aes"), 1U);
  EXPECT_EQ(edit_distance("ase", "aes"), 1U) << "two neighbours swapped are one edit";
  EXPECT_EQ(edit_distance("--cuont", "--count"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U) << "what was swapped is not edited again";
}

TEST(EditDistance, IgnoresCase) {
  EXPECT_EQ(edit_distance("AES", "aes"), 0U);
  EXPECT_EQ(edit_distance("ASE", "aes"), 1U);
}

TEST(EditDistance, TakesLongWords) {
  const std::string longest(63, 'a');
  EXPECT_EQ(edit_distance(longest, longest), 0U);
  EXPECT_EQ(edit_distance(longest, longest.substr(1)), 1U);
  EXPECT_EQ(edit_distance(std::string(64, 'a'), std::string(64, 'a')), 64U);
  EXPECT_EQ(edit_distance(std::string(100000, 'a'), "aes"), 100000U);
}

TEST(DidYouMean, FindsTheNearest) {
  EXPECT_EQ(did_you_mean("ase", types), "aes");
  EXPECT_EQ(did_you_mean("MD6", types), "md5");
  EXPECT_EQ(did_you_mean("sha_256", types), "sha256") << "the first of two that are as near";
  EXPECT_EQ(did_you_mean("sha255", types), "sha256");
}

TEST(DidYouMean, PrefersAWordThatWasBegun) {
  const std::vector<std::string> options{"--count", "--help", "--keep-current", "--output", "--no-link", "--no-sync"};
  EXPECT_EQ(did_you_mean("--out", options), "--output");
  EXPECT_EQ(did_you_mean("--keep", options), "--keep-current");
  EXPECT_EQ(did_you_mean("--NO", options), "--no-link") << "the first of two";
  EXPECT_EQ(did_you_mean("--no-s", options), "--no-sync");
  EXPECT_EQ(did_you_mean("--o", options), std::nullopt) << "one letter says too little";
  EXPECT_EQ(did_you_mean("--", options), std::nullopt);
  EXPECT_EQ(did_you_mean("sha2", types), "sha256");
}

TEST(DidYouMean, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("chacha", types), std::nullopt);
  EXPECT_EQ(did_you_mean("sha1xy", types), "sha1");
  EXPECT_EQ(did_you_mean("sha1xyz", types), std::nullopt) << "three edits are too many";
  EXPECT_EQ(did_you_mean("", types), std::nullopt);
  EXPECT_EQ(did_you_mean("xy", types), std::nullopt);
  EXPECT_EQ(did_you_mean("aes", std::vector<std::string_view>{}), std::nullopt);
}

TEST(DidYouMean, TakesNoShortWordForAnother) {
  for (const char *word : {"des", "DES", "3des", "des3", "rc4", "res", "aria", "s1"})
    EXPECT_EQ(did_you_mean(word, types), std::nullopt) << word;
  EXPECT_EQ(did_you_mean("aess", types), "aes");
  EXPECT_EQ(did_you_mean("AE", types), "aes");
}

TEST(DidYouMean, NeedsOneCharacterThatIsRight) {
  EXPECT_EQ(did_you_mean("x", std::vector<std::string_view>{"a"}), std::nullopt);
  EXPECT_EQ(did_you_mean("xy", std::vector<std::string_view>{"ab"}), std::nullopt);
  EXPECT_EQ(did_you_mean("ay", std::vector<std::string_view>{"ab"}), "ab");
}

} // namespace
} // namespace ntpkeygen
