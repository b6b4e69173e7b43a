#include "ntpkeygen/host/dynamic_plugin_set.hpp"

#include "support/access_list.hpp"
#include "support/child_process.hpp"
#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <gmock/gmock.h>
#include <grp.h>
#include <link.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

namespace fs = std::filesystem;
using test::failed_with;
using test::succeeded;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// How many shared objects of this very path are in memory.
int loaded(const std::string &path) {
  struct Question {
    const std::string &path;
    int answer = 0;
  } question{path};
  ::dl_iterate_phdr(
      [](::dl_phdr_info *object, std::size_t, void *data) {
        auto &asked = *static_cast<Question *>(data);
        asked.answer += asked.path == object->dlpi_name ? 1 : 0;
        return 0;
      },
      &question);
  return question.answer;
}

// A folder of plugins, with some of the fixtures in it.
class PluginFolder {
public:
  explicit PluginFolder(std::initializer_list<const char *> names = {}) {
    for (const char *name : names)
      add(name);
  }
  std::string add(const std::string &name, std::string as = {}) const {
    as = file(as.empty() ? name : as);
    fs::copy_file(fs::path(NTPKEYGEN_HOSTILE_PLUGINS) / (name + ".so"), as);
    fs::permissions(as, fs::perms(0755)); // whatever the umask of the build was
    return as;
  }
  void link(const std::string &target, const std::string &name) const { fs::create_symlink(target, file(name)); }
  std::string write(const std::string &name, std::string_view content) const {
    return folder_.write(name + ".so", content);
  }
  [[nodiscard]] std::string file(const std::string &name) const { return folder_.file(name + ".so"); }
  [[nodiscard]] std::string path() const { return folder_.path(); }

private:
  TemporaryFolder folder_;
};

// What is said when a key type is asked for: message and hint.
std::string message(DynamicPluginSet &set, std::string_view name) {
  const auto type = set.key_type(name);
  return type ? "it was opened" : type.error().message;
}
std::string hint(DynamicPluginSet &set, std::string_view name) {
  const auto type = set.key_type(name);
  return type ? "it was opened" : type.error().hint;
}
std::string refused(const std::string &path, const std::string &why) {
  return "the plugin '" + path + "' is refused: " + why;
}

std::vector<std::string> names_of(const PluginInventory &inventory) {
  std::vector<std::string> names;
  for (const PluginRow &row : inventory.plugins)
    names.push_back(std::string(kind_name(row.kind)) + ' ' + row.name);
  return names;
}
std::vector<std::string> refusals_of(const PluginInventory &inventory) {
  std::vector<std::string> refusals;
  for (const RefusedPlugin &row : inventory.refused)
    refusals.push_back(row.path + ": " + row.reason);
  return refusals;
}

