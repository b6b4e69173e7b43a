#include "ntpkeygen/host/publisher.hpp"

#include "support/memory_file_system.hpp"
#include "support/plain_memory.hpp"
#include "support/result.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <iterator>
#include <ostream>
#include <unistd.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::MemoryFileSystem;
using test::succeeded;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Kind = FileStatus::Kind;

constexpr std::uint64_t now = 3900000000;
constexpr Owner root{0, 0};
constexpr Owner ntp{123, 124};
constexpr Owner mallory{666, 667};

std::string temporary_name() {
  return ".ntpkeygen." + std::to_string(::getpid()) + ".0";
}

class PublisherTest : public ::testing::Test {
protected:
  PublisherTest() { files.add_folder("/keys"); }

  static Destination stamped() {
    Destination destination;
    destination.folder = "/keys";
    destination.prefix = "ntpkey_AES_host.";
    destination.link = "ntp.keys";
    return destination;
  }
  static Destination adopting() {
    Destination destination = stamped();
    destination.adopt = true;
    return destination;
  }
  static Destination exact() {
    Destination destination;
    destination.folder = "/keys";
    destination.exact_name = "my.keys";
    return destination;
  }
  static Destination replacing() {
    Destination destination = exact();
    destination.replace = true;
    return destination;
  }

  Result<Publisher> open(Destination destination) {
    return Publisher::open(files, std::move(destination), effective_user);
  }
  Result<Published> publish(Destination destination, const Permissions &permissions = {}) {
    const Result<Publisher> publisher = open(std::move(destination));
    if (!publisher)
      return failure(publisher.error());
    return publisher->publish(permissions, now, [this](const std::string &name) { return render(name); });
  }
  Result<Published> publish_and_confirm(Destination destination, const Publisher::Confirm &confirm) {
    const Result<Publisher> publisher = open(std::move(destination));
    if (!publisher)
      return failure(publisher.error());
    return publisher->publish({}, now, [this](const std::string &name) { return render(name); }, confirm);
  }
  Result<Published> publish_and_fail(Destination destination) {
    return publish_and_confirm(std::move(destination),
                               [](const Published &) -> Result<void> { return failure(ErrorCode::io, "cannot tell"); });
  }
  Result<SecretText> render(const std::string &name) {
    rendered.push_back(name);
    const std::string text = "new " + name;
    return SecretText(memory, std::as_bytes(std::span(text)));
  }
  [[nodiscard]] std::vector<std::string> listing() const { return files.listing("/keys"); }

  void act_as(Owner user) {
    files.act_as(user);
    effective_user = user.user;
  }

  MemoryFileSystem files;
  test::PlainMemory memory;
  std::uint32_t effective_user = 0;
  std::vector<std::string> rendered;
};

// --- Stamped names and their link

TEST_F(PublisherTest, FirstRunMakesTheFileAndTheLink) {
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->name, "ntpkey_AES_host.3900000000");
  EXPECT_EQ(published->link, "ntp.keys");
  EXPECT_EQ(published->kept_as, std::nullopt);
  EXPECT_EQ(published->filestamp, now);
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0",
                                     "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
}

TEST_F(PublisherTest, EveryStepReachesTheDiskBeforeTheNextOneNeedsIt) {
  const std::string name = "ntpkey_AES_host.3900000000";
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(files.operations(), ElementsAre("open_folder /keys", "writable", "status ntp.keys", // the survey
                                              "status " + name, "create", "write", "set_mode 0400", "sync_file",
                                              "take_turn", "link_target ntp.keys", "publish " + name, "sync_folder",
                                              "make_link ntp.keys -> " + name, "sync_folder"));
}

// Or the link could outlive the file after a loss of power.
TEST_F(PublisherTest, WhatIsUndoneReachesTheDiskBeforeTheNextStepRestsOnIt) {
  const std::string name = "ntpkey_AES_host.3900000000";
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  const auto render_it = [this](const std::string &of) { return render(of); };
  const Result<Published> published = publisher->publish({}, now, render_it, [&](const Published &) -> Result<void> {
    files.forget_operations();
    return failure(ErrorCode::io, "nobody listens");
  });
  EXPECT_EQ(published.error().message, "nobody listens");
  const std::vector<std::string> undone = files.operations();
  const auto removed = std::ranges::find(undone, "remove " + name);
  ASSERT_TRUE(removed != undone.begin() && removed != undone.end());
  EXPECT_EQ(*std::prev(removed), "sync_folder");
  EXPECT_THAT(listing(), IsEmpty());
}

TEST_F(PublisherTest, ALinkIsExchangedAndOnlyThenTheOldOneRemoved) {
  const std::string name = "ntpkey_AES_host.3900000000";
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("make_link", [&] { files.forget_operations(); });
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(files.operations(),
              ElementsAre("exchange " + temporary_name() + " <-> ntp.keys", "link_target " + temporary_name(),
                          "remove " + temporary_name(), "sync_folder"));
}

TEST_F(PublisherTest, OwnerIsSetAfterTheModeAndBeforeTheSync) {
  ASSERT_TRUE(succeeded(publish(exact(), {.mode = 0640, .owner = ntp})));
  EXPECT_THAT(files.operations(),
              ElementsAre("open_folder /keys", "writable", "status my.keys", "create", "write", "set_mode 0640",
                          "set_owner 123:124", "sync_file", "publish my.keys", "sync_folder"));
}

TEST_F(PublisherTest, WithoutSyncNothingIsSynced) {
  files.add_file("/keys/ntp.keys", "old");
  Destination destination = adopting();
  destination.sync = false;
  ASSERT_TRUE(succeeded(publish(destination)));
  EXPECT_THAT(files.operations(), Not(Contains(StartsWith("sync"))));
}

TEST_F(PublisherTest, WithoutLinkNothingButTheFileIsMade) {
  files.add_file("/keys/ntp.keys", "somebody's");
  Destination destination = stamped();
  destination.link.clear();
  const Result<Published> published = publish(destination);
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->link, "");
  EXPECT_THAT(listing(), ElementsAre("ntp.keys 0400 0:0 somebody's",
                                     "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
}

TEST_F(PublisherTest, TakenNamesAreSkippedBeforeAnythingIsRendered) {
  files.add_file("/keys/ntpkey_AES_host.3900000000", "a");
  files.add_link("/keys/ntpkey_AES_host.3900000001", "dangling");
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->name, "ntpkey_AES_host.3900000002");
  EXPECT_EQ(published->filestamp, now + 2);
  EXPECT_THAT(rendered, ElementsAre("ntpkey_AES_host.3900000002"));
}

