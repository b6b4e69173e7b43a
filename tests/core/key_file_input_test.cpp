// Reading a file that the user names, from the real file system: what is no keys file is told from one at once.
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/posix_file_system.hpp"

#include "support/child_process.hpp"
#include "support/memory_file_system.hpp"
#include "support/plain_memory.hpp"
#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;
using ::testing::AllOf;
using ::testing::HasSubstr;

class KeyFileInput : public ::testing::Test {
protected:
  // The file's text, or the error.
  std::string read(const std::string &path) {
    auto input = read_key_file(files, path, memory);
    return input ? std::string(input->text.reveal_text()) : "error: " + input.error().message;
  }
  std::string hint(const std::string &path) { return read_key_file(files, path, memory).error().hint; }

  test::TemporaryFolder temporary;
  PosixFileSystem files;
  test::PlainMemory memory;
};

TEST_F(KeyFileInput, ReadsAFileWithItsStatus) {
  const std::string path = temporary.write("keys", std::string("1 MD5 a\0b\n", 10));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  auto input = read_key_file(files, path, memory);
  ASSERT_TRUE(succeeded(input));
  EXPECT_EQ(input->text.reveal_text(), std::string_view("1 MD5 a\0b\n", 10));
  EXPECT_EQ(input->status.mode, 0640U);
  EXPECT_EQ(input->status.size, 10U);
  EXPECT_EQ(input->status.owner.user, ::geteuid());
  EXPECT_EQ(read(temporary.write("empty", "")), "");
}

TEST_F(KeyFileInput, FollowsALinkToTheFileItself) {
  ASSERT_EQ(::chmod(temporary.write("keys", "1 MD5 a\n").c_str(), 0600), 0);
  std::filesystem::create_symlink("keys", temporary.file("link"));
  auto input = read_key_file(files, temporary.file("link"), memory);
  ASSERT_TRUE(succeeded(input));
  EXPECT_EQ(input->status.mode, 0600U);
  EXPECT_EQ(input->status.kind, FileStatus::Kind::regular);
}

TEST_F(KeyFileInput, TakesPathsAsTheyAreTyped) {
  temporary.write("keys", "x");
  const auto home = std::filesystem::current_path();
  std::filesystem::current_path(temporary.path());
  EXPECT_EQ(read("keys"), "x");
  EXPECT_EQ(read("./keys"), "x");
  std::filesystem::current_path(home);
  const SplitPath root = split_path("/keys");
  EXPECT_EQ(root.folder, "/");
  EXPECT_EQ(root.name, "keys");
}

TEST_F(KeyFileInput, SaysWhatIsNotThere) {
  EXPECT_EQ(read(temporary.file("keys")), "error: there is no file " + temporary.file("keys"));
  EXPECT_EQ(hint(temporary.file("keys")), "check the name");
  EXPECT_THAT(read(temporary.file("no/keys")),
              AllOf(HasSubstr("error: cannot open the folder"), HasSubstr("No such file")));
  EXPECT_EQ(hint(temporary.file("no/keys")), "check the name");
  temporary.write("file", "");
  EXPECT_THAT(read(temporary.file("file/keys")), HasSubstr("Not a directory"));
  std::filesystem::create_symlink("nowhere", temporary.file("dangling"));
  EXPECT_EQ(read(temporary.file("dangling")),
            "error: " + temporary.file("dangling") + " is a link that leads nowhere: nowhere");
  std::filesystem::create_symlink("ring", temporary.file("ring"));
  EXPECT_THAT(read(temporary.file("ring")), HasSubstr("leads nowhere"));
  EXPECT_EQ(read(""), "error: the name of the keys file is empty");
}

TEST_F(KeyFileInput, AFolderIsNoFile) {
  const std::string folder = temporary.path().string();
  for (const std::string &path : {folder, folder + "/", folder + "/.", std::string("."), std::string("/")}) {
    EXPECT_EQ(read(path), "error: " + path + " is a folder");
    EXPECT_EQ(hint(path), "name the keys file in it");
  }
}

TEST_F(KeyFileInput, AFileWithASlashBehindItIsNoFolder) {
  temporary.write("keys", "");
  EXPECT_THAT(read(temporary.file("keys/")), HasSubstr("Not a directory"));
  EXPECT_EQ(hint(temporary.file("keys/")), "check the name");
  EXPECT_THAT(read(temporary.file("none/")), HasSubstr("No such file or directory"));
}

