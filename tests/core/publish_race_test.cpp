// Ten processes publish, on real files, while this one reads: a reader finds a complete file under the link, always.
#include "ntpkeygen/host/posix_file_system.hpp"
#include "ntpkeygen/host/publisher.hpp"

#include "support/plain_memory.hpp"
#include "support/result.hpp"
#include "support/temporary_folder.hpp"

#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

constexpr int writers = 10;
constexpr int files_of_each = 200;
constexpr std::uint64_t start = 3900000000;

std::uint64_t checksum(std::string_view text) { // FNV-1a
  std::uint64_t sum = 14695981039346656037U;
  for (const char character : text)
    sum = (sum ^ static_cast<unsigned char>(character)) * 1099511628211U;
  return sum;
}

// "<length> <checksum>\n" and that much text, of a length that depends on the name.
std::string sealed(const std::string &name) {
  std::string text;
  for (int lines = 20 + name.back() % 7 * 40; lines > 0; --lines)
    text += name + " " + std::to_string(lines) + "\n";
  return std::to_string(text.size()) + " " + std::to_string(checksum(text)) + "\n" + text;
}

bool is_whole(std::string_view content) {
  const std::size_t end = content.find('\n');
  if (end == content.npos)
    return false;
  const std::string_view text = content.substr(end + 1);
  return content.substr(0, end) == std::to_string(text.size()) + " " + std::to_string(checksum(text));
}

Result<Published> publish_one(const std::string &folder, std::uint64_t filestamp) {
  PosixFileSystem files;
  test::PlainMemory memory;
  Destination destination;
  destination.folder = folder;
  destination.prefix = "ntpkey_AES_host.";
  destination.link = "ntp.keys";
  destination.sync = false; // for what a reader sees, the disk does not matter
  const Result<Publisher> publisher = Publisher::open(files, destination, ::geteuid());
  if (!publisher)
    return failure(publisher.error());
  return publisher->publish({}, filestamp, [&](const std::string &name) -> Result<SecretText> {
    const std::string text = sealed(name);
    return SecretText(memory, std::as_bytes(std::span(text)));
  });
}

// What any program would do; empty: it could not be opened.
std::string read_plainly(const std::string &path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return {};
  std::string content;
  char piece[4096];
  for (ssize_t count = 0; (count = ::read(file, piece, sizeof piece)) > 0;)
    content.append(piece, static_cast<std::size_t>(count));
  ::close(file);
  return content;
}

TEST(PublishRaceTest, ReaderNeverMissesAFileNorSeesAPartOfOne) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path(), link = folder.file("ntp.keys");
  ASSERT_TRUE(test::succeeded(publish_one(path, start)));

  std::fflush(nullptr);
  std::set<pid_t> running;
  for (int writer = 0; writer < writers; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // All writers want the same name at about the same time, as runs in the same second do.
      for (std::uint64_t i = 0; i < files_of_each; ++i)
        if (const Result<Published> published = publish_one(path, start + i * writers); !published) {
          std::printf("a writer failed: %s\n", published.error().message.c_str());
          std::fflush(nullptr);
          ::_exit(1);
        }
      ::_exit(0);
    }
    running.insert(child);
  }

  std::size_t reads = 0, missed = 0, partial = 0;
  while (!running.empty()) {
    for (int i = 0; i < 100; ++i, ++reads) {
      const std::string content = read_plainly(link);
      missed += content.empty();
      partial += !content.empty() && !is_whole(content);
    }
    int status = 0;
    for (pid_t ended = 0; !running.empty() && (ended = ::waitpid(-1, &status, WNOHANG)) > 0; running.erase(ended))
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  std::printf("%zu reads while %d writers published %d files each\n", reads, writers, files_of_each);
  EXPECT_EQ(missed, 0U);
  EXPECT_EQ(partial, 0U);

  std::size_t published = 0;
  for (const auto &entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    if (name == "ntp.keys")
      continue;
    ++published;
    EXPECT_EQ(read_plainly(entry.path()), sealed(name)) << name;
  }
  EXPECT_EQ(published, 1U + writers * files_of_each);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_TRUE(is_whole(read_plainly(link)));
}

} // namespace
} // namespace ntpkeygen