TEST_F(PublisherTest, NameTakenAtTheLastMomentMeansTheNextOneRenderedAnew) {
  files.before("publish", [&] { files.add_file("/keys/ntpkey_AES_host.3900000000", "another run's"); });
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(rendered, ElementsAre("ntpkey_AES_host.3900000000", "ntpkey_AES_host.3900000001"));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> ntpkey_AES_host.3900000001 0:0",
                                     "ntpkey_AES_host.3900000000 0400 0:0 another run's",
                                     "ntpkey_AES_host.3900000001 0400 0:0 new ntpkey_AES_host.3900000001"));
}

TEST_F(PublisherTest, GivesUpAfterThousandsOfTakenNames) {
  for (std::uint64_t stamp = now; stamp < now + 5000; ++stamp)
    files.add_file("/keys/ntpkey_AES_host." + std::to_string(stamp), "taken");
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(failed_with(published, ErrorCode::io));
  EXPECT_EQ(published.error().message,
            "no name is free from /keys/ntpkey_AES_host.3900000000 to ntpkey_AES_host.3900004095");
  EXPECT_THAT(rendered, IsEmpty());
}

TEST_F(PublisherTest, RenderErrorsAreNotTakenForTakenNames) {
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  int calls = 0;
  const Result<Published> published = publisher->publish({}, now, [&](const std::string &) -> Result<SecretText> {
    ++calls;
    return failure(ErrorCode::already_exists, "key id 3 occurs twice");
  });
  ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
  EXPECT_EQ(published.error().message, "key id 3 occurs twice");
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(listing(), IsEmpty());
}

TEST_F(PublisherTest, AnyLinkIsReplaced) {
  for (const char *target : {"ntpkey_AES_host.1", "dangling", "/keys/folder", "/etc/passwd"}) {
    SCOPED_TRACE(target);
    files.add_folder("/keys");
    files.add_file("/keys/ntpkey_AES_host.1", "old");
    files.add_special("/keys/folder", Kind::folder);
    files.add_link("/keys/ntp.keys", target);
    ASSERT_TRUE(succeeded(publish(stamped())));
    EXPECT_THAT(listing(), Contains("ntp.keys -> ntpkey_AES_host.3900000000 0:0"));
    EXPECT_THAT(listing(), Contains("ntpkey_AES_host.1 0400 0:0 old"));
    EXPECT_THAT(listing(), Not(Contains(StartsWith(".ntpkeygen"))));
  }
}

TEST_F(PublisherTest, TemporaryNameLeftByAKilledRunIsNotInTheWay) {
  files.add_link("/keys/" + temporary_name(), "left over");
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(listing(), Contains("ntp.keys -> ntpkey_AES_host.3900000000 0:0"));
  EXPECT_THAT(listing(), Contains(temporary_name() + " -> left over 0:0"));
}

// --- What is refused before anything is generated

TEST_F(PublisherTest, RefusesAFolderThatIsMissingOrNone) {
  Destination destination = stamped();
  destination.folder = "/missing";
  EXPECT_TRUE(failed_with(open(destination), ErrorCode::not_found));
  files.add_file("/keys/file", "");
  destination.folder = "/keys/file";
  EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
}

TEST_F(PublisherTest, RefusesAFolderThatMayNotBeWritten) {
  act_as(mallory);
  EXPECT_TRUE(failed_with(open(stamped()), ErrorCode::permission));
  EXPECT_TRUE(failed_with(open(exact()), ErrorCode::permission));
}

TEST_F(PublisherTest, RefusesARegularFileInTheLinksPlaceAndNamesAdopt) {
  files.add_file("/keys/ntp.keys", "somebody's");
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(failed_with(publisher, ErrorCode::already_exists));
  EXPECT_EQ(publisher.error().message, "/keys/ntp.keys is a regular file, perhaps somebody's keys, and not a link");
  EXPECT_EQ(publisher.error().hint,
            "this keeps it as ntp.keys.<filestamp> and puts the link in its place: ntpkeygen --adopt");
}

TEST_F(PublisherTest, RefusesOtherThingsInTheLinksPlaceEvenToAdopt) {
  for (const auto &[kind, words] : {std::pair(Kind::folder, "/keys/ntp.keys is a folder"),
                                    std::pair(Kind::other, "/keys/ntp.keys is neither a file nor a link")}) {
    files.add_special("/keys/ntp.keys", kind);
    for (const Destination &destination : {stamped(), adopting()}) {
      const Result<Publisher> publisher = open(destination);
      ASSERT_TRUE(failed_with(publisher, ErrorCode::already_exists));
      EXPECT_EQ(publisher.error().message, words);
      EXPECT_THAT(publisher.error().hint, HasSubstr("--no-link"));
    }
  }
}

TEST_F(PublisherTest, RefusesAnExactNameThatExistsAndNamesReplace) {
  files.add_file("/keys/my.keys", "old");
  const Result<Publisher> publisher = open(exact());
  ASSERT_TRUE(failed_with(publisher, ErrorCode::already_exists));
  EXPECT_EQ(publisher.error().message, "/keys/my.keys exists");
  EXPECT_EQ(publisher.error().hint,
            "--replace puts the new file in its place and keeps the old one as my.keys.<filestamp>");
}

TEST_F(PublisherTest, RefusesAnExactNameThatIsNoRegularFileEvenToReplace) {
  const auto refused = [this](const char *words) {
    for (const Destination &destination : {exact(), replacing()}) {
      const Result<Publisher> publisher = open(destination);
      ASSERT_TRUE(failed_with(publisher, ErrorCode::already_exists));
      EXPECT_EQ(publisher.error().message, words);
      EXPECT_THAT(publisher.error().hint, Not(IsEmpty()));
    }
  };
  files.add_special("/keys/my.keys", Kind::folder);
  refused("/keys/my.keys is a folder");
  files.add_special("/keys/my.keys", Kind::other);
  refused("/keys/my.keys is neither a regular file nor a link to one");
  files.add_special("/keys/folder", Kind::folder);
  files.add_link("/keys/my.keys", "folder");
  refused("/keys/my.keys is neither a regular file nor a link to one");
  files.add_link("/keys/my.keys", "dangling");
  refused("/keys/my.keys is a link that leads nowhere");
}