class EnvironmentVariable {
public:
  EnvironmentVariable(const char *name, const char *value) : name_(name) {
    const char *old = std::getenv(name);
    had_ = old != nullptr;
    old_ = had_ ? old : "";
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~EnvironmentVariable() { had_ ? ::setenv(name_, old_.c_str(), 1) : ::unsetenv(name_); }
  EnvironmentVariable(const EnvironmentVariable &) = delete;
  EnvironmentVariable &operator=(const EnvironmentVariable &) = delete;

private:
  const char *name_;
  bool had_;
  std::string old_;
};

// ---- looking up

TEST(DynamicPluginSet, TellsAPluginsVersion) {
  const PluginFolder folder{"key_type-good", "key_type-missing-symbol"};
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(set.version(PluginKind::key_type, "GOOD"), "1.2.3");
  for (const char *name : {"nobody", "missing-symbol", "../good"})
    EXPECT_EQ(set.version(PluginKind::key_type, name), "") << name;
  EXPECT_EQ(set.version(PluginKind::mac_engine, "good"), "");
}

TEST(DynamicPluginSet, FindsAPluginByNameAndByAliasInAnyCase) {
  const PluginFolder folder{"key_type-good"};
  folder.link("key_type-good.so", "key_type-fine");
  DynamicPluginSet set({folder.path()});
  for (const char *name : {"good", "GOOD", "Fine"}) {
    const auto type = set.key_type(name);
    ASSERT_TRUE(succeeded(type)) << name;
    EXPECT_EQ((*type)->info().name, "Good");
  }
}

TEST(DynamicPluginSet, OpensAPluginOnceForAllItsNames) {
  const PluginFolder folder{"key_type-good"};
  folder.link("key_type-good.so", "key_type-fine");
  folder.link("key_type-fine.so", "key_type-good-128");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(loaded(folder.file("key_type-good")), 0) << "nothing is opened before it is needed";
  const auto by_name = set.key_type("good");
  const auto by_alias = set.key_type("fine");
  const auto by_link_to_link = set.key_type("good-128");
  ASSERT_TRUE(succeeded(by_name));
  ASSERT_TRUE(succeeded(by_alias));
  ASSERT_TRUE(succeeded(by_link_to_link));
  EXPECT_EQ(*by_name, *by_alias);
  EXPECT_EQ(*by_name, *by_link_to_link);
  EXPECT_EQ(loaded(folder.file("key_type-good")), 1);
}

TEST(DynamicPluginSet, OpensOnlyWhatIsAskedFor) {
  const PluginFolder folder{"key_type-good", "key_type-right", "mac_engine-fake"};
  DynamicPluginSet set({folder.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  EXPECT_EQ(loaded(folder.file("key_type-good")), 1);
  EXPECT_THAT(set.names(PluginKind::key_type), ElementsAre("good", "right"));
  EXPECT_FALSE(set.key_type("god"));
  EXPECT_EQ(loaded(folder.file("key_type-right")), 0);
  EXPECT_EQ(loaded(folder.file("mac_engine-fake")), 0);
}

TEST(DynamicPluginSet, KindsAreApart) {
  const PluginFolder folder{"key_type-good", "mac_engine-fake", "random_source-absent"};
  DynamicPluginSet set({folder.path()});
  EXPECT_TRUE(succeeded(set.mac_engine("fake")));
  EXPECT_TRUE(succeeded(set.random_source("absent")));
  EXPECT_TRUE(failed_with(set.key_type("fake"), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(set.mac_engine("good"), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(set.key_file_format("good"), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(set.key_file_reader("good"), ErrorCode::not_found));
}

TEST(DynamicPluginSet, ANameThatNoFileCanHaveIsNotFound) {
  const PluginFolder folder{"key_type-good"};
  fs::create_directory(fs::path(folder.path()) / "key_type-sub");
  folder.add("key_type-good", "key_type-sub/good");
  DynamicPluginSet set({folder.path()});
  for (const std::string &name :
       {std::string(), std::string("sub/good"), "../" + fs::path(folder.path()).filename().string() + "/key_type-good",
        std::string("/etc/passwd"), std::string("good\0", 5), std::string("good.so\n"), std::string("good "),
        std::string("g*d"), std::string(300, 'g'), std::string(100000, 'g')}) {
    const auto type = set.key_type(name);
    ASSERT_TRUE(failed_with(type, ErrorCode::not_found)) << name;
    EXPECT_EQ(type.error().message, "there is no key type '" + name + "'; there are: GOOD");
  }
}

TEST(DynamicPluginSet, SaysWhatThereIsAndWhatWasMeant) {
  const PluginFolder folder{"key_type-good", "key_type-right"};
  folder.link("key_type-good.so", "key_type-fine");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "Goof"), "there is no key type 'Goof'; there are: FINE, GOOD, RIGHT");
  EXPECT_EQ(hint(set, "Goof"), "did you mean 'GOOD'?");
  EXPECT_EQ(hint(set, "excellent"), "");
}

TEST(DynamicPluginSet, LeavesAliasesOutOfALongList) {
  const PluginFolder folder{"key_type-good"};
  for (char c = 'a'; c <= 'l'; ++c)
    folder.link("key_type-good.so", std::string("key_type-alias-") + c);
  folder.link("mac_engine-fake.so", "key_type-of-another-kind");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "alias-x"), "there is no key type 'alias-x'; there are: GOOD, OF-ANOTHER-KIND");
  EXPECT_EQ(hint(set, "alias-x"), "did you mean 'ALIAS-A'?");
}

TEST(DynamicPluginSet, SaysWhereItLookedWhenThereIsNothing) {
  const PluginFolder empty;
  DynamicPluginSet set({empty.path(), "/nonexistent/plugins", "/dev/null"});
  EXPECT_EQ(message(set, "good"), "there is no key type 'good': no plugin of this kind in '" + empty.path() +
                                      "', '/nonexistent/plugins' (No such file or directory), '/dev/null' (Not a "
                                      "directory)");
  EXPECT_EQ(hint(set, "good"), "name the folder of the plugins with --plugin-dir");

  DynamicPluginSet nowhere({});
  EXPECT_EQ(message(nowhere, "good"), "there is no key type 'good': no plugin of this kind in any folder");
}

TEST(DynamicPluginSet, NamesAreReadFromFileNames) {
  const PluginFolder folder{"key_type-right", "mac_engine-fake"};
  folder.link("key_type-right.so", "key_type-alias");
  for (const char *name :
       {"key_type-text", "key_type-Upper", "key_type-", "key_type-sp ace", "nokind-x", "key_types-y"})
    folder.write(name, "text");
  std::ofstream(fs::path(folder.path()) / "key_type-readme.txt") << "text";
  const PluginFolder second{"key_type-good", "key_type-right"};
  DynamicPluginSet set({folder.path(), "/nonexistent", second.path()});
  EXPECT_THAT(set.names(PluginKind::key_type), ElementsAre("alias", "good", "right", "text"));
  EXPECT_THAT(set.names(PluginKind::mac_engine), ElementsAre("fake"));
  EXPECT_THAT(set.names(PluginKind::key_file_reader), IsEmpty());
}

TEST(DynamicPluginSet, AnEarlierFolderHidesTheSameNameInALaterOne) {
  const PluginFolder first{"key_type-good"}, second{"key_type-good", "key_type-right"};
  DynamicPluginSet set({first.path(), second.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  ASSERT_TRUE(succeeded(set.key_type("right")));
  EXPECT_EQ(loaded(first.file("key_type-good")), 1);
  const PluginInventory inventory = set.inventory();
  EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good", "key_type right"));
  EXPECT_THAT(inventory.unusable, IsEmpty());
  EXPECT_EQ(inventory.plugins[0].path, first.file("key_type-good"));
  EXPECT_THAT(refusals_of(inventory), IsEmpty());
  EXPECT_EQ(loaded(second.file("key_type-good")), 0);
}

TEST(DynamicPluginSet, ARefusedFileIsNotPassedOverForAnotherOfTheSameName) {
  const PluginFolder first, second{"key_type-good"};
  first.write("key_type-good", "text");
  DynamicPluginSet set({first.path(), second.path()});
  EXPECT_THAT(message(set, "good"), HasSubstr("'" + first.file("key_type-good") + "' is refused"));
  EXPECT_EQ(loaded(second.file("key_type-good")), 0);
}

TEST(DynamicPluginSet, FoldersToSearchFirstComeFirst) {
  const PluginFolder first{"key_type-good"}, second{"key_type-good"}, third{"key_type-good"};
  DynamicPluginSet set({third.path()});
  set.search_first({first.path(), second.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  EXPECT_EQ(loaded(first.file("key_type-good")), 1);
  EXPECT_EQ(loaded(second.file("key_type-good")), 0);
  EXPECT_EQ(loaded(third.file("key_type-good")), 0);
}

TEST(DynamicPluginSet, FoldersToSearchFirstMustHavePluginsAndBeSafe) {
  const PluginFolder folder{"key_type-good"}, empty, open_to_all{"mac_engine-fake"};
  fs::permissions(open_to_all.path(), fs::perms(0777));
  for (const auto &[path, why] :
       {std::pair(empty.path(), "it has no plugins"), std::pair(open_to_all.path(), "can be written by every user")}) {
    DynamicPluginSet set({folder.path()});
    set.search_first({path});
    const auto type = set.key_type("good");
    ASSERT_FALSE(type);
    EXPECT_THAT(type.error().message, ::testing::StartsWith("the plugin folder '" + path + "' cannot be used: "));
    EXPECT_THAT(type.error().message, HasSubstr(why));
    EXPECT_FALSE(type.error().hint.empty());
    const PluginInventory inventory = set.inventory();
    EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good"));
    ASSERT_EQ(inventory.refused.size(), 1U);
    EXPECT_THAT(inventory.refused[0].path, ::testing::StartsWith(path));
    EXPECT_THAT(inventory.refused[0].reason, HasSubstr(why));
    ASSERT_EQ(inventory.unusable.size(), 1U);
    EXPECT_EQ(inventory.unusable[0].message, type.error().message);
    EXPECT_EQ(inventory.unusable[0].hint, type.error().hint);
  }
}

TEST(DynamicPluginSet, FoldersToSearchFirstMustBeThere) {
  const PluginFolder folder{"key_type-good"};
  for (const std::string &missing : {std::string("/nonexistent/plugins"), std::string("/dev/null"), std::string()}) {
    DynamicPluginSet set({folder.path()});
    set.search_first({missing});
    const auto type = set.key_type("good");
    ASSERT_TRUE(failed_with(type, ErrorCode::not_found));
    EXPECT_EQ(type.error().message, "the plugin folder '" + missing + "' cannot be used: " +
                                        (missing == "/dev/null" ? "Not a directory" : "No such file or directory"));
    EXPECT_EQ(type.error().hint, "name a folder that holds plugins, files called <kind>-<name>.so");
    const PluginInventory inventory = set.inventory();
    EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good"));
    ASSERT_EQ(inventory.refused.size(), 1U);
    EXPECT_EQ(inventory.refused[0].path, missing);
    ASSERT_EQ(inventory.unusable.size(), 1U);
    EXPECT_EQ(inventory.unusable[0].message, type.error().message);
  }
}

TEST(DynamicPluginSet, RelativeFoldersAndFoldersBehindLinksAreFound) {
  const PluginFolder folder{"key_type-good"};
  const TemporaryFolder other;
  fs::create_directory_symlink(folder.path(), other.file("link"));
  DynamicPluginSet by_link({other.file("link")});
  EXPECT_TRUE(succeeded(by_link.key_type("good")));

  const fs::path old = fs::current_path();
  fs::current_path(other.path());
  DynamicPluginSet relative({"link/"});
  EXPECT_TRUE(succeeded(relative.key_type("good")));
  fs::current_path(old);
}

// ---- lifetimes

TEST(DynamicPluginSet, WhatWasGivenOutOutlivesTheSet) {
  const PluginFolder folder{"key_type-good"};
  const std::string file = folder.file("key_type-good");
  std::shared_ptr<const KeyType> type;
  {
    DynamicPluginSet set({folder.path()});
    auto found = set.key_type("good");
    ASSERT_TRUE(succeeded(found));
    type = *found;
  }
  EXPECT_EQ(loaded(file), 1);
  EXPECT_EQ(type->info().name, "Good");
  EXPECT_TRUE(succeeded(type->validate({})));
  type.reset();
  EXPECT_EQ(loaded(file), 0) << "the last user closes it; if not, this test proves nothing about the order";
}

TEST(DynamicPluginSet, ObjectsGoBeforeTheirLibraries) {
  const PluginFolder folder{"key_type-good", "mac_engine-fake", "random_source-absent"};
  {
    DynamicPluginSet set({folder.path()});
    EXPECT_EQ(set.inventory().plugins.size(), 4U);
    EXPECT_EQ(loaded(folder.file("key_type-good")), 1);
  }
  EXPECT_EQ(loaded(folder.file("key_type-good")), 0);
  EXPECT_EQ(loaded(folder.file("mac_engine-fake")), 0);
}

// ---- files that are no plugins, or bad ones

struct Hostile {
  const char *name;
  std::string why;
  std::string hint{};
};
void PrintTo(const Hostile &hostile, std::ostream *out) {
  *out << hostile.name;
}

class HostilePlugin : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostilePlugin, IsRefusedByNameWithTheReasonAndTheOthersStillWork) {
  const Hostile &hostile = GetParam();
  const std::string file = std::string("key_type-") + hostile.name;
  const PluginFolder folder{"key_type-good", file.c_str()};
  folder.link("key_type-good.so", "key_type-fine");

  for (const bool good_first : {true, false}) {
    DynamicPluginSet set({folder.path()});
    if (good_first) {
      ASSERT_TRUE(succeeded(set.key_type("good")));
    }
    const auto type = set.key_type(hostile.name);
    ASSERT_FALSE(type);
    EXPECT_EQ(type.error().message, refused(folder.file(file), hostile.why));
    EXPECT_EQ(type.error().hint, hostile.hint);
    EXPECT_TRUE(succeeded(set.key_type("good"))) << "after the refusal";
    EXPECT_EQ(message(set, hostile.name), refused(folder.file(file), hostile.why)) << "the second time";
  }

  DynamicPluginSet set({folder.path()});
  const PluginInventory inventory = set.inventory();
  EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good"));
  EXPECT_THAT(refusals_of(inventory),
              ElementsAre(folder.file(file) + ": " + hostile.why + (hostile.hint.empty() ? "" : "; " + hostile.hint)));
  EXPECT_EQ(loaded(folder.file(file)), 0);
}

constexpr const char *other_layout = "its data types are laid out in another way than this program's";
constexpr const char *other_layout_hint =
    "build the plugin with the same standard library, without _GLIBCXX_DEBUG and with its new strings";

INSTANTIATE_TEST_SUITE_P(
    All, HostilePlugin,
    ::testing::Values(
        Hostile{"no-descriptor", "it has no plugin descriptor (the symbol ntpkeygen_plugin)"},
        Hostile{"wrong-magic", "its descriptor does not begin with the magic words of a plugin"},
        Hostile{"wrong-abi",
                "it was built for plugin interface 4000000000, this program has " + std::to_string(abi::version),
                "build the plugin with the headers of this program's version"},
        Hostile{"other-layout", other_layout, other_layout_hint},
        Hostile{"old-strings", other_layout, other_layout_hint}, Hostile{"debug-mode", other_layout, other_layout_hint},
        Hostile{"other-name",
                "its descriptor is that of the key type 'somebody-else', which its file name does not say"},
        Hostile{"other-kind",
                "its descriptor is that of the MAC engine 'other-kind', which its file name does not say"},
        Hostile{"unknown-kind", "its descriptor is that of an unknown kind, which its file name does not say"},
        Hostile{"null-name", "its descriptor lacks a name, a version, a summary or a function to enroll with"},
        Hostile{"null-enroll", "its descriptor lacks a name, a version, a summary or a function to enroll with"},
        Hostile{"throws-exception", "it threw an exception while enrolling: the fixture is out of sorts"},
        Hostile{"lets-exceptions-out-shared", "it threw an exception while enrolling: the fixture is out of sorts"},
        Hostile{"lets-exceptions-out-static", "it threw an exception while enrolling: the fixture is out of sorts"},
        Hostile{"throws-int", "it threw something that is no std::exception while enrolling"},
        Hostile{"returns-error", "the fixture has no crystal", "buy a crystal"},
        Hostile{"out-of-memory", "out of memory"},             //
        Hostile{"null", "a key type that it enrolls is null"}, //
        Hostile{"nothing", "it does not provide the key type 'nothing'"}),
    [](const auto &test) {
      std::string name = test.param.name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

TEST(HostilePlugins, ATextFileIsRefused) {
  const PluginFolder folder{"key_type-good"};
  const std::string text = folder.write("key_type-text", "this is no shared object, whatever its name says\n");
  const std::string short_text = folder.write("key_type-short", "no");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "text"), refused(text, "it is no shared object"));
  EXPECT_EQ(message(set, "short"), refused(short_text, "it is no shared object"));
  EXPECT_TRUE(succeeded(set.key_type("good")));
}

// The dynamic loader would touch pages that are not there, and the process die by SIGBUS.
TEST(HostilePlugins, AFileThatIsCutShortIsRefused) {
  const PluginFolder folder{"key_type-good", "key_type-right"};
  const auto whole = fs::file_size(folder.file("key_type-right"));
  DynamicPluginSet set({folder.path()});
  std::vector<std::string> files;
  for (const std::uintmax_t size : {whole / 4, whole / 2, whole * 3 / 4, whole - 1, std::uintmax_t{4096},
                                    std::uintmax_t{1000}, std::uintmax_t{17}, std::uintmax_t{3}, std::uintmax_t{0}}) {
    const std::string name = "cut-" + std::to_string(size);
    files.push_back(folder.add("key_type-right", "key_type-" + name));
    fs::resize_file(files.back(), size);
    EXPECT_EQ(message(set, name), refused(files.back(), "it is cut short: an interrupted copy or upgrade?"));
    EXPECT_EQ(hint(set, name), "install it again");
  }
  const PluginInventory inventory = set.inventory();
  EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good", "key_type right"));
  EXPECT_EQ(inventory.refused.size(), files.size());
}

TEST(HostilePlugins, HeadersThatSpeakOfMoreThanTheFileHasAreRefused) {
  struct Change {
    std::size_t at;
    std::vector<unsigned char> bytes;
    std::string why;
  };
  const std::string other_machine = "it is no shared object for this machine";
  const std::string cut_short = "it is cut short: an interrupted copy or upgrade?";
  const std::vector<unsigned char> largest(sizeof(ElfW(Off)), 0xff);
  constexpr std::size_t headers = sizeof(ElfW(Ehdr)); // where linkers put them
  const std::vector<Change> changes{
      {EI_CLASS, {9}, other_machine},
      {EI_DATA, {9}, other_machine},
      {offsetof(ElfW(Ehdr), e_machine), {0xfe, 0xca}, other_machine},
      {offsetof(ElfW(Ehdr), e_type), {ET_CORE, ET_CORE}, other_machine},
      {offsetof(ElfW(Ehdr), e_phentsize), {1, 1}, other_machine},
      {offsetof(ElfW(Ehdr), e_phnum), {0xff, 0xff}, cut_short},
      {offsetof(ElfW(Ehdr), e_phoff), largest, cut_short},
      {offsetof(ElfW(Ehdr), e_shoff), largest, cut_short},
      {headers + offsetof(ElfW(Phdr), p_offset), largest, cut_short},
      {headers + offsetof(ElfW(Phdr), p_filesz), largest, cut_short},
      {headers + sizeof(ElfW(Phdr)) + offsetof(ElfW(Phdr), p_filesz), largest, cut_short},
  };
  const PluginFolder folder{"key_type-good"};
  DynamicPluginSet set({folder.path()});
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto &[at, bytes, why] = changes[i];
    const std::string name = "changed-" + std::to_string(i);
    const std::string file = folder.add("key_type-right", "key_type-" + name);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at));
    for (const unsigned char byte : bytes)
      stream.put(static_cast<char>(byte));
    stream.close();
    EXPECT_EQ(message(set, name), refused(file, why)) << at;
  }
  EXPECT_TRUE(succeeded(set.key_type("good")));
}

TEST(HostilePlugins, AMissingSymbolIsFoundWhenTheFileIsOpened) {
  const PluginFolder folder{"key_type-good", "key_type-missing-symbol"};
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "missing-symbol"),
            refused(folder.file("key_type-missing-symbol"),
                    "it cannot be loaded: undefined symbol: _Z30a_function_that_nobody_definesv"));
  EXPECT_TRUE(succeeded(set.key_type("good")));
}