TEST_F(KeyFileInput, NeverWaitsForAFifoADeviceOrASocket) {
  ASSERT_EQ(::mkfifo(temporary.file("fifo").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{AF_UNIX, {}};
  temporary.file("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
  ::close(socket);
  for (const std::string &path : {temporary.file("fifo"), temporary.file("socket"), std::string("/dev/zero")})
    EXPECT_EQ(read(path), "error: " + path + " is a device, FIFO or socket, and not a regular file");
}

TEST_F(KeyFileInput, DoesNotReadAFileOfAGigabyte) {
  const std::string path = temporary.write("keys", "1 MD5 a\n");
  std::filesystem::resize_file(path, 1U << 30U); // a hole: it takes no space
  EXPECT_EQ(read(path), "error: " + path + " has 1073741824 bytes, and a keys file of more than 64 MiB is not read");
  EXPECT_EQ(hint(path), "is this the keys file?");
  const auto small = read_input_file(files, temporary.write("pepper", "12345"), "pepper", 4, memory);
  ASSERT_TRUE(failed_with(small, ErrorCode::invalid_argument));
  EXPECT_THAT(small.error().message, HasSubstr("a pepper of more than 4 bytes is not read"));
}

TEST_F(KeyFileInput, TellsProgramsAndPicturesFromText) {
  std::mt19937 random(1);
  std::string noise(2000, '\0');
  std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
  const std::string zeros(100, '\0');
  for (const std::string &content : {noise, zeros, "1 MD5 secret\n" + noise})
    EXPECT_TRUE(read(temporary.write("binary", content)).ends_with("binary is not a text file"));
  EXPECT_TRUE(read("/proc/self/exe").ends_with("is not a text file"));
  const std::string some_nul = std::string("1 MD5 a\0b\n", 10) + "2 MD5 \x01\x02\x7f\n";
  const std::string latin =
      "# Schl\xfcssel f\xfcr B\xe4rbel \xe9\xe8\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\r\n\f\v\t";
  for (const std::string &content : {some_nul, latin + latin + latin, std::string(40, '\n'), zeros.substr(0, 31)})
    EXPECT_EQ(read(temporary.write("text", content)), content);
}

TEST_F(KeyFileInput, DoesNotReadMillionsOfLines) {
  std::string content(most_lines, '\n');
  EXPECT_TRUE(read(temporary.write("keys", content)) == content);
  content += '\n';
  EXPECT_EQ(read(temporary.write("keys", content)),
            "error: " + temporary.file("keys") +
                " has 1048577 lines, and a keys file of more than 1048576 is not read");
}

TEST_F(KeyFileInput, AFileThatGrowsMeanwhileIsStillNotReadWhole) {
  test::MemoryFileSystem growing;
  growing.add_folder("/keys");
  growing.add_file("/keys/keys", "1234");
  growing.before("read keys", [&] { growing.add_file("/keys/keys", "12345"); });
  EXPECT_TRUE(failed_with(read_input_file(growing, "/keys/keys", "keys file", 4, memory), ErrorCode::invalid_argument));
}

TEST_F(KeyFileInput, SaysWhatMayNotBeRead) {
  const std::string path = temporary.write("keys", "1 MD5 a\n");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  ASSERT_EQ(::chmod(temporary.path().c_str(), 0755), 0);
  test::in_child([&] {
    test::drop_privileges();
    EXPECT_EQ(read(path), "error: cannot read " + path + ": Permission denied");
    EXPECT_EQ(hint(path), "run as a user who may read it, such as root");
  });
  ASSERT_EQ(::chmod(temporary.path().c_str(), 0700), 0);
  test::in_child([&] {
    if (::geteuid() != 0)
      return; // the owner may still enter
    test::drop_privileges();
    EXPECT_THAT(read(path), HasSubstr("Permission denied"));
    EXPECT_EQ(hint(path), "run as a user who may read it, such as root");
  });
}

TEST_F(KeyFileInput, LeavesNoMemoryBehindWhereReadingFails) {
  memory.fail_after(0);
  EXPECT_TRUE(
      failed_with(read_key_file(files, temporary.write("keys", "1 MD5 a\n"), memory), ErrorCode::out_of_memory));
  EXPECT_EQ(memory.outstanding(), 0);
}

TEST_F(KeyFileInput, AMinusIsStandardInputWhichIsHeldToTheSameLimits) {
  test::MemoryFileSystem faked;
  const auto read_from = [&](std::string text) {
    faked.standard_input = std::move(text);
    auto input = read_key_file(faked, "-", memory);
    return input ? std::string(input->text.reveal_text()) : "error: " + input.error().message;
  };
  EXPECT_EQ(read_from("1 MD5 a\n"), "1 MD5 a\n");
  EXPECT_EQ(read_from(""), "");
  EXPECT_EQ(read_from(std::string(4096, '\1')), "error: standard input is not a text file");
  EXPECT_EQ(read_from(std::string(most_lines + 1, '\n')),
            "error: standard input has 1048577 lines, and a keys file of more than 1048576 is not read");
  EXPECT_EQ(read_from(std::string(largest_key_file + 1, 'x')), "error: standard input is too large");
  faked.standard_input = "left";
  ASSERT_TRUE(failed_with(read_input_file(faked, "-", "configuration file", 100, memory), ErrorCode::not_found));
  EXPECT_EQ(faked.standard_input, "left") << "only keys come from there";
}

} // namespace
} // namespace ntpkeygen