TEST_F(PublisherTest, RefusesNamesThatNoFileCanHave) {
  for (const std::string &bad : {std::string("a/b"), std::string(".."), std::string("."), std::string("a\0b", 3),
                                 std::string(300, 'h'), std::string(256, 'h')}) {
    SCOPED_TRACE(bad);
    Destination destination = exact();
    destination.exact_name = bad;
    EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
    destination = stamped();
    destination.link = bad;
    EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
    destination = stamped();
    destination.prefix = bad;
    if (bad.size() > 2) { // `..` and `.` with a number behind them are names
      EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
    }
  }
  Destination nameless = stamped();
  nameless.prefix.clear();
  EXPECT_TRUE(failed_with(open(nameless), ErrorCode::invalid_argument));
}

TEST_F(PublisherTest, TheLongestNameIsCountedWithItsFilestamp) {
  Destination destination = stamped();
  destination.prefix = std::string(245, 'h');
  EXPECT_TRUE(succeeded(publish(destination)));
  destination.prefix += 'h';
  const Result<Publisher> publisher = open(destination);
  ASSERT_TRUE(failed_with(publisher, ErrorCode::invalid_argument));
  EXPECT_THAT(publisher.error().message, HasSubstr("256 characters long, but at most 255"));
}

TEST_F(PublisherTest, TheKeptNameIsCountedOnlyWhereAFileIsKept) {
  Destination destination = replacing();
  destination.exact_name = std::string(250, 'k');
  EXPECT_TRUE(succeeded(publish(destination)));
  EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
  destination = adopting();
  destination.link = std::string(250, 'l');
  EXPECT_TRUE(succeeded(publish(destination)));
  files.add_file("/keys/" + destination.link, "somebody's");
  EXPECT_TRUE(failed_with(open(destination), ErrorCode::invalid_argument));
}

// --- Adopting a regular file

TEST_F(PublisherTest, AdoptKeepsTheFileAsItIs) {
  files.add_file("/keys/ntp.keys", "old", 0644, ntp);
  const Result<Published> published = publish(adopting());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->kept_as, "ntp.keys.3900000000");
  EXPECT_THAT(listing(),
              ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0", "ntp.keys.3900000000 0644 123:124 old",
                          "ntpkey_AES_host.3900000000 0640 123:124 new ntpkey_AES_host.3900000000"));
}

TEST_F(PublisherTest, AdoptExchangesTheTwoNames) {
  files.add_file("/keys/ntp.keys", "old");
  const Result<Publisher> publisher = open(adopting());
  ASSERT_TRUE(succeeded(publisher));
  files.before("publish", [&] { files.forget_operations(); });
  ASSERT_TRUE(succeeded(publisher->publish({}, now, [this](const std::string &name) { return render(name); })));
  EXPECT_THAT(files.operations(), ElementsAre("sync_folder", "status ntp.keys",
                                              "make_link ntp.keys.3900000000 -> ntpkey_AES_host.3900000000",
                                              "exchange ntp.keys.3900000000 <-> ntp.keys", "sync_folder",
                                              "link_target ntp.keys.3900000000"));
}

TEST_F(PublisherTest, AdoptWithoutExchangeKeepsTheFileOnTheDiskBeforeItReplacesIt) {
  files.add_file("/keys/ntp.keys", "old");
  files.fail_on("exchange", EINVAL);
  files.before("exchange", [&] { files.forget_operations(); });
  const Result<Published> published = publish(adopting());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->kept_as, "ntp.keys.3900000000");
  EXPECT_THAT(files.operations(),
              ElementsAre("remove ntp.keys.3900000000", "keep_also_as ntp.keys = ntp.keys.3900000000", "sync_folder",
                          "make_link " + temporary_name() + " -> ntpkey_AES_host.3900000000", "status ntp.keys",
                          "link_target ntp.keys", "replace " + temporary_name() + " -> ntp.keys", "sync_folder"));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0", "ntp.keys.3900000000 0400 0:0 old",
                                     "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
}

TEST_F(PublisherTest, AdoptTakesTheNextFreeNameForTheKeptFile) {
  for (const bool can_exchange : {true, false}) {
    files.add_folder("/keys");
    files.add_file("/keys/ntp.keys", "old");
    files.add_file("/keys/ntp.keys.3900000000", "older");
    if (!can_exchange)
      files.fail_on("exchange", ENOSYS);
    const Result<Published> published = publish(adopting());
    ASSERT_TRUE(succeeded(published));
    EXPECT_EQ(published->kept_as, "ntp.keys.3900000001");
    EXPECT_THAT(listing(), ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0",
                                       "ntp.keys.3900000000 0400 0:0 older", "ntp.keys.3900000001 0400 0:0 old",
                                       "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
  }
}

TEST_F(PublisherTest, AdoptOfALinkOrOfNothingIsAnOrdinaryRun) {
  ASSERT_TRUE(succeeded(publish(adopting())));
  const Result<Published> published = publish(adopting());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->kept_as, std::nullopt);
  EXPECT_THAT(files.operations(), Not(Contains(StartsWith("exchange ntp.keys."))));
  EXPECT_THAT(listing(), Contains("ntp.keys -> ntpkey_AES_host.3900000001 0:0"));
}

// --- Exact names

TEST_F(PublisherTest, ExactNameIsMadeWithoutALink) {
  for (const Destination &destination : {exact(), replacing()}) {
    files.add_folder("/keys");
    const Result<Published> published = publish(destination);
    ASSERT_TRUE(succeeded(published));
    EXPECT_EQ(published->name, "my.keys");
    EXPECT_EQ(published->link, "");
    EXPECT_EQ(published->kept_as, std::nullopt);
    EXPECT_EQ(published->filestamp, now);
    EXPECT_THAT(listing(), ElementsAre("my.keys 0400 0:0 new my.keys"));
  }
}