TEST(HostilePlugins, TheDescriptorOfADependencyIsNotItsOwn) {
  const PluginFolder folder{"key_type-good", "key_type-borrowed-descriptor"};
  DynamicPluginSet set({folder.path()});
  EXPECT_THAT(message(set, "borrowed-descriptor"),
              ::testing::AllOf(HasSubstr(refused(folder.file("key_type-borrowed-descriptor"),
                                                 "it has no plugin descriptor of its own; the symbol ntpkeygen_plugin "
                                                 "is that of '")),
                               EndsWith("/libhostile_descriptor_owner.so'")));
  EXPECT_TRUE(succeeded(set.key_type("good")));
}

TEST(HostilePlugins, OnlyTheFileOfANameMayEnrollIt) {
  const PluginFolder folder{"key_type-good", "key_type-taken-name", "key_type-taken-alias", "key_type-goes-on"};
  folder.link("key_type-good.so", "key_type-fine");
  const std::string taken_name =
      refused(folder.file("key_type-taken-name"),
              "it enrolls the key type 'GOOD', a name that is taken by '" + folder.file("key_type-good") + "'");
  const std::string taken_alias =
      refused(folder.file("key_type-taken-alias"),
              "it enrolls the key type 'fine', a name that is taken by '" + folder.file("key_type-fine") + "'");
  for (const bool good_first : {true, false}) {
    DynamicPluginSet set({folder.path()});
    if (good_first) {
      ASSERT_TRUE(succeeded(set.key_type("good")));
    }
    EXPECT_EQ(message(set, "taken-name"), taken_name);
    EXPECT_EQ(message(set, "taken-alias"), taken_alias);
    EXPECT_THAT(hint(set, "taken-alias"), HasSubstr("'cp -a'"));
    EXPECT_THAT(message(set, "goes-on"), HasSubstr("a name that is taken by"));
    EXPECT_TRUE(succeeded(set.key_type("good")));
    EXPECT_TRUE(succeeded(set.key_type("fine")));
  }
  DynamicPluginSet set({folder.path()});
  const PluginInventory inventory = set.inventory();
  EXPECT_THAT(names_of(inventory), ElementsAre("key_type Good"));
  EXPECT_EQ(inventory.refused.size(), 3U);
}

