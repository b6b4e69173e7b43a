// What only the real file system can show. file_system_test.cpp has what holds for every one.
#include "ntpkeygen/host/posix_file_system.hpp"

#include "support/access_list.hpp"
#include "support/child_process.hpp"
#include "support/plain_memory.hpp"
#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <string>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <thread>
#include <vector>

namespace ntpkeygen {
namespace {

using namespace std::chrono_literals;
using test::failed_with;
using test::in_child;
using test::refuse_call;
using test::succeeded;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class PosixFileSystemTest : public ::testing::Test {
protected:
  std::unique_ptr<Folder> open(const std::string &name = {}) {
    Result<std::unique_ptr<Folder>> folder = files.open_folder(name.empty() ? path : path + "/" + name);
    if (!folder)
      throw std::runtime_error(folder.error().message);
    return std::move(*folder);
  }
  static Result<void> write(NewFile &file, std::string_view text) { return file.write(std::as_bytes(std::span(text))); }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto &entry : std::filesystem::directory_iterator(path))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }
  [[nodiscard]] struct stat status(const std::string &name) const {
    struct stat found{};
    EXPECT_EQ(::lstat(temporary.file(name).c_str(), &found), 0) << name;
    return found;
  }
  [[nodiscard]] std::string content(const std::string &name) const {
    std::ifstream stream(temporary.file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void open_to_everybody() const { std::filesystem::permissions(path, std::filesystem::perms::all); }

  test::TemporaryFolder temporary;
  std::string path = temporary.path();
  PosixFileSystem files;
  test::PlainMemory memory;
};

// The ways to a published file: without a name until then, or under a temporary one where that is impossible.
struct Way {
  const char *name;
  void (*prepare)(); // in a child process
};
void nothing() {}
template <int error> void without_unnamed_files() {
  refuse_call(SYS_openat, error, 2, O_TMPFILE & ~O_DIRECTORY);
}
template <int error> void without_links_to_unnamed_files() {
  refuse_call(SYS_linkat, error, 4, AT_SYMLINK_FOLLOW);
}
void without_either_nor_renaming_to_free_names_only() {
  without_unnamed_files<EOPNOTSUPP>();
  refuse_call(SYS_renameat2, EINVAL);
}
void without_proc() {
  test::mount_for_this_process("tmpfs", "/proc");
}

class NewFileTest : public PosixFileSystemTest, public ::testing::WithParamInterface<Way> {
protected:
  template <class Body> void in_prepared_child(Body &&body) {
    in_child([&] {
      GetParam().prepare();
      body();
    });
  }
};

TEST_P(NewFileTest, HasExactlyTheModeAskedForUnderAnyUmask) {
  in_prepared_child([&] {
    for (const mode_t mask : {0U, 022U, 0777U}) {
      ::umask(mask);
      for (const mode_t mode : {0400U, 0640U, 0660U}) {
        auto file = open()->create();
        ASSERT_TRUE(succeeded(file));
        ASSERT_TRUE(succeeded((*file)->set_mode(mode)));
        ASSERT_TRUE(succeeded((*file)->publish("keys")));
        EXPECT_EQ(status("keys").st_mode, S_IFREG | mode);
        std::filesystem::remove(temporary.file("keys"));
      }
    }
  });
}

TEST_P(NewFileTest, IsClosedToOthersBeforeItsModeIsSet) {
  in_prepared_child([&] {
    ::umask(0);
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    for (const std::string &name : names())
      EXPECT_EQ(status(name).st_mode & 077, 0U) << name;
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_EQ(status("keys").st_mode & 077, 0U);
  });
}

// A list that the folder gives to what is made in it would open the file to those whom it names.
TEST_P(NewFileTest, HasTheModeAskedForInAFolderWithADefaultAccessList) {
  if (!test::open_to_one_more_user(path, "system.posix_acl_default"))
    GTEST_SKIP() << "the file system of " << path << " has no access control lists";
  in_prepared_child([&] {
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded((*file)->set_mode(0660)));
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_EQ(status("keys").st_mode, S_IFREG | 0660U);
    EXPECT_FALSE(test::has_access_list(temporary.file("keys")));
  });
}

TEST_F(PosixFileSystemTest, AnAccessListThatCannotBeRemovedIsAnErrorUnlessThereIsNone) {
  for (const auto &[number, fails] : {std::pair(ENODATA, false), std::pair(EOPNOTSUPP, false), std::pair(EIO, true)})
    in_child([&, number = number, fails = fails] {
      refuse_call(SYS_fremovexattr, number);
      auto file = open()->create();
      ASSERT_TRUE(succeeded(file));
      const Result<void> set = (*file)->set_mode(0400);
      ASSERT_EQ(!set, fails) << number;
      if (fails) {
        EXPECT_THAT(set.error().message, HasSubstr("remove the access control list of a new file in " + path));
      }
    });
}

TEST_P(NewFileTest, LeavesNothingButItsName) {
  in_prepared_child([&] {
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded(write(**file, "keys")));
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_THAT(names(), ElementsAre("keys"));
    file->reset();
    EXPECT_THAT(names(), ElementsAre("keys"));
    EXPECT_EQ(status("keys").st_nlink, 1U);
  });
}