TEST_F(PublisherTest, ExactNameTakenAtTheLastMomentIsAnErrorWithoutHarm) {
  files.before("publish", [&] { files.add_file("/keys/my.keys", "another program's"); });
  const Result<Published> published = publish(replacing());
  ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
  EXPECT_THAT(published.error().hint, Not(IsEmpty()));
  EXPECT_THAT(listing(), ElementsAre("my.keys 0400 0:0 another program's"));
}

TEST_F(PublisherTest, ReplaceKeepsTheOldFile) {
  files.add_file("/keys/my.keys", "old", 0644, ntp);
  files.add_file("/keys/my.keys.3900000000", "older");
  const Result<Published> published = publish(replacing());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->name, "my.keys");
  EXPECT_EQ(published->kept_as, "my.keys.3900000001");
  EXPECT_THAT(rendered, ElementsAre("my.keys"));
  EXPECT_THAT(listing(), ElementsAre("my.keys 0640 123:124 new my.keys", "my.keys.3900000000 0400 0:0 older",
                                     "my.keys.3900000001 0644 123:124 old"));
}

TEST_F(PublisherTest, ReplacePutsAFileInALinksPlaceAndKeepsTheLink) {
  files.add_file("/keys/behind", "old", 0644, ntp);
  files.add_link("/keys/my.keys", "behind");
  ASSERT_TRUE(succeeded(publish(replacing())));
  EXPECT_THAT(listing(), ElementsAre("behind 0644 123:124 old", "my.keys 0640 123:124 new my.keys",
                                     "my.keys.3900000000 -> behind 0:0"));
}

TEST_F(PublisherTest, ReplaceSyncsTheNewNameBeforeTheExchange) {
  files.add_file("/keys/my.keys", "old");
  files.before("sync_file", [&] { files.forget_operations(); });
  ASSERT_TRUE(succeeded(publish(replacing())));
  EXPECT_THAT(files.operations(), ElementsAre("publish my.keys.3900000000", "sync_folder",
                                              "exchange my.keys.3900000000 <-> my.keys", "sync_folder"));
}

TEST_F(PublisherTest, ReplaceWithoutExchangeKeepsTheOldFileOnTheDiskBeforeItReplacesIt) {
  files.add_file("/keys/my.keys", "old");
  files.fail_on("exchange", ENOSYS);
  files.before("exchange", [&] { files.forget_operations(); });
  const Result<Published> published = publish(replacing());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->kept_as, "my.keys.3900000001");
  EXPECT_THAT(files.operations(), ElementsAre("keep_also_as my.keys = my.keys.3900000001", "sync_folder",
                                              "replace my.keys.3900000000 -> my.keys", "sync_folder"));
  EXPECT_THAT(listing(), ElementsAre("my.keys 0400 0:0 new my.keys", "my.keys.3900000001 0400 0:0 old"));
}

// --- Owner and mode

TEST_F(PublisherTest, ModeIsInheritedWithoutOthersAndAlwaysReadable) {
  const std::pair<std::uint32_t, std::string> cases[] = {{0644, "0640"}, {0600, "0600"},  {0400, "0400"},
                                                         {0777, "0660"}, {0440, "0440"},  {0000, "0400"},
                                                         {0040, "0440"}, {06755, "0640"}, {0604, "0600"}};
  for (const auto &[old_mode, new_mode] : cases) {
    files.add_folder("/keys");
    files.add_file("/keys/old", "old", old_mode);
    files.add_link("/keys/ntp.keys", "old");
    files.add_file("/keys/my.keys", "old", old_mode);
    ASSERT_TRUE(succeeded(publish(stamped())));
    ASSERT_TRUE(succeeded(publish(replacing())));
    EXPECT_THAT(listing(), Contains(StartsWith("ntpkey_AES_host.3900000000 " + new_mode)));
    EXPECT_THAT(listing(), Contains(StartsWith("my.keys " + new_mode)));
  }
}

TEST_F(PublisherTest, OwnerAndModeAreInheritedThroughTheLink) {
  files.add_file("/keys/old", "old", 0640, ntp);
  files.add_link("/keys/ntp.keys", "old", root);
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  ASSERT_TRUE(publisher->replaced().has_value());
  EXPECT_EQ(publisher->replaced()->name, "ntp.keys");
  EXPECT_EQ(publisher->replaced()->status.owner, ntp);
  EXPECT_TRUE(publisher->replaced()->trusted);
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(listing(), Contains(StartsWith("ntpkey_AES_host.3900000000 0640 123:124 ")));
}

TEST_F(PublisherTest, WhatIsAskedForIsNotInherited) {
  files.add_file("/keys/my.keys", "old", 0660, ntp);
  ASSERT_TRUE(succeeded(publish(replacing(), {.mode = 0440, .owner = Owner{7, 8}})));
  EXPECT_THAT(listing(), Contains("my.keys 0440 7:8 new my.keys"));
}

// The group bits are the mask of the list, which may allow the group nothing.
TEST_F(PublisherTest, OnlyTheOwnersBitsAreInheritedFromAFileWithAnAccessList) {
  for (const auto &[old_mode, new_mode] :
       {std::pair(0660U, "0600"), std::pair(0440U, "0400"), std::pair(040U, "0400")}) {
    files.add_folder("/keys");
    files.add_file("/keys/my.keys", "old", old_mode, ntp);
    files.give_access_list("/keys/my.keys");
    const Result<Published> published = publish(replacing());
    ASSERT_TRUE(succeeded(published));
    EXPECT_TRUE(published->group_left_out);
    EXPECT_THAT(listing(), Contains(std::string("my.keys ") + new_mode + " 123:124 new my.keys"));
  }
  files.give_access_list("/keys/my.keys");
  const Result<Published> asked = publish(replacing(), {.mode = 0440, .owner = {}});
  ASSERT_TRUE(succeeded(asked));
  EXPECT_FALSE(asked->group_left_out);
  EXPECT_THAT(listing(), Contains("my.keys 0440 123:124 new my.keys"));
}