TEST(HostilePlugins, ANameWithoutAFileIsTakenByTheFirstThatEnrollsIt) {
  const PluginFolder folder{"key_type-good", "key_type-taken-alias"}; // no file says whose "fine" is
  DynamicPluginSet set({folder.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  EXPECT_EQ(message(set, "taken-alias"),
            refused(folder.file("key_type-taken-alias"),
                    "the alias 'fine' of the key type 'taken-alias' is taken by the key type 'Good'"));
}

TEST(HostilePlugins, APlantedNameInAFolderThatOthersMayWriteTakesNothing) {
  const PluginFolder planted{"key_type-right"}, folder{"key_type-good"};
  fs::rename(planted.file("key_type-right"), planted.file("key_type-fine"));
  fs::permissions(planted.path(), fs::perms(0777));
  DynamicPluginSet set({planted.path(), folder.path()});
  EXPECT_TRUE(succeeded(set.key_type("good"))) << "Good has the alias Fine";
  fs::permissions(planted.path(), fs::perms(0700));
}

TEST(HostilePlugins, ALinkToAPluginThatDoesNotProvideTheNameIsRefused) {
  const PluginFolder folder{"key_type-good"};
  folder.link("key_type-good.so", "key_type-excellent");
  folder.link("key_type-good.so", "mac_engine-good");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "excellent"),
            refused(folder.file("key_type-excellent"), "it does not provide the key type 'excellent'"));
  const auto engine = set.mac_engine("good");
  ASSERT_TRUE(failed_with(engine, ErrorCode::plugin_fault));
  EXPECT_EQ(engine.error().message,
            refused(folder.file("mac_engine-good"), "it does not provide the MAC engine 'good'"));
  EXPECT_TRUE(succeeded(set.key_type("good")));
  EXPECT_THAT(refusals_of(set.inventory()),
              ElementsAre(folder.file("key_type-excellent") + ": it does not provide the key type 'excellent'",
                          folder.file("mac_engine-good") + ": it does not provide the MAC engine 'good'"));
}

