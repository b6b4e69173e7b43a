// What every FileSystem has to do, so that tests over the one in memory say something about the real one.
#include "ntpkeygen/host/posix_file_system.hpp"

#include "support/memory_file_system.hpp"
#include "support/plain_memory.hpp"
#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Kind = FileStatus::Kind;

struct MemoryWorld {
  MemoryWorld() { files.add_folder(path); }
  std::string path = "/keys";
  test::MemoryFileSystem files;
};
struct PosixWorld {
  test::TemporaryFolder temporary;
  std::string path = temporary.path();
  PosixFileSystem files;
};

template <class World> class FileSystemTest : public ::testing::Test {
protected:
  FileSystemTest() : folder(std::move(*world.files.open_folder(world.path))) {}

  void make_file(const std::string &name, std::string_view content) {
    auto file = folder->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded((*file)->write(std::as_bytes(std::span(content)))));
    ASSERT_TRUE(succeeded((*file)->publish(name)));
  }
  std::string content(const std::string &name) {
    const Result<SecretText> text = folder->read(name, 1000, memory);
    return text ? std::string(text->reveal_text()) : "error: " + text.error().message;
  }
  bool exists(const std::string &name) { return folder->status(name).value().has_value(); }

  World world;
  test::PlainMemory memory;
  std::unique_ptr<Folder> folder;
};

using Worlds = ::testing::Types<MemoryWorld, PosixWorld>;
class WorldNames {
public:
  template <class World> static std::string GetName(int) {
    return std::is_same_v<World, PosixWorld> ? "Posix" : "Memory";
  }
};
TYPED_TEST_SUITE(FileSystemTest, Worlds, WorldNames);

TYPED_TEST(FileSystemTest, OpensFoldersOnly) {
  EXPECT_EQ(this->folder->path(), this->world.path);
  EXPECT_EQ(this->folder->path_of("a"), this->world.path + "/a");
  const auto missing = this->world.files.open_folder(this->world.path + "/missing");
  ASSERT_TRUE(failed_with(missing, ErrorCode::not_found));
  EXPECT_EQ(missing.error().sys_errno, ENOENT);
  EXPECT_THAT(missing.error().message, HasSubstr(this->world.path + "/missing"));
  this->make_file("file", "");
  EXPECT_TRUE(failed_with(this->world.files.open_folder(this->world.path + "/file"), ErrorCode::invalid_argument));
}

TYPED_TEST(FileSystemTest, NewFileHasNoNameUntilItIsPublished) {
  auto file = this->folder->create();
  ASSERT_TRUE(succeeded(file));
  constexpr std::string_view text = "1 AES abc\n";
  ASSERT_TRUE(succeeded((*file)->write(std::as_bytes(std::span(text)))));
  ASSERT_TRUE(succeeded((*file)->write(std::as_bytes(std::span(text)))));
  ASSERT_TRUE(succeeded((*file)->set_mode(0640)));
  ASSERT_TRUE(succeeded((*file)->sync()));
  EXPECT_FALSE(this->exists("keys"));
  ASSERT_TRUE(succeeded((*file)->publish("keys")));
  EXPECT_EQ(this->content("keys"), "1 AES abc\n1 AES abc\n");
  const FileStatus status = this->folder->status("keys").value().value();
  EXPECT_EQ(status.kind, Kind::regular);
  EXPECT_EQ(status.mode, 0640U);
  EXPECT_EQ(status.size, 20U);
}

TYPED_TEST(FileSystemTest, PublishNeverReplacesAndCanBeTriedAgain) {
  this->make_file("taken", "old");
  ASSERT_TRUE(succeeded(this->folder->make_link("dangling", "link")));
  auto file = this->folder->create();
  ASSERT_TRUE(succeeded(file));
  constexpr std::string_view text = "new";
  ASSERT_TRUE(succeeded((*file)->write(std::as_bytes(std::span(text)))));
  for (const char *name : {"taken", "link"}) {
    const Result<void> published = (*file)->publish(name);
    ASSERT_TRUE(failed_with(published, ErrorCode::already_exists));
    EXPECT_THAT(published.error().message, HasSubstr(this->folder->path_of(name)));
  }
  EXPECT_EQ(this->content("taken"), "old");
  EXPECT_FALSE(this->exists("dangling"));
  ASSERT_TRUE(succeeded((*file)->publish("free")));
  EXPECT_EQ(this->content("free"), "new");
}

TYPED_TEST(FileSystemTest, NamesOf256CharactersAreRefused) {
  auto file = this->folder->create();
  ASSERT_TRUE(succeeded(file));
  EXPECT_TRUE(failed_with((*file)->publish(std::string(256, 'n')), ErrorCode::invalid_argument));
  EXPECT_TRUE(succeeded((*file)->publish(std::string(255, 'n'))));
}