// What one group could read was not meant for another.
TEST_F(PublisherTest, OnlyTheOwnersBitsAreInheritedForAnotherGroup) {
  files.add_file("/keys/my.keys", "old", 0660, ntp);
  const Result<Published> other_group = publish(replacing(), {.mode = {}, .owner = Owner{ntp.user, 100}});
  ASSERT_TRUE(succeeded(other_group));
  EXPECT_TRUE(other_group->group_left_out);
  EXPECT_THAT(listing(), Contains("my.keys 0600 123:100 new my.keys"));
  files.add_file("/keys/my.keys", "old", 0660, ntp);
  const Result<Published> other_user = publish(replacing(), {.mode = {}, .owner = Owner{0, ntp.group}});
  ASSERT_TRUE(succeeded(other_user));
  EXPECT_FALSE(other_user->group_left_out);
  EXPECT_THAT(listing(), Contains("my.keys 0660 0:124 new my.keys"));
}

TEST_F(PublisherTest, NothingIsInheritedThroughAnotherUsersLink) {
  files.add_folder("/keys", 01777);
  files.add_file("/keys/old", "old", 0660, mallory);
  files.add_link("/keys/ntp.keys", "old", mallory);
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  ASSERT_TRUE(publisher->replaced().has_value());
  EXPECT_FALSE(publisher->replaced()->trusted);
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(listing(), Contains(StartsWith("ntpkey_AES_host.3900000000 0400 0:0 ")));
  EXPECT_THAT(files.operations(), Not(Contains(StartsWith("set_owner"))));
}

TEST_F(PublisherTest, AnotherUsersFileIsTrustedOnlyWhereNotEverybodyCanPutOne) {
  files.add_file("/keys/my.keys", "old", 0660, ntp);
  files.add_file("/keys/ntp.keys", "old", 0660, ntp);
  EXPECT_TRUE(open(replacing())->replaced()->trusted);
  EXPECT_TRUE(open(adopting())->replaced()->trusted);
  files.add_folder("/keys", 01777);
  files.add_file("/keys/my.keys", "old", 0660, mallory);
  files.add_file("/keys/ntp.keys", "old", 0660, mallory);
  EXPECT_FALSE(open(replacing())->replaced()->trusted);
  EXPECT_FALSE(open(adopting())->replaced()->trusted);
  ASSERT_TRUE(succeeded(publish(replacing())));
  EXPECT_THAT(listing(), Contains("my.keys 0400 0:0 new my.keys"));
}

TEST_F(PublisherTest, NothingIsInheritedFromAFileThatSomebodyCouldHavePutThere) {
  // Root's link, whose target was removed and made again by another.
  files.add_folder("/keys", 01777);
  files.add_file("/keys/old", "old", 0660, mallory);
  files.add_link("/keys/ntp.keys", "old", root);
  EXPECT_FALSE(open(stamped())->replaced()->trusted);
  // A folder that a group may write.
  files.add_folder("/keys", 0775, ntp);
  files.add_file("/keys/my.keys", "old", 0660, mallory);
  files.add_file("/keys/ntp.keys", "old", 0660, ntp);
  EXPECT_FALSE(open(replacing())->replaced()->trusted);
  EXPECT_FALSE(open(adopting())->replaced()->trusted);
  // Another's folder: his own files are passed on to him, a third one's are not.
  files.add_folder("/keys", 0755, ntp);
  files.add_file("/keys/my.keys", "old", 0660, mallory);
  files.add_file("/keys/old", "old", 0660, ntp);
  files.add_link("/keys/ntp.keys", "old", ntp);
  EXPECT_FALSE(open(replacing())->replaced()->trusted);
  EXPECT_TRUE(open(stamped())->replaced()->trusted);
  // What lies elsewhere may be anybody's.
  files.add_folder("/keys", 0755);
  files.add_folder("/tmp", 01777);
  files.add_file("/tmp/old", "old", 0660, mallory);
  files.add_link("/keys/ntp.keys", "/tmp/old", root);
  ASSERT_TRUE(open(stamped())->replaced());
  EXPECT_FALSE(open(stamped())->replaced()->trusted);
}

TEST_F(PublisherTest, OnesOwnNamesAreTrustedEverywhere) {
  files.add_folder("/keys", 01777);
  files.add_file("/keys/old", "old", 0640, mallory);
  files.add_link("/keys/ntp.keys", "old", mallory);
  act_as(mallory);
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(listing(), Contains(StartsWith("ntpkey_AES_host.3900000000 0640 666:667 ")));
}

TEST_F(PublisherTest, InheritedOwnerThatCannotBeSetNamesTheOption) {
  files.add_folder("/keys", 0755, mallory);
  files.add_file("/keys/old", "old", 0644, root);
  files.add_link("/keys/ntp.keys", "old", root);
  act_as(mallory);
  const std::vector<std::string> before = listing();
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(failed_with(published, ErrorCode::permission));
  EXPECT_EQ(published.error().hint,
            "this is the owner of the file that is replaced: run as root, or choose another with --owner");
  EXPECT_EQ(listing(), before);
  // One that was asked for needs no such hint.
  const Result<Published> asked = publish(stamped(), {.mode = {}, .owner = ntp});
  ASSERT_TRUE(failed_with(asked, ErrorCode::permission));
  EXPECT_THAT(asked.error().hint, Not(HasSubstr("--owner")));
}

// --- Reading the replaced file

TEST_F(PublisherTest, ReadsTheReplacedFileThroughItsLink) {
  files.add_file("/keys/old", "1 AES abc\n");
  files.add_link("/keys/ntp.keys", "old");
  const Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  const Result<SecretText> text = publisher->read_replaced(100, memory);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text->reveal_text(), "1 AES abc\n");
  EXPECT_TRUE(failed_with(publisher->read_replaced(9, memory), ErrorCode::invalid_argument));
}

TEST_F(PublisherTest, NothingIsReplacedByADanglingLinkOrAFolder) {
  files.add_link("/keys/ntp.keys", "dangling");
  Result<Publisher> publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  EXPECT_FALSE(publisher->replaced().has_value());
  EXPECT_TRUE(failed_with(publisher->read_replaced(100, memory), ErrorCode::not_found));
  files.add_special("/keys/folder", Kind::folder);
  files.add_link("/keys/ntp.keys", "folder");
  publisher = open(stamped());
  ASSERT_TRUE(succeeded(publisher));
  EXPECT_FALSE(publisher->replaced().has_value());
}