TEST(HostilePlugins, AnAliasThatAnotherPluginProvidesIsNotEnough) {
  const PluginFolder folder{"key_type-good", "key_type-right"};
  folder.link("key_type-right.so", "key_type-fine"); // is Good's
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "fine"), refused(folder.file("key_type-fine"), "it does not provide the key type 'fine'"));
  EXPECT_EQ(message(set, "good"),
            refused(folder.file("key_type-good"),
                    "it enrolls the key type 'Fine', a name that is taken by '" + folder.file("key_type-fine") + "'"));
}

TEST(HostilePlugins, AThingOfAnotherPluginIsNotEnoughEither) {
  const PluginFolder folder{"key_type-good"}, later{"key_type-right"};
  later.link("key_type-right.so", "key_type-good");
  DynamicPluginSet set({folder.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  set.search_first({later.path()});
  EXPECT_EQ(message(set, "good"), refused(later.file("key_type-good"), "it does not provide the key type 'good'"));
}

TEST(HostilePlugins, LinksThatLeadNowhereAndWhatIsNoFileAreRefused) {
  const PluginFolder folder{"key_type-good"};
  folder.link("key_type-gone.so", "key_type-dangling");
  folder.link("key_type-circular.so", "key_type-circular");
  fs::create_directory(folder.file("key_type-folder"));
  ASSERT_EQ(::mkfifo(folder.file("key_type-fifo").c_str(), 0600), 0);
  folder.link("/dev/zero", "key_type-device");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "dangling"),
            refused(folder.file("key_type-dangling"), "it is a link that leads nowhere: No such file or directory"));
  EXPECT_EQ(message(set, "circular"), refused(folder.file("key_type-circular"),
                                              "it is a link that leads nowhere: Too many levels of symbolic links"));
  EXPECT_EQ(message(set, "folder"), refused(folder.file("key_type-folder"), "it is not a regular file"));
  EXPECT_EQ(message(set, "fifo"), refused(folder.file("key_type-fifo"), "it is not a regular file"));
  EXPECT_EQ(message(set, "device"), refused("/dev/zero", "it is not a regular file"));
  EXPECT_TRUE(succeeded(set.key_type("good")));
  EXPECT_EQ(set.inventory().refused.size(), 5U);
}

TEST(HostilePlugins, ALinkToAFileWithAnotherNameIsRefused) {
  const PluginFolder folder{"key_type-good"};
  fs::rename(folder.file("key_type-good"), folder.path() + "/libgood.so.1");
  folder.link("libgood.so.1", "key_type-good");
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(message(set, "good"), refused(folder.path() + "/libgood.so.1", "its file name is not <kind>-<name>.so"));
}