TEST_P(NewFileTest, LeavesNothingWhenItIsNotPublished) {
  in_prepared_child([&] {
    {
      auto file = open()->create();
      ASSERT_TRUE(succeeded(file));
      ASSERT_TRUE(succeeded(write(**file, "keys")));
    }
    EXPECT_THAT(names(), IsEmpty());
    temporary.write("taken", "old");
    {
      auto file = open()->create();
      ASSERT_TRUE(succeeded(file));
      ASSERT_TRUE(failed_with((*file)->publish("taken"), ErrorCode::already_exists));
    }
    EXPECT_THAT(names(), ElementsAre("taken"));
  });
}

TEST_P(NewFileTest, IsTheSameWhereverItWasOnItsWay) {
  in_prepared_child([&] {
    std::string text;
    for (int i = 0; text.size() < 300'000; ++i)
      text += std::to_string(i) + "\n";
    temporary.write("taken", "old");
    const Owner owner = ::geteuid() == 0 ? Owner{1234, 1235} : Owner{::geteuid(), ::getegid()};
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded(write(**file, std::string_view(text).substr(0, 100'000))));
    ASSERT_TRUE(succeeded(write(**file, std::string_view(text).substr(100'000))));
    ASSERT_TRUE(succeeded((*file)->set_mode(0440)));
    ASSERT_TRUE(succeeded((*file)->set_owner(owner)));
    ASSERT_TRUE(succeeded((*file)->sync()));
    ASSERT_TRUE(failed_with((*file)->publish("taken"), ErrorCode::already_exists));
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_EQ(content("keys"), text);
    EXPECT_EQ(content("taken"), "old");
    EXPECT_EQ(status("keys").st_mode, S_IFREG | 0440U);
    EXPECT_EQ(status("keys").st_uid, owner.user);
    EXPECT_EQ(status("keys").st_gid, owner.group);
    EXPECT_THAT(names(), ElementsAre("keys", "taken"));
  });
}

TEST_P(NewFileTest, TemporaryNamesOfAKilledRunAreNotInTheWay) {
  in_prepared_child([&] {
    const std::string left_over = ".ntpkeygen." + std::to_string(::getpid()) + ".0";
    std::filesystem::create_symlink("elsewhere", temporary.file(left_over));
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_THAT(names(), ElementsAre(left_over, "keys"));
  });
}

INSTANTIATE_TEST_SUITE_P(Ways, NewFileTest,
                         ::testing::Values(Way{"Unnamed", nothing},
                                           Way{"FileSystemWithoutUnnamed", without_unnamed_files<EOPNOTSUPP>},
                                           Way{"OldKernel", without_unnamed_files<EISDIR>},
                                           Way{"OlderKernel", without_unnamed_files<ENOENT>},
                                           Way{"ByHardLink", without_either_nor_renaming_to_free_names_only},
                                           Way{"LinkNotFound", without_links_to_unnamed_files<ENOENT>},
                                           Way{"LinkForbidden", without_links_to_unnamed_files<EPERM>},
                                           Way{"NoProc", without_proc}),
                         [](const auto &tested) { return std::string(tested.param.name); });

TEST_F(PosixFileSystemTest, OrdinaryUserPublishesFromAProcessThatCannotBeDumped) {
  open_to_everybody();
  in_child([&] {
    test::drop_privileges();
    ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
    refuse_call(SYS_renameat2, EIO); // not by way of a temporary name
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded(write(**file, "keys")));
    ASSERT_TRUE(succeeded((*file)->publish("keys")));
    EXPECT_THAT(names(), ElementsAre("keys"));
  });
}

TEST_F(PosixFileSystemTest, FailureToLinkForWantOfSpaceIsReported) {
  in_child([&] {
    refuse_call(SYS_linkat, ENOSPC);
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    const Result<void> published = (*file)->publish("keys");
    ASSERT_TRUE(failed_with(published, ErrorCode::io));
    EXPECT_EQ(published.error().message, "cannot create " + path + "/keys: No space left on device");
    EXPECT_THAT(published.error().hint, HasSubstr("df -i"));
    EXPECT_THAT(names(), IsEmpty());
  });
}

TEST_F(PosixFileSystemTest, FileSizeLimitIsAnErrorAfterWhatFits) {
  in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    const Result<void> written = write(**file, std::string(1000, 'k'));
    ASSERT_TRUE(failed_with(written, ErrorCode::io));
    EXPECT_EQ(written.error().sys_errno, EFBIG);
    EXPECT_EQ(written.error().message, "cannot write a file in " + path + ": File too large");
    EXPECT_THAT(written.error().hint, HasSubstr("ulimit -f"));
    // The loop went on behind the part that fitted.
    ASSERT_TRUE(succeeded((*file)->publish("part")));
    EXPECT_EQ(content("part"), std::string(100, 'k'));
  });
}

TEST_F(PosixFileSystemTest, FullDiskAndInodesAndReadOnlyFileSystem) {
  in_child([&] {
    test::mount_for_this_process("tmpfs", path, "size=16k,nr_inodes=4");
    const std::unique_ptr<Folder> folder = open();
    {
      auto file = folder->create();
      ASSERT_TRUE(succeeded(file));
      const Result<void> written = write(**file, std::string(100'000, 'k'));
      ASSERT_TRUE(failed_with(written, ErrorCode::io));
      EXPECT_EQ(written.error().sys_errno, ENOSPC);
      EXPECT_THAT(written.error().message, AllOf(HasSubstr(path), HasSubstr("No space left")));
    }
    for (const char *link : {"a", "b", "c"})
      ASSERT_TRUE(succeeded(folder->make_link("t", link)));
    const auto no_inode = folder->create();
    ASSERT_TRUE(failed_with(no_inode, ErrorCode::io));
    EXPECT_THAT(no_inode.error().hint, HasSubstr("df -i"));
    EXPECT_TRUE(failed_with(folder->make_link("t", "d"), ErrorCode::io));

    ASSERT_EQ(::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    for (const Result<void> &refused : {folder->writable(), folder->remove("a"), folder->replace("a", "b")}) {
      ASSERT_TRUE(failed_with(refused, ErrorCode::permission));
      EXPECT_EQ(refused.error().sys_errno, EROFS);
      EXPECT_THAT(refused.error().hint, HasSubstr("read-only"));
    }
    EXPECT_TRUE(failed_with(folder->create(), ErrorCode::permission));
  });
}

TEST_F(PosixFileSystemTest, FolderThatMayNotBeWritten) {
  std::filesystem::permissions(path, std::filesystem::perms(0555));
  in_child([&] {
    test::drop_privileges();
    const std::unique_ptr<Folder> folder = open();
    const Result<void> writable = folder->writable();
    ASSERT_TRUE(failed_with(writable, ErrorCode::permission));
    EXPECT_EQ(writable.error().message, "cannot create files in " + path + ": Permission denied");
    EXPECT_THAT(writable.error().hint, HasSubstr("choose another folder"));
    const auto file = folder->create();
    ASSERT_TRUE(failed_with(file, ErrorCode::permission));
    EXPECT_EQ(file.error().message, "cannot create a file in " + path + ": Permission denied");
    const Result<void> link = folder->make_link("target", "link");
    ASSERT_TRUE(failed_with(link, ErrorCode::permission));
    EXPECT_EQ(link.error().message, "cannot create the link " + path + "/link: Permission denied");
  });
}

TEST_F(PosixFileSystemTest, TheEffectiveUserCounts) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can have another effective user";
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  in_child([&] {
    ASSERT_EQ(::seteuid(65534), 0);
    EXPECT_TRUE(failed_with(open()->writable(), ErrorCode::permission));
  });
}

TEST_F(PosixFileSystemTest, FolderThatMayBeSearchedButNotListed) {
  temporary.write("keys", "1 AES abc\n");
  std::filesystem::permissions(temporary.file("keys"), std::filesystem::perms(0444));
  std::filesystem::permissions(path, std::filesystem::perms(0333));
  in_child([&] {
    test::drop_privileges();
    const std::unique_ptr<Folder> folder = open();
    const Result<SecretText> text = folder->read("keys", 100, memory);
    ASSERT_TRUE(succeeded(text));
    EXPECT_EQ(text->reveal_text(), "1 AES abc\n");
    EXPECT_TRUE(succeeded(folder->writable()));
    auto file = folder->create();
    ASSERT_TRUE(succeeded(file));
    EXPECT_TRUE(succeeded((*file)->publish("new")));
    const Result<void> synced = folder->sync();
    ASSERT_TRUE(failed_with(synced, ErrorCode::io));
    EXPECT_EQ(synced.error().sys_errno, EBADF);
  });
  std::filesystem::permissions(path, std::filesystem::perms(0700));
}

TEST_F(PosixFileSystemTest, FolderThatMayNotBeSearched) {
  std::filesystem::create_directory(temporary.file("inner"));
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  in_child([&] {
    test::drop_privileges();
    const auto folder = files.open_folder(path + "/inner");
    ASSERT_TRUE(failed_with(folder, ErrorCode::permission));
    EXPECT_EQ(folder.error().message, "cannot open the folder " + path + "/inner: Permission denied");
  });
  std::filesystem::permissions(path, std::filesystem::perms(0700));
}

TEST_F(PosixFileSystemTest, OnlyRootGivesFilesAway) {
  open_to_everybody();
  in_child([&] {
    test::drop_privileges();
    auto file = open()->create();
    ASSERT_TRUE(succeeded(file));
    EXPECT_TRUE(succeeded((*file)->set_owner({::geteuid(), ::getegid()})));
    const Result<void> given = (*file)->set_owner({1, 1});
    ASSERT_TRUE(failed_with(given, ErrorCode::permission));
    EXPECT_EQ(given.error().message,
              "cannot give a new file to user 1 and group 1 in " + path + ": Operation not permitted");
    EXPECT_EQ(given.error().hint, "only root may give a file to another user; a group must be one of yours");
  });
}

TEST_F(PosixFileSystemTest, MissingFolderAndFileAreNamedWithAHint) {
  const auto folder = files.open_folder(path + "/missing");
  ASSERT_TRUE(failed_with(folder, ErrorCode::not_found));
  EXPECT_EQ(folder.error().message, "cannot open the folder " + path + "/missing: No such file or directory");
  EXPECT_EQ(folder.error().hint, "create it first (mkdir -p), or choose another folder");
  const Result<SecretText> text = open()->read("missing", 100, memory);
  ASSERT_TRUE(failed_with(text, ErrorCode::not_found));
  EXPECT_EQ(text.error().message, "cannot read " + path + "/missing: No such file or directory");
  EXPECT_EQ(text.error().hint, "check the name");
}

TEST_F(PosixFileSystemTest, FolderRemovedInTheMeantimeIsAnError) {
  std::filesystem::create_directory(temporary.file("gone"));
  const std::unique_ptr<Folder> folder = open("gone");
  std::filesystem::remove(temporary.file("gone"));
  EXPECT_FALSE(folder->create().has_value()); // which error it is depends on the file system
  EXPECT_TRUE(failed_with(folder->make_link("target", "link"), ErrorCode::not_found));
}

TEST_F(PosixFileSystemTest, FolderMovedInTheMeantimeIsStillTheSame) {
  std::filesystem::create_directory(temporary.file("before"));
  const std::unique_ptr<Folder> folder = open("before");
  std::filesystem::rename(temporary.file("before"), temporary.file("after"));
  std::filesystem::create_directory(temporary.file("before"));
  auto file = folder->create();
  ASSERT_TRUE(succeeded(file));
  ASSERT_TRUE(succeeded((*file)->publish("keys")));
  EXPECT_TRUE(std::filesystem::exists(temporary.file("after/keys")));
  EXPECT_FALSE(std::filesystem::exists(temporary.file("before/keys")));
}

TEST_F(PosixFileSystemTest, ExchangeThatTheSystemLacksIsUnsupported) {
  temporary.write("a", "a");
  temporary.write("b", "b");
  for (const int error : {EINVAL, ENOSYS})
    in_child([&] {
      refuse_call(SYS_renameat2, error);
      const Result<void> exchanged = open()->exchange("a", "b");
      ASSERT_TRUE(failed_with(exchanged, ErrorCode::unsupported));
      EXPECT_THAT(exchanged.error().message, StartsWith("cannot exchange " + path + "/a with " + path + "/b: "));
    });
}

TEST_F(PosixFileSystemTest, FileSystemWithoutLinksNamesTheOption) {
  in_child([&] {
    refuse_call(SYS_symlinkat, EPERM);
    const Result<void> linked = open()->make_link("target", "link");
    ASSERT_TRUE(failed_with(linked, ErrorCode::permission));
    EXPECT_THAT(linked.error().hint, HasSubstr("--no-link"));
  });
}

TEST_F(PosixFileSystemTest, StatusOfEverythingThatCanStandThere) {
  ASSERT_EQ(::mkfifo(temporary.file("fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(temporary.file("folder"));
  std::filesystem::create_symlink("loop", temporary.file("loop"));
  std::filesystem::create_symlink("fifo/below", temporary.file("through"));
  const std::unique_ptr<Folder> folder = open();
  EXPECT_EQ(folder->status("fifo").value()->kind, FileStatus::Kind::other);
  EXPECT_EQ(folder->status("folder").value()->kind, FileStatus::Kind::folder);
  EXPECT_EQ(folder->status("loop").value()->kind, FileStatus::Kind::link);
  EXPECT_EQ(folder->target_status("loop").value(), std::nullopt);
  EXPECT_EQ(folder->target_status("through").value(), std::nullopt);
  EXPECT_EQ(folder->status("folder").value()->owner, (Owner{::geteuid(), status("folder").st_gid}));
}

TEST_F(PosixFileSystemTest, StatusTellsOfAnAccessList) {
  if (!test::open_to_one_more_user(temporary.write("listed", "")))
    GTEST_SKIP() << "the file system of " << path << " has no access control lists";
  std::filesystem::create_symlink("listed", temporary.file("link"));
  temporary.write("plain", "");
  std::filesystem::permissions(temporary.file("plain"), std::filesystem::perms(0660));
  const auto expect_told = [&] {
    const std::unique_ptr<Folder> folder = open();
    EXPECT_TRUE(folder->status("listed").value()->has_access_list);
    EXPECT_TRUE(folder->target_status("link").value()->has_access_list);
    EXPECT_FALSE(folder->status("link").value()->has_access_list);
    EXPECT_FALSE(folder->status("plain").value()->has_access_list);
  };
  expect_told();
  in_child([&] {
    without_proc();
    expect_told();
  });
}

// --- Reading

TEST_F(PosixFileSystemTest, ReadsNothingButRegularFilesAndNeverWaits) {
  ASSERT_EQ(::mkfifo(temporary.file("fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(temporary.file("folder"));
  std::filesystem::create_symlink("/dev/null", temporary.file("device"));
  std::filesystem::create_symlink("fifo", temporary.file("link"));
  for (const char *name : {"fifo", "folder", "device", "link"}) {
    const Result<SecretText> text = open()->read(name, 100, memory);
    ASSERT_TRUE(failed_with(text, ErrorCode::invalid_argument));
    EXPECT_EQ(text.error().message, path + "/" + name + " is not a regular file");
  }
}

// Whoever waits for a file gets the one that its name leads to then.
TEST_F(PosixFileSystemTest, WhatDoesNotReachTheDiskIsAnError) {
  in_child([&] {
    const auto folder = open();
    auto file = folder->create();
    ASSERT_TRUE(succeeded(file));
    refuse_call(SYS_fsync, EIO);
    EXPECT_TRUE(failed_with((*file)->sync(), ErrorCode::io));
    EXPECT_TRUE(failed_with(folder->sync(), ErrorCode::io));
  });
}

TEST_F(PosixFileSystemTest, AHeldFileIsWaitedForAndLookedUpAnew) {
  const auto folder = open();
  for (const char *name : {"old", "new"})
    std::ofstream(temporary.file(name)) << name;
  ASSERT_TRUE(succeeded(folder->make_link("old", "ntp.keys")));
  auto held = folder->hold("ntp.keys");
  ASSERT_TRUE(succeeded(held));
  const int old_file = ::open(temporary.file("old").c_str(), O_RDONLY | O_CLOEXEC);
  const int new_file = ::open(temporary.file("new").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(::flock(old_file, LOCK_SH | LOCK_NB), -1);

  Result<std::unique_ptr<HeldFile>> next = failure(ErrorCode::io, "");
  std::thread other([&] { next = folder->hold("ntp.keys"); });
  ASSERT_TRUE(succeeded(folder->make_link("new", "beside")));
  ASSERT_TRUE(succeeded(folder->replace("beside", "ntp.keys")));
  held->reset();
  other.join();
  ASSERT_TRUE(succeeded(next));
  EXPECT_EQ(::flock(old_file, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(::flock(new_file, LOCK_SH | LOCK_NB), -1);
  ::close(old_file);
  ::close(new_file);
}

TEST_F(PosixFileSystemTest, ATurnInAFolderIsWaitedForAsLongAsThereIsPatience) {
  const auto folder = open(), another = open();
  auto turn = folder->take_turn(0ms);
  ASSERT_TRUE(succeeded(turn));
  ASSERT_TRUE(*turn);
  for (const auto patience : {0ms, 20ms}) {
    const auto refused = another->take_turn(patience);
    ASSERT_TRUE(succeeded(refused));
    EXPECT_FALSE(*refused);
  }
  test::in_child([&] {
    refuse_call(SYS_clock_nanosleep, EINTR);
    const auto interrupted = another->take_turn(1h);
    ASSERT_TRUE(failed_with(interrupted, ErrorCode::cancelled));
    EXPECT_EQ(interrupted.error().message, "interrupted while another run wrote to " + path + ": nothing was written");
  });

  Result<std::unique_ptr<HeldFile>> next = failure(ErrorCode::io, "");
  std::thread other([&] { next = another->take_turn(1h); });
  turn->reset();
  other.join();
  ASSERT_TRUE(succeeded(next));
  EXPECT_TRUE(*next);
}

TEST_F(PosixFileSystemTest, WhereThereAreNoLocksNobodyWaits) {
  test::in_child([&] {
    const auto folder = open();
    refuse_call(SYS_flock, ENOLCK);
    const auto turn = folder->take_turn(1h);
    ASSERT_TRUE(succeeded(turn));
    EXPECT_FALSE(*turn);
  });
}

TEST_F(PosixFileSystemTest, ReadsLargeFilesWhole) {
  std::string large;
  for (int i = 0; large.size() < 3'000'000; ++i)
    large += std::to_string(i) + " AES key\n";
  temporary.write("large", large);
  const Result<SecretText> text = open()->read("large", large.size(), memory);
  ASSERT_TRUE(succeeded(text));
  EXPECT_TRUE(text->reveal_text() == large);
  const Result<SecretText> limited = open()->read("large", large.size() - 1, memory);
  ASSERT_TRUE(failed_with(limited, ErrorCode::invalid_argument));
  EXPECT_EQ(limited.error().message, path + "/large is larger than " + std::to_string(large.size() - 1) + " bytes");
}

TEST_F(PosixFileSystemTest, ReadsStandardInputToItsEndOrItsLimit) {
  const auto read_from = [&](const std::string &file, std::uint64_t limit) {
    std::string found;
    test::in_child([&] {
      ASSERT_NE(std::freopen(file.c_str(), "r", stdin), nullptr);
      const Result<SecretText> text = files.read_standard_input(limit, memory);
      temporary.write("found", text ? std::string(text->reveal_text()) : "error: " + text.error().message);
    });
    std::ifstream stream(temporary.file("found"));
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 100'000U}) {
    const std::string text(size, 'x');
    const std::string file = temporary.write("text", text);
    EXPECT_TRUE(read_from(file, size) == text) << size;
    if (size != 0) {
      EXPECT_EQ(read_from(file, size - 1),
                "error: standard input is larger than " + std::to_string(size - 1) + " bytes");
    }
  }
  EXPECT_EQ(read_from("/dev/zero", 10'000), "error: standard input is larger than 10000 bytes");
  EXPECT_EQ(read_from(path, 100), "error: cannot read standard input: Is a directory");
}

TEST_F(PosixFileSystemTest, ASignalEndsTheWaitForStandardInput) {
  test::in_child([&] {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    struct sigaction noted{};
    noted.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGALRM, &noted, nullptr), 0);
    const itimerval again{{0, 10'000}, {0, 10'000}}; // until it hits the wait
    ASSERT_EQ(::setitimer(ITIMER_REAL, &again, nullptr), 0);
    const Result<SecretText> text = files.read_standard_input(100, memory);
    ASSERT_TRUE(failed_with(text, ErrorCode::cancelled));
    EXPECT_EQ(text.error().message, "interrupted");
  });
}

// Files of the kernel say 0 or a whole page and hold something else, as a file does that another program is changing.
TEST_F(PosixFileSystemTest, ReadsFilesThatHoldMoreOrLessThanTheySay) {
  // A long list of mappings, for a file that is many times what a first guess has room for.
  constexpr std::size_t pages = 400;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto *const mapped =
      static_cast<char *>(::mmap(nullptr, pages * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(mapped, MAP_FAILED);
  for (std::size_t i = 0; i < pages; i += 2)
    ASSERT_EQ(::mprotect(mapped + i * page, page, PROT_NONE), 0);

  const std::unique_ptr<Folder> proc = std::move(*files.open_folder("/proc/self"));
  ASSERT_EQ(proc->status("maps").value()->size, 0U);
  const Result<SecretText> more = proc->read("maps", 1'000'000, memory);
  ASSERT_TRUE(succeeded(more));
  EXPECT_THAT(std::string(more->reveal_text()), HasSubstr("[stack]"));
  EXPECT_GT(more->size(), 10'000U);
  EXPECT_TRUE(failed_with(proc->read("maps", 100, memory), ErrorCode::invalid_argument));
  ::munmap(mapped, pages * page);

  const auto sys = files.open_folder("/sys/kernel");
  if (!sys || !(*sys)->status("uevent_seqnum").value())
    GTEST_SKIP() << "there is no /sys/kernel/uevent_seqnum that would be shorter than it says";
  const Result<SecretText> less = (*sys)->read("uevent_seqnum", 10'000, memory);
  ASSERT_TRUE(succeeded(less));
  EXPECT_LT(less->size(), (*sys)->status("uevent_seqnum").value()->size);
}

TEST_F(PosixFileSystemTest, FileThatMayNotBeReadSaysWhoMay) {
  open_to_everybody();
  temporary.write("keys", "1 AES abc\n");
  std::filesystem::permissions(temporary.file("keys"), std::filesystem::perms::none);
  in_child([&] {
    test::drop_privileges();
    const Result<SecretText> text = open()->read("keys", 100, memory);
    ASSERT_TRUE(failed_with(text, ErrorCode::permission));
    EXPECT_EQ(text.error().message, "cannot read " + path + "/keys: Permission denied");
    EXPECT_EQ(text.error().hint, "run as a user who may read it, such as root");
  });
}

TEST_F(PosixFileSystemTest, ReadingWithoutMemoryIsAnErrorAndTooLargeFilesNeedNone) {
  temporary.write("keys", "1 AES abc\n");
  memory.fail_after(0);
  EXPECT_TRUE(failed_with(open()->read("keys", 9, memory), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(open()->read("keys", 100, memory), ErrorCode::out_of_memory));
}

TEST_F(PosixFileSystemTest, MessagesInTheCurrentFolderNameTheFileAlone) {
  in_child([&] {
    std::filesystem::current_path(path);
    const Result<SecretText> text = (*files.open_folder("."))->read("missing", 100, memory);
    ASSERT_TRUE(failed_with(text, ErrorCode::not_found));
    EXPECT_EQ(text.error().message, "cannot read missing: No such file or directory");
  });
}

} // namespace
} // namespace ntpkeygen