TEST_F(PublisherTest, ANameOfAnOpenFileIsNoNameOfAFile) {
  files.add_link("/keys/my.keys", "/proc/self/fd/1");
  for (const Destination &destination : {exact(), replacing()}) {
    const Result<Publisher> publisher = open(destination);
    ASSERT_TRUE(failed_with(publisher, ErrorCode::already_exists));
    EXPECT_EQ(publisher.error().message, "/keys/my.keys stands for an open file: it is a link to /proc/self/fd/1");
    EXPECT_THAT(publisher.error().hint, HasSubstr("'--output -'"));
  }
}

TEST_F(PublisherTest, SaysWhereTheLinkLedBefore) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  EXPECT_EQ(publish(stamped())->old_target, "old");
  files.add_folder("/keys");
  EXPECT_EQ(publish(stamped())->old_target, std::nullopt);
}

// --- Other programs at the same time

TEST_F(PublisherTest, WhatBuildsOnTheReplacedFileHoldsItAndLooksAgain) {
  files.add_file("/keys/old", "old", 0400);
  files.add_file("/keys/newer", "newer", 0440);
  files.add_link("/keys/ntp.keys", "old");
  Destination destination = stamped();
  EXPECT_TRUE(open(destination)->replaced());
  EXPECT_THAT(files.operations(), Not(Contains(StartsWith("hold"))));
  destination.builds_on_replaced = true;
  files.before("hold", [&] { files.add_link("/keys/ntp.keys", "newer"); }); // by the run that was waited for
  const Result<Publisher> publisher = open(destination);
  ASSERT_TRUE(succeeded(publisher));
  EXPECT_EQ(publisher->replaced()->status.mode, 0440U);
  EXPECT_EQ(publisher->read_replaced(100, memory)->reveal_text(), "newer");
  files.fail_on("hold", EACCES);
  EXPECT_TRUE(failed_with(open(destination), ErrorCode::permission));
}

TEST_F(PublisherTest, OneRunAfterAnotherChangesTheLink) {
  files.add_link("/keys/ntp.keys", "old");
  files.add_file("/keys/old", "old");
  files.before("publish", [&] { EXPECT_TRUE(files.somebody_has_a_turn()); });
  const auto confirm = [&](const Published & /*what*/) -> Result<void> {
    EXPECT_TRUE(files.somebody_has_a_turn());
    files.before("remove ntpkey", [&] { EXPECT_TRUE(files.somebody_has_a_turn()); });
    return failure(ErrorCode::io, "the disk is full");
  };
  EXPECT_TRUE(failed_with(publish_and_confirm(stamped(), confirm), ErrorCode::io));
  EXPECT_FALSE(files.somebody_has_a_turn());

  files.fail_on("take_turn", EINTR);
  const std::vector<std::string> before = files.listing("/keys");
  EXPECT_TRUE(failed_with(publish(stamped()), ErrorCode::io));
  EXPECT_EQ(files.listing("/keys"), before);
  // Nothing that others change is changed without a link.
  EXPECT_TRUE(succeeded(publish(exact())));
  Destination alone = stamped();
  alone.link.clear();
  EXPECT_TRUE(succeeded(publish(alone)));
}

TEST_F(PublisherTest, WhatFoundNothingToBuildOnIsNotPutInTheWayOfAnotherRuns) {
  Destination destination = stamped();
  destination.builds_on_replaced = true;
  files.before("make_link", [&] { files.add_link("/keys/ntp.keys", "the other run's"); });
  const Result<Published> published = publish(destination);
  ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
  EXPECT_THAT(published.error().hint, HasSubstr("run this again"));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> the other run's 0:0"));
  // A link that leads nowhere is nothing to build on either, and is replaced as ever.
  files.add_link("/keys/ntp.keys", "nowhere");
  ASSERT_TRUE(succeeded(publish(destination)));
  EXPECT_THAT(listing(), Contains("ntp.keys -> ntpkey_AES_host.3900000000 0:0"));
}

// At whatever moment it appears.
TEST_F(PublisherTest, RegularFileThatAppearsInTheMeantimeIsNotReplaced) {
  for (const std::string old : {"", "dangling", "link"}) {
    for (const char *moment : {"sync_folder", "make_link", "exchange"}) {
      if (old.empty() && moment == std::string("exchange"))
        continue; // the link is made at once
      SCOPED_TRACE("over '" + old + "', before " + moment);
      files = MemoryFileSystem();
      files.add_folder("/keys");
      if (old == "link")
        files.add_file("/keys/old", "old");
      if (!old.empty())
        files.add_link("/keys/ntp.keys", "old");
      files.before(moment, [&] { files.add_file("/keys/ntp.keys", "somebody's"); });
      const Result<Published> published = publish(stamped());
      ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
      EXPECT_THAT(published.error().hint, HasSubstr("--adopt"));
      EXPECT_THAT(listing(), Contains("ntp.keys 0400 0:0 somebody's"));
      EXPECT_EQ(listing().size(), old == "link" ? 2U : 1U);
    }
  }
}

TEST_F(PublisherTest, WhatAppearsWhileSomethingIsPutBackIsKeptAndNamed) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("exchange", [&] {
    files.add_file("/keys/ntp.keys", "somebody's");
    files.before("exchange", [&] { files.add_file("/keys/ntp.keys", "another one's"); });
  });
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
  EXPECT_THAT(published.error().message,
              EndsWith("; and it could not all be undone: what took the place of /keys/ntp.keys meanwhile is kept as " +
                       temporary_name()));
  EXPECT_THAT(listing(), Contains("ntp.keys 0400 0:0 somebody's"));
  EXPECT_THAT(listing(), Contains(temporary_name() + " 0400 0:0 another one's"));
}

TEST_F(PublisherTest, ALinkThatVanishesInTheMeantimeIsMadeAnew) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("exchange", [&] { ASSERT_TRUE(succeeded((*files.open_folder("/keys"))->remove("ntp.keys"))); });
  ASSERT_TRUE(succeeded(publish(stamped())));
  EXPECT_THAT(listing(),
              ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0",
                          "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000", "old 0400 0:0 old"));
}

TEST_F(PublisherTest, WithoutExchangeALinkIsRenamedOverTheOldOne) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.fail_on("exchange", EINVAL);
  files.before("exchange", [&] { files.forget_operations(); });
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->old_target, "old");
  EXPECT_THAT(files.operations(), ElementsAre("status ntp.keys", "link_target ntp.keys",
                                              "replace " + temporary_name() + " -> ntp.keys", "sync_folder"));
}