TEST(HostilePlugins, AFileNameIsRefusedForWhatIsWrongWithIt) {
  const std::string wanted = "its file name is not <kind>-<name>.so: ";
  for (const auto &[name, flaw] :
       {std::pair("key_typ-good",
                  "the kinds are random_source, key_type, key_file_format, key_file_reader, mac_engine, "
                  "entropy_assessment"),
        {"key_type-Good", "it has capitals"},
        {"key_type-go od", "a name has 1 to 64 of a-z 0-9 @ . + _ -"}}) {
    const PluginFolder folder{"key_type-good"};
    fs::rename(folder.file("key_type-good"), folder.file(name));
    DynamicPluginSet set({});
    const auto opened = set.open_file(folder.file(name));
    ASSERT_FALSE(opened) << name;
    EXPECT_THAT(opened.error().message, EndsWith(wanted + flaw));
  }
}

TEST(HostilePlugins, ANameIsNoPathOfAPlugin) {
  DynamicPluginSet set({});
  for (const auto &[given, hint] :
       {std::pair("sha224", "give the path of the file, such as build/plugins/key_type-sha224.so"), {"./sha224", ""}}) {
    const auto opened = set.open_file(given);
    ASSERT_FALSE(opened) << given;
    EXPECT_EQ(opened.error().hint, hint);
  }
}

TEST(HostilePlugins, TheProgramItselfIsNoPlugin) {
  const PluginFolder folder;
  fs::create_symlink("/proc/self/exe", folder.file("key_type-self"));
  DynamicPluginSet set({folder.path()});
  EXPECT_THAT(message(set, "self"), HasSubstr("is refused: "));
  // A hard link to it has a name that fits, and Boost.DLL opens it as the running program.
  std::error_code failed;
  fs::create_hard_link(fs::read_symlink("/proc/self/exe"), folder.file("key_type-program"), failed);
  if (failed)
    GTEST_SKIP() << "no hard link to the test program can be made: " << failed.message();
  EXPECT_THAT(message(set, "program"), HasSubstr("is refused: it "));
}

TEST(HostilePlugins, ARefusedPluginIsNotOpenedAgain) {
  const EnvironmentVariable counter("NTPKEYGEN_FIXTURE_ENROLLED", nullptr);
  const PluginFolder folder{"key_type-throws-exception"};
  folder.link("key_type-throws-exception.so", "key_type-alias");
  DynamicPluginSet set({folder.path()});
  EXPECT_FALSE(set.key_type("throws-exception"));
  EXPECT_FALSE(set.key_type("alias"));
  const PluginInventory inventory = set.inventory();
  EXPECT_EQ(inventory.refused.size(), 1U) << "one file, one row";
  EXPECT_STREQ(std::getenv("NTPKEYGEN_FIXTURE_ENROLLED"), "1");
}

// ---- where plugins may lie

class PathRules : public ::testing::Test {
protected:
  void expect_refused(const std::string &why, const std::string &remedy) {
    DynamicPluginSet set({plugins_});
    const auto type = set.key_type("good");
    ASSERT_TRUE(failed_with(type, ErrorCode::plugin_fault));
    EXPECT_EQ(type.error().message, refused(file_, why));
    EXPECT_EQ(type.error().hint, remedy);
    EXPECT_EQ(loaded(file_), 0);
    EXPECT_THAT(refusals_of(set.inventory()), ElementsAre(file_ + ": " + why + "; " + remedy));
  }
  void expect_opened() {
    DynamicPluginSet set({plugins_});
    EXPECT_TRUE(succeeded(set.key_type("good")));
  }
  void SetUp() override {
    fs::create_directories(plugins_);
    fs::permissions(top_, fs::perms(0755));
    fs::permissions(plugins_, fs::perms(0755));
    fs::copy_file(fs::path(NTPKEYGEN_HOSTILE_PLUGINS) / "key_type-good.so", file_);
    fs::permissions(file_, fs::perms(0644));
  }

  const TemporaryFolder folder_;
  const std::string top_ = folder_.file("top");
  const std::string plugins_ = top_ + "/plugins";
  const std::string file_ = plugins_ + "/key_type-good.so";
};

TEST_F(PathRules, NobodyElseMayWrite) {
  expect_opened();
}

TEST_F(PathRules, AFileThatOthersMayWriteIsRefused) {
  fs::permissions(file_, fs::perms(0646));
  expect_refused("the file '" + file_ + "' can be written by every user", "chmod go-w '" + file_ + "'");
}

TEST_F(PathRules, AFolderThatOthersMayWriteIsRefused) {
  fs::permissions(plugins_, fs::perms(0757));
  expect_refused("the folder '" + plugins_ + "' can be written by every user", "chmod go-w '" + plugins_ + "'");
}

TEST_F(PathRules, AStickyFolderIsNoPlaceForFiles) {
  fs::permissions(plugins_, fs::perms(01777));
  expect_refused("the folder '" + plugins_ + "' can be written by every user", "chmod go-w '" + plugins_ + "'");
}

TEST_F(PathRules, AFolderAboveThatOthersMayWriteIsRefused) {
  fs::permissions(top_, fs::perms(0757));
  expect_refused("the folder '" + top_ + "' can be written by every user", "chmod go-w '" + top_ + "'");
}

TEST_F(PathRules, AStickyFolderAboveIsGoodEnough) {
  fs::permissions(top_, fs::perms(01777));
  expect_opened();
}

TEST_F(PathRules, AnUntrustedFolderWithoutPluginsHasARowOfItsOwn) {
  fs::remove(file_);
  fs::permissions(plugins_, fs::perms(0777));
  DynamicPluginSet set({plugins_});
  EXPECT_THAT(refusals_of(set.inventory()),
              ElementsAre(plugins_ + ": the folder '" + plugins_ + "' can be written by every user; chmod go-w '" +
                          plugins_ + "'"));
}

TEST_F(PathRules, OtherFoldersStillWork) {
  fs::permissions(plugins_, fs::perms(0777));
  const PluginFolder other{"key_type-right"};
  DynamicPluginSet set({plugins_, other.path()});
  EXPECT_TRUE(succeeded(set.key_type("right")));
  EXPECT_FALSE(set.key_type("good"));
  EXPECT_THAT(names_of(set.inventory()), ElementsAre("key_type right"));
}

