#include "ntpkeygen/sdk/interpretation.hpp"

#include "support/key_files.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::bytes_of;
using test::keys_of;
using test::refusals_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Loaded : public ::testing::Test {
protected:
  // The next line of the file.
  void add(KeyId id, std::string_view key, bool usable = true) {
    const auto sha1 = [] { return MacSpec{MacSpec::Kind::keyed_digest, "sha1", 20}; };
    const std::uint8_t mac = usable ? loaded.mac_index(3, sha1) : LoadedKeys::no_mac;
    loaded.add({id, mac, Certainty::certain, {line++, 1}, loaded.stored(bytes_of(key))});
  }

  test::PlainMemory memory;
  LoadedKeys loaded{100, 6, memory};
  std::uint32_t line = 0;
};

TEST_F(Loaded, KeysHaveTheirBytesAndOneIndexForEachMac) {
  add(1, "a");
  add(2, "b");
  loaded.add({3, 0, Certainty::certain, {}, loaded.stored(bytes_of("c"), 3)});
  const Interpretation all = loaded.take();
  EXPECT_EQ(all.outcome, FileOutcome::loaded);
  EXPECT_THAT(keys_of(all), ElementsAre("1 sha1 61", "2 sha1 62", "3 sha1 630000"));
  EXPECT_EQ(all.macs.size(), 1U);
}

TEST_F(Loaded, TheFirstOfOneIdIsLeft) {
  add(2, "a");
  add(1, "b");
  add(2, "c");
  add(2, "d");
  loaded.first_of_each_id_wins("why");
  const Interpretation left = loaded.take();
  EXPECT_THAT(keys_of(left), ElementsAre("1 sha1 62", "2 sha1 61"));
  EXPECT_THAT(refusals_of(left), ElementsAre("2 duplicate-id", "2 duplicate-id"));
  EXPECT_EQ(left.refusals[0].reason, "why");
}

TEST_F(Loaded, TheLastOfOneIdIsLeft) {
  add(2, "a");
  add(1, "b");
  add(2, "c");
  loaded.last_of_each_id_wins("");
  EXPECT_THAT(keys_of(loaded.take()), ElementsAre("1 sha1 62", "2 sha1 63"));
}

TEST_F(Loaded, ReadersChooseAmongThoseOfOneId) {
  add(1, "a");
  add(5, "b");
  add(4, "c");
  add(5, "d");
  loaded.one_for_each_id([&](std::span<const Reading> same, std::size_t first) {
    EXPECT_EQ(same.size(), 2U);
    EXPECT_EQ(first, 2U);
    return loaded.refuse_all_but(same, 0, "");
  });
  EXPECT_THAT(keys_of(loaded.take()), ElementsAre("1 sha1 61", "4 sha1 63", "5 sha1 62"));
}

TEST_F(Loaded, AKeyWithoutAMacTakesItsIdAndIsNotRefusedAgain) {
  add(1, "a");
  add(1, "b", false);
  add(2, "c", false);
  add(2, "d");
  loaded.last_of_each_id_wins("");
  const Interpretation left = loaded.take();
  EXPECT_THAT(keys_of(left), ElementsAre("2 sha1 64"));
  EXPECT_THAT(refusals_of(left), ElementsAre("1 duplicate-id"));
}

TEST_F(Loaded, WhatIsGivenUpLeavesRefusalsInTheFilesOrder) {
  add(1, "a");
  loaded.refuse(7, {9, 1}, "late", "");
  loaded.refuse(std::nullopt, {5, 1}, "early", "");
  const Interpretation none = loaded.take_none(FileOutcome::exits);
  EXPECT_EQ(none.outcome, FileOutcome::exits);
  EXPECT_THAT(keys_of(none), IsEmpty());
  EXPECT_THAT(none.macs, IsEmpty());
  EXPECT_EQ(none.store.size(), 0U);
  EXPECT_THAT(refusals_of(none), ElementsAre("- early", "7 late"));
}

} // namespace
} // namespace ntpkeygen