TEST_F(PublisherTest, TwoRunsThatAdoptTheSameFileKeepIt) {
  files.add_file("/keys/ntp.keys", "old");
  files.before("exchange", [&] {
    files.add_file("/keys/ntp.keys.1", "old");
    files.add_link("/keys/ntp.keys", "the other run's");
  });
  const Result<Published> published = publish(adopting());
  ASSERT_TRUE(succeeded(published));
  EXPECT_EQ(published->kept_as, std::nullopt);
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0", "ntp.keys.1 0400 0:0 old",
                                     "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
}

TEST_F(PublisherTest, FailureAfterTwoRunsAdoptedPutsTheOtherRunsLinkBack) {
  files.add_file("/keys/ntp.keys", "old");
  files.before("exchange", [&] {
    files.add_file("/keys/ntp.keys.1", "old");
    files.add_file("/keys/the other run's", "new");
    files.add_link("/keys/ntp.keys", "the other run's");
  });
  const Result<Published> published = publish_and_fail(adopting());
  ASSERT_TRUE(failed_with(published, ErrorCode::io));
  EXPECT_EQ(published.error().message, "cannot tell");
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> the other run's 0:0", "ntp.keys.1 0400 0:0 old",
                                     "the other run's 0400 0:0 new"));
}

// Of two runs that fail, the one whose link was replaced is undone first: its file is gone when the other looks.
TEST_F(PublisherTest, FailureOfTwoRunsLeadsBackToTheFileBeforeBoth) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("exchange", [&] { files.add_link("/keys/ntp.keys", "another run's, taken back"); });
  ASSERT_TRUE(failed_with(publish_and_fail(stamped()), ErrorCode::io));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> old 0:0", "old 0400 0:0 old"));
}

TEST_F(PublisherTest, FailureNeverLeavesALinkToNothing) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("exchange", [&] {
    files.add_link("/keys/ntp.keys", "another run's, taken back");
    files.add_link("/keys/old", "nowhere");
  });
  const Result<Published> published = publish_and_fail(stamped());
  ASSERT_TRUE(failed_with(published, ErrorCode::io));
  EXPECT_THAT(published.error().message,
              HasSubstr("; and it could not all be undone: /keys/ntp.keys still leads to ntpkey_AES_host.3900000000"));
  EXPECT_THAT(listing(),
              ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0",
                          "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000", "old -> nowhere 0:0"));
}

TEST_F(PublisherTest, FailureRepairsTheLinkThatAnotherRunPutBack) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.before("remove ntpkey", [&] { files.add_link("/keys/ntp.keys", "ntpkey_AES_host.3900000000"); });
  ASSERT_TRUE(failed_with(publish_and_fail(stamped()), ErrorCode::io));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> old 0:0", "old 0400 0:0 old"));
}

TEST_F(PublisherTest, FailureLeavesALinkThatIsPutThereAtTheLastMoment) {
  const auto put_another = [&] {
    files.add_file("/keys/another", "another");
    files.add_link("/keys/ntp.keys", "another");
  };
  for (const bool first : {true, false}) {
    files.add_folder("/keys");
    if (!first) {
      files.add_file("/keys/old", "old");
      files.add_link("/keys/ntp.keys", "old");
    }
    const auto fail = [&](const Published &) -> Result<void> {
      files.before(first ? "replace" : "exchange", put_another);
      return failure(ErrorCode::io, "cannot tell");
    };
    ASSERT_TRUE(failed_with(publish_and_confirm(stamped(), fail), ErrorCode::io));
    EXPECT_THAT(listing(), ::testing::IsSupersetOf({"another 0400 0:0 another", "ntp.keys -> another 0:0"}));
    EXPECT_THAT(listing(), ::testing::SizeIs(first ? 2 : 3));
  }
}

TEST_F(PublisherTest, FailureLeavesANewerLinkWhereNamesCannotBeExchanged) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  files.fail_on("exchange", EINVAL);
  const auto fail = [&](const Published &) -> Result<void> {
    files.add_file("/keys/another", "another");
    files.add_link("/keys/ntp.keys", "another");
    return failure(ErrorCode::io, "cannot tell");
  };
  ASSERT_TRUE(failed_with(publish_and_confirm(stamped(), fail), ErrorCode::io));
  EXPECT_THAT(listing(), ElementsAre("another 0400 0:0 another", "ntp.keys -> another 0:0", "old 0400 0:0 old"));
}

TEST_F(PublisherTest, FailureLeavesNoLinkToAFileThatIsTakenBackAtTheLastMoment) {
  files.add_file("/keys/old", "old");
  files.add_link("/keys/ntp.keys", "old");
  const auto fail = [&](const Published &) -> Result<void> {
    files.before("exchange", [&] { files.add_link("/keys/old", "nowhere"); });
    return failure(ErrorCode::io, "cannot tell");
  };
  const Result<Published> published = publish_and_confirm(stamped(), fail);
  ASSERT_TRUE(failed_with(published, ErrorCode::io));
  EXPECT_THAT(published.error().message, HasSubstr("/keys/ntp.keys still leads to ntpkey_AES_host.3900000000"));
  EXPECT_THAT(listing(),
              ElementsAre("ntp.keys -> ntpkey_AES_host.3900000000 0:0",
                          "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000", "old -> nowhere 0:0"));
}

TEST_F(PublisherTest, FailureAfterTheRenameLeavesANewerLinkAlone) {
  files.add_link("/keys/ntp.keys", "old");
  files.before("exchange", [&] {
    files.fail_on("sync_folder", EIO);
    files.before("sync_folder", [&] { files.add_link("/keys/ntp.keys", "the other run's"); });
  });
  const Result<Published> published = publish(stamped());
  ASSERT_TRUE(failed_with(published, ErrorCode::io));
  // The file stays: it is not known whether the disk still has this run's link.
  EXPECT_THAT(published.error().message, HasSubstr("it could not all be undone: "));
  EXPECT_THAT(listing(), ElementsAre("ntp.keys -> the other run's 0:0",
                                     "ntpkey_AES_host.3900000000 0400 0:0 new ntpkey_AES_host.3900000000"));
}