TEST_F(PathRules, TheRealFileCountsAndTheFolderOfTheLink) {
  const TemporaryFolder links;
  fs::create_symlink(file_, links.file("key_type-good.so"));
  fs::create_symlink(file_, links.file("key_type-fine.so"));
  DynamicPluginSet good({links.path()});
  EXPECT_TRUE(succeeded(good.key_type("good")));

  fs::permissions(plugins_, fs::perms(0777));
  DynamicPluginSet real({links.path()});
  EXPECT_EQ(message(real, "fine"), refused(file_, "the folder '" + plugins_ + "' can be written by every user"));

  fs::permissions(plugins_, fs::perms(0755));
  fs::permissions(links.path(), fs::perms(0777));
  DynamicPluginSet link({links.path()});
  EXPECT_EQ(message(link, "fine"), refused(links.file("key_type-fine.so"),
                                           "the folder '" + links.path().string() + "' can be written by every user"));
}

// A group that is certainly not private: this user's, but with another name, or with other members.
std::optional<gid_t> shared_group() {
  for (gid_t group = 1; group < 1000; ++group) {
    const ::group *entry = ::getgrgid(group);
    const ::passwd *user = ::getpwuid(::geteuid());
    if (entry != nullptr && user != nullptr && group != user->pw_gid)
      return group;
  }
  return std::nullopt;
}

TEST_F(PathRules, AGroupThatMayWriteMustBeTheOwnersOwn) {
  const auto group = shared_group();
  for (const std::string &path : {file_, plugins_, top_}) {
    if (!group || ::chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
      GTEST_SKIP() << "this user cannot give a file to a group that is not its own";
    const fs::perms old = fs::status(path).permissions();
    fs::permissions(path, fs::perms(0775));
    expect_refused((path == file_ ? "the file '" : "the folder '") + path + "' can be written by group " +
                       std::to_string(*group),
                   "chmod g-w '" + path + "'");
    fs::permissions(path, old);
  }
  expect_opened();
}

// The name of a user whose group bears it and has no other members; empty: this user is none.
std::string user_with_private_group() {
  const ::passwd *user = ::getpwuid(::geteuid());
  const ::group *group = user != nullptr ? ::getgrgid(user->pw_gid) : nullptr;
  return group != nullptr && std::string(user->pw_name) == group->gr_name && group->gr_mem[0] == nullptr ? user->pw_name
                                                                                                         : "";
}

TEST_F(PathRules, TheOwnersPrivateGroupMayWrite) {
  if (user_with_private_group().empty())
    GTEST_SKIP() << "this user has no private group";
  const ::passwd *user = ::getpwuid(::geteuid());
  for (const std::string &path : {file_, plugins_, top_}) {
    ASSERT_EQ(::chown(path.c_str(), static_cast<uid_t>(-1), user->pw_gid), 0);
    fs::permissions(path, fs::perms(0775));
  }
  expect_opened();
}

TEST_F(PathRules, AGroupWithAnotherMemberIsNotPrivate) {
  test::in_child([&] {
    const std::string user = user_with_private_group();
    const ::gid_t group = ::getpwuid(::geteuid())->pw_gid;
    const std::string groups = folder_.file("group");
    const auto with_members = [&](const std::string &members) {
      std::ofstream(groups) << user << ":x:" << group << ":" << members << "\n";
    };
    with_members(user);
    if (user.empty() || ::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(groups.c_str(), "/etc/group", nullptr, MS_BIND, nullptr) != 0)
      throw test::CannotRunHere("no other groups can be put in the place of this machine's");
    fs::permissions(file_, fs::perms(0664));
    expect_opened();
    for (const std::string &members : {std::string("mallory"), user + ",mallory", "mallory," + user}) {
      with_members(members);
      expect_refused("the file '" + file_ + "' can be written by group " + std::to_string(group),
                     "chmod g-w '" + file_ + "'");
    }
  });
}

TEST_F(PathRules, WithAnAccessListNoGroupIsPrivate) {
  if (user_with_private_group().empty())
    GTEST_SKIP() << "this user has no private group";
  fs::permissions(file_, fs::perms(0664));
  expect_opened();
  if (!test::open_to_one_more_user(file_))
    GTEST_SKIP() << "this file system has no access control lists";
  expect_refused("the file '" + file_ + "' can be written by group " + std::to_string(::getpwuid(::geteuid())->pw_gid),
                 "chmod g-w '" + file_ + "'");
}

constexpr const char *another_users_remedy = "run this as that user, or install it where root or you own it";

TEST_F(PathRules, AnotherUsersFilesAndFoldersAreRefused) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can give a file to another user";
  for (const std::string &path : {file_, plugins_, top_}) {
    ASSERT_EQ(::chown(path.c_str(), 54321, static_cast<gid_t>(-1)), 0);
    expect_refused((path == file_ ? "the file '" : "the folder '") + path +
                       "' belongs to user 54321, not to root or the user who runs this",
                   another_users_remedy);
    ASSERT_EQ(::chown(path.c_str(), 0, static_cast<gid_t>(-1)), 0);
  }
  ASSERT_EQ(::chown(top_.c_str(), 54321, static_cast<gid_t>(-1)), 0);
  fs::permissions(top_, fs::perms(01777));
  expect_refused("the folder '" + top_ + "' belongs to user 54321, not to root or the user who runs this",
                 another_users_remedy);
}

// ---- what there is