TYPED_TEST(FileSystemTest, StatusTellsLinksFromWhatTheyPointTo) {
  this->make_file("file", "abc");
  ASSERT_TRUE(succeeded(this->folder->make_link("file", "link")));
  ASSERT_TRUE(succeeded(this->folder->make_link("nowhere", "dangling")));
  EXPECT_EQ(this->folder->status("nothing").value(), std::nullopt);
  EXPECT_EQ(this->folder->status("file").value()->kind, Kind::regular);
  EXPECT_EQ(this->folder->status("link").value()->kind, Kind::link);
  EXPECT_EQ(this->folder->status("dangling").value()->kind, Kind::link);
  EXPECT_EQ(this->folder->status(".").value()->kind, Kind::folder);
  EXPECT_EQ(this->folder->target_status("nothing").value(), std::nullopt);
  EXPECT_EQ(this->folder->target_status("file").value()->size, 3U);
  EXPECT_EQ(this->folder->target_status("link").value()->kind, Kind::regular);
  EXPECT_EQ(this->folder->target_status("dangling").value(), std::nullopt);
  EXPECT_EQ(this->folder->link_target("nothing").value(), std::nullopt);
  EXPECT_EQ(this->folder->link_target("file").value(), std::nullopt);
  EXPECT_EQ(this->folder->link_target("link").value(), "file");
  EXPECT_EQ(this->folder->is_link_to("link", "file").value(), true);
  EXPECT_EQ(this->folder->is_link_to("link", "fil").value(), false);
  EXPECT_EQ(this->folder->is_link_to("file", "file").value(), false);
  EXPECT_EQ(this->folder->is_link_to("nothing", "").value(), false);
  EXPECT_EQ(this->folder->leads_somewhere("link").value(), true);
  EXPECT_EQ(this->folder->leads_somewhere("dangling").value(), false);
  EXPECT_EQ(this->folder->leads_somewhere("nothing").value(), false);
}

TYPED_TEST(FileSystemTest, NamesWhatIsInAFolder) {
  EXPECT_THAT(this->folder->names().value(), IsEmpty());
  for (const char *name : {"b", ".a", "B", "a"})
    this->make_file(name, "");
  ASSERT_TRUE(succeeded(this->folder->make_link("nowhere", "link")));
  EXPECT_THAT(this->folder->names().value(), ElementsAre(".a", "B", "a", "b", "link"));
  EXPECT_THAT(this->folder->names().value(), SizeIs(5)) << "and again";
}

TYPED_TEST(FileSystemTest, LinkNeverReplaces) {
  this->make_file("taken", "old");
  EXPECT_TRUE(failed_with(this->folder->make_link("target", "taken"), ErrorCode::already_exists));
  EXPECT_EQ(this->content("taken"), "old");
}

TYPED_TEST(FileSystemTest, ReplaceTakesThePlaceOfFilesLinksAndNothing) {
  this->make_file("file", "old");
  ASSERT_TRUE(succeeded(this->folder->make_link("file", "link")));
  for (const char *name : {"nothing", "link", "file"}) {
    this->make_file("new", name);
    ASSERT_TRUE(succeeded(this->folder->replace("new", name)));
    EXPECT_EQ(this->content(name), name);
    EXPECT_EQ(this->folder->status(name).value()->kind, Kind::regular);
    EXPECT_FALSE(this->exists("new"));
  }
  EXPECT_TRUE(failed_with(this->folder->replace("new", "file"), ErrorCode::not_found));
}

TYPED_TEST(FileSystemTest, ExchangeSwapsAFileAndALink) {
  this->make_file("file", "old");
  ASSERT_TRUE(succeeded(this->folder->make_link("target", "link")));
  ASSERT_TRUE(succeeded(this->folder->exchange("link", "file")));
  EXPECT_EQ(this->content("link"), "old");
  EXPECT_EQ(this->folder->link_target("file").value(), "target");
  EXPECT_TRUE(failed_with(this->folder->exchange("file", "nothing"), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(this->folder->exchange("nothing", "file"), ErrorCode::not_found));
}

TYPED_TEST(FileSystemTest, KeptFileHasTwoNamesUntilOneIsReplaced) {
  this->make_file("keys", "old");
  ASSERT_TRUE(succeeded(this->folder->keep_also_as("keys", "kept")));
  EXPECT_TRUE(failed_with(this->folder->keep_also_as("keys", "kept"), ErrorCode::already_exists));
  EXPECT_TRUE(failed_with(this->folder->keep_also_as("nothing", "other"), ErrorCode::not_found));
  // rename(2) leaves two names of one file as they are.
  ASSERT_TRUE(succeeded(this->folder->replace("kept", "keys")));
  EXPECT_EQ(this->content("kept"), "old");
  this->make_file("new", "new");
  ASSERT_TRUE(succeeded(this->folder->replace("new", "keys")));
  EXPECT_EQ(this->content("keys"), "new");
  EXPECT_EQ(this->content("kept"), "old");
}

TYPED_TEST(FileSystemTest, RemoveTakesANameAway) {
  this->make_file("file", "old");
  ASSERT_TRUE(succeeded(this->folder->make_link("file", "link")));
  ASSERT_TRUE(succeeded(this->folder->remove("link")));
  EXPECT_FALSE(this->exists("link"));
  EXPECT_TRUE(this->exists("file"));
  EXPECT_TRUE(failed_with(this->folder->remove("link"), ErrorCode::not_found));
}

TYPED_TEST(FileSystemTest, ReadsRegularFilesUpToTheLimit) {
  this->make_file("file", "12345");
  this->make_file("empty", "");
  ASSERT_TRUE(succeeded(this->folder->make_link("file", "link")));
  ASSERT_TRUE(succeeded(this->folder->make_link("nowhere", "dangling")));
  EXPECT_EQ(this->folder->read("link", 5, this->memory)->reveal_text(), "12345");
  EXPECT_EQ(this->folder->read("empty", 0, this->memory)->reveal_text(), "");
  EXPECT_TRUE(failed_with(this->folder->read("file", 4, this->memory), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(this->folder->read("nothing", 5, this->memory), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(this->folder->read("dangling", 5, this->memory), ErrorCode::not_found));
  EXPECT_EQ(this->memory.outstanding(), 0);
}

TYPED_TEST(FileSystemTest, FolderCanBeWrittenAndSynced) {
  EXPECT_TRUE(succeeded(this->folder->writable()));
  EXPECT_TRUE(succeeded(this->folder->sync()));
}

} // namespace
} // namespace ntpkeygen