// Undoing stops where it fails: the step before would have removed the name that the old keys now have.
TEST_F(PublisherTest, OldKeysStayWhereTheExchangeCannotBeUndone) {
  for (const Destination &destination : {replacing(), adopting()}) {
    files.add_folder("/keys");
    files.forget_faults();
    files.add_file(destination.is_exact() ? "/keys/my.keys" : "/keys/ntp.keys", "old");
    files.before("exchange", [&] {
      files.before("sync_folder", [&] {
        files.fail_on("sync_folder", EIO);
        files.fail_on("exchange", EIO);
      });
    });
    const Result<Published> published = publish(destination);
    ASSERT_TRUE(failed_with(published, ErrorCode::io));
    EXPECT_THAT(published.error().message, HasSubstr("; and it could not all be undone: cannot exchange"));
    EXPECT_THAT(listing(), Contains(EndsWith(" 0400 0:0 old")));
  }
}

TEST_F(PublisherTest, ExceptionLeavesNothingBehindEither) {
  files.add_link("/keys/ntp.keys", "old");
  const std::vector<std::string> before = listing();
  files.before("make_link", [] { throw std::bad_alloc(); });
  EXPECT_THROW(static_cast<void>(publish(stamped())), std::bad_alloc);
  EXPECT_EQ(listing(), before);
}

// --- Every operation failing in turn, for every kind of destination

struct Case {
  const char *name;
  bool is_exact, may_take_place; // adopt or replace
  const char *old;               // what stands there: "", "file", "link", "dangling"
  bool can_exchange;
  friend void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }
};

class PublisherFaultTest : public PublisherTest, public ::testing::WithParamInterface<Case> {
protected:
  Destination prepare() {
    const Case &c = GetParam();
    files = MemoryFileSystem();
    files.add_folder("/keys");
    files.add_file("/keys/bystander", "of no concern");
    const std::string name = c.is_exact ? "/keys/my.keys" : "/keys/ntp.keys";
    const std::string_view old = c.old;
    if (old == "file")
      files.add_file(name, "old", 0640, ntp);
    if (old == "link")
      files.add_file("/keys/ntpkey_AES_host.1", "old", 0640, ntp);
    if (old == "link" || old == "dangling")
      files.add_link(name, "ntpkey_AES_host.1");
    if (!c.can_exchange)
      files.fail_on("exchange", EINVAL);
    Destination destination = c.is_exact ? exact() : stamped();
    destination.adopt = destination.replace = c.may_take_place;
    return destination;
  }
  static constexpr std::size_t enough = 60; // operations; the loops end where nothing fails any more
};

TEST_P(PublisherFaultTest, LeavesNothingBehindAndTheOldStateIntact) {
  Destination destination = prepare();
  ASSERT_TRUE(succeeded(publish(destination)));
  const std::vector<std::string> complete = listing();
  const std::size_t operations = files.operations().size();
  ASSERT_LT(operations, enough);

  std::size_t failures = 0;
  for (std::size_t n = 0; n < operations; ++n) {
    destination = prepare();
    const std::vector<std::string> before = listing();
    files.fail_after(n, ENOSPC);
    const Result<Published> published = publish(destination);
    SCOPED_TRACE("operation " + std::to_string(n) + ", " + files.operations()[n]);
    if (published) { // a look that only decides what is reported
      EXPECT_THAT(files.operations()[n], StartsWith("link_target ntp.keys.3900000000"));
      EXPECT_EQ(listing(), complete);
      continue;
    }
    ++failures;
    EXPECT_EQ(published.error().sys_errno, ENOSPC);
    EXPECT_THAT(published.error().message,
                AllOf(HasSubstr("/keys"), HasSubstr("No space left"), Not(HasSubstr("could not all be undone"))));
    EXPECT_EQ(listing(), before);
    EXPECT_EQ(memory.outstanding(), 0);
  }
  EXPECT_GE(failures + 1, operations);
}

// Where undoing fails too, the old keys are still there under some name, and the error says that not all is undone.
TEST_P(PublisherFaultTest, NeverLosesOldKeysWhenAllFailsFromSomewhereOn) {
  for (std::size_t n = 0;; ++n) {
    const Destination destination = prepare();
    const std::vector<std::string> before = listing();
    files.fail_after(n, EIO, enough);
    const Result<Published> published = publish(destination);
    if (!files.has_failed() || (published && files.operations().size() <= n))
      break;
    SCOPED_TRACE("from operation " + std::to_string(n) + " on, " + files.operations()[n]);
    ASSERT_LT(n, enough);
    const auto holds_old_keys = [](const std::string &line) { return line.ends_with(" 0640 123:124 old"); };
    EXPECT_EQ(std::any_of(before.begin(), before.end(), holds_old_keys), [&] {
      const std::vector<std::string> after = listing();
      return std::any_of(after.begin(), after.end(), holds_old_keys);
    }());
    if (!published && listing() != before) {
      EXPECT_THAT(published.error().message, HasSubstr("; and it could not all be undone: cannot "));
    }
    // A reader finds either the old keys or the new ones, complete.
    const std::string name = GetParam().is_exact ? "my.keys" : "ntp.keys";
    if (std::string_view(GetParam().old) == "file" || std::string_view(GetParam().old) == "link") {
      files.forget_faults();
      const Result<SecretText> read = (*files.open_folder("/keys"))->read(name, 1000, memory);
      ASSERT_TRUE(succeeded(read));
      EXPECT_THAT(std::string(read->reveal_text()), ::testing::AnyOf("old", StartsWith("new ")));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Destinations, PublisherFaultTest,
    ::testing::Values(Case{"StampedFirst", false, false, "", true}, Case{"StampedOverLink", false, false, "link", true},
                      Case{"StampedOverLinkByRename", false, false, "link", false},
                      Case{"StampedOverDangling", false, false, "dangling", true},
                      Case{"Adopt", false, true, "file", true}, Case{"AdoptByHardLink", false, true, "file", false},
                      Case{"Exact", true, false, "", true}, Case{"Replace", true, true, "file", true},
                      Case{"ReplaceByHardLink", true, true, "file", false},
                      Case{"ReplaceLink", true, true, "link", true},
                      Case{"ReplaceLinkByHardLink", true, true, "link", false}),
    [](const auto &tested) { return std::string(tested.param.name); });

} // namespace
} // namespace ntpkeygen