TEST(Inventory, TellsOfEverythingThatPluginsProvide) {
  const PluginFolder folder{"key_type-good", "mac_engine-fake", "random_source-absent"};
  folder.link("key_type-good.so", "key_type-fine");
  folder.link("random_source-absent.so", "random_source-absent-file");
  folder.write("garbage", "text");
  DynamicPluginSet set({folder.path()});
  const PluginInventory inventory = set.inventory();
  ASSERT_THAT(names_of(inventory),
              ElementsAre("random_source absent", "random_source absent-file", "key_type Good", "mac_engine fake"));
  const auto &[kind, name, version, path, summary, available, reason] = inventory.plugins[2];
  EXPECT_EQ(kind, PluginKind::key_type);
  EXPECT_EQ(version, "1.2.3");
  EXPECT_EQ(path, folder.file("key_type-good"));
  EXPECT_EQ(summary, "a key type for tests");
  EXPECT_TRUE(available);
  EXPECT_EQ(reason, "");
  EXPECT_EQ(inventory.plugins[3].summary, "a fixture") << "a MAC engine has no summary but the plugin's";

  EXPECT_FALSE(inventory.plugins[0].available);
  EXPECT_EQ(inventory.plugins[0].reason, "no such device");
  EXPECT_TRUE(inventory.plugins[1].available) << "without its argument, nobody can know";

  EXPECT_THAT(refusals_of(inventory),
              ElementsAre(folder.file("garbage") +
                          ": its file name is not <kind>-<name>.so: the kinds are random_source, key_type, "
                          "key_file_format, key_file_reader, mac_engine, entropy_assessment"));
  EXPECT_EQ(set.inventory().plugins.size(), 4U) << "the same again";
}

TEST(Inventory, SaysWhichFoldersCannotBeListed) {
  if (::geteuid() == 0)
    GTEST_SKIP() << "root can list every folder";
  const PluginFolder folder{"key_type-good"};
  fs::permissions(folder.path(), fs::perms(0300));
  DynamicPluginSet set({folder.path()});
  EXPECT_THAT(refusals_of(set.inventory()),
              ElementsAre(folder.path() + ": the folder cannot be listed: Permission denied"));
  EXPECT_TRUE(succeeded(set.key_type("good")));
  fs::permissions(folder.path(), fs::perms(0700));
}

// ---- Botan's pool

std::string pool_size_seen_by(DynamicPluginSet &set) {
  const auto engine = set.mac_engine("fake");
  if (!engine)
    return engine.error().message;
  return (*engine)->prepare({}, {}).error().message;
}

TEST(BotansPool, IsMadeSmallBeforeAPluginThatMayUseItIsOpened) {
  const EnvironmentVariable unset("BOTAN_MLOCK_POOL_SIZE", nullptr);
  const PluginFolder folder{"mac_engine-fake", "key_type-good"};
  DynamicPluginSet set({folder.path()});
  ASSERT_TRUE(succeeded(set.key_type("good")));
  EXPECT_EQ(std::getenv("BOTAN_MLOCK_POOL_SIZE"), nullptr) << "key types are data";
  EXPECT_EQ(pool_size_seen_by(set), "pool size 16");
}

TEST(BotansPool, IsLeftAloneWhereItIsSet) {
  const EnvironmentVariable set_by_user("BOTAN_MLOCK_POOL_SIZE", "64");
  const PluginFolder folder{"mac_engine-fake"};
  DynamicPluginSet set({folder.path()});
  EXPECT_EQ(pool_size_seen_by(set), "pool size 64");
}

// ---- the folders that are searched by themselves

TEST(DefaultFolders, AreTheEnvironmentsThenTheProgramsThenTheInstalledOne) {
  const EnvironmentVariable path("NTPKEYGEN_PLUGIN_PATH", "/b::relative:/b:/a:");
  const std::vector<std::string> folders = default_plugin_folders();
  ASSERT_EQ(folders.size(), 5U);
  EXPECT_THAT(std::vector(folders.begin(), folders.begin() + 3), ElementsAre("/b", "relative", "/a"));
  const fs::path program = fs::read_symlink("/proc/self/exe");
  EXPECT_EQ(folders[3], program.parent_path().parent_path() / "lib/ntpkeygen/plugins");
  EXPECT_THAT(folders[4], EndsWith("/lib/ntpkeygen/plugins"));
}

TEST(DefaultFolders, NeedNoEnvironment) {
  const EnvironmentVariable unset("NTPKEYGEN_PLUGIN_PATH", nullptr);
  EXPECT_EQ(default_plugin_folders().size(), 2U);
  const EnvironmentVariable empty("NTPKEYGEN_PLUGIN_PATH", "");
  EXPECT_EQ(default_plugin_folders().size(), 2U);
}

TEST(DefaultFolders, NeedNoTwinOfTheInstalledOne) {
  const std::string installed = default_plugin_folders().back();
  const EnvironmentVariable path("NTPKEYGEN_PLUGIN_PATH", installed.c_str());
  const std::vector<std::string> folders = default_plugin_folders();
  EXPECT_EQ(folders.front(), installed);
  EXPECT_EQ(std::ranges::count(folders, installed), 1);
}

// A set-uid program of another user than the one who starts it: what the environment and --plugin-dir say is not heard.
TEST(DefaultFolders, AreTheInstalledOneAloneWithBorrowedPrivileges) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can make a set-uid program of another user";
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const std::string program = folder.file("plugin_folders");
  fs::copy_file(NTPKEYGEN_PLUGIN_FOLDERS_PROGRAM, program);
  ASSERT_EQ(::chown(program.c_str(), 65534, 65534), 0);
  fs::permissions(program, fs::perms(04755));

  const EnvironmentVariable path("NTPKEYGEN_PLUGIN_PATH", "/b");
  const auto output_of = [](const std::string &command) {
    std::string output;
    FILE *pipe = ::popen(command.c_str(), "r");
    for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;)
      output += static_cast<char>(c);
    return pipe == nullptr || ::pclose(pipe) != 0 ? "the helper failed" : output;
  };
  const std::string plain = output_of(NTPKEYGEN_PLUGIN_FOLDERS_PROGRAM);
  EXPECT_THAT(plain, HasSubstr("/b\n"));
  EXPECT_THAT(plain, EndsWith("the folder '/tmp' can be written by every user\n"));

  const std::string borrowed = output_of(program);
  if (borrowed.find("AT_SECURE 0\n") != std::string::npos)
    GTEST_SKIP() << "the temporary folder's file system takes no set-uid programs";
  EXPECT_EQ(borrowed, "AT_SECURE 1\n" + default_plugin_folders().back() +
                          "\nthe plugin folder '/tmp' cannot be used: this program has more privileges than the user "
                          "who runs it\n");
}

} // namespace
} // namespace ntpkeygen
