// What a file can answer, by a script; then real files, FIFOs and folders.
#include "random_sources/file/file.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"
#include "support/temporary_folder.hpp"

#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace ntpkeygen::plugins::file_random {
namespace {

using ::ntpkeygen::test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Gives the scripted answers to read(2), then the end of the file. The bytes count up.
class ScriptedFiles final : public Files {
public:
  int open(const std::string &path) noexcept override {
    opened = path;
    return open_answer;
  }
  std::ptrdiff_t read(int, std::span<std::byte> out) noexcept override {
    clock += takes;
    asked.push_back(out.size());
    if (cancel != nullptr)
      cancel->cancel = true;
    if (answers.empty())
      return 0;
    const std::ptrdiff_t answer = std::min(answers.front(), static_cast<std::ptrdiff_t>(out.size()));
    answers.pop_front();
    for (std::ptrdiff_t i = 0; i < answer; ++i)
      out[static_cast<std::size_t>(i)] = static_cast<std::byte>(given++);
    return answer;
  }
  void close(int) noexcept override { ++closed; }
  std::uint64_t monotonic_ns() noexcept override { return clock; }

  int open_answer = 7, closed = 0;
  std::string opened{};
  std::deque<std::ptrdiff_t> answers{};
  std::vector<std::size_t> asked{};
  std::uint64_t clock = 0, takes = 1000;
  std::size_t given = 0;
  test::RecordingControl *cancel = nullptr;
};

class Scripted : public ::testing::Test {
protected:
  Result<std::unique_ptr<RandomSource>> file() { return make_file_provider(files)->open("bytes"); }
  Result<std::unique_ptr<RandomSource>> hwrng() { return make_hwrng_provider(files)->open(""); }

  ScriptedFiles files;
  test::RecordingControl control;
  std::array<std::byte, 8> out{};
};

TEST_F(Scripted, PartsAndInterruptionsAreReadOn) {
  files.answers = {3, -EINTR, 1, 4};
  auto source = file();
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(files.opened, "bytes");
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  for (std::size_t i = 0; i < out.size(); ++i)
    EXPECT_EQ(out[i], std::byte(i));
  // An interruption is the caller's doing, not the file's.
  EXPECT_EQ((*source)->stats().retries, 0U);
  EXPECT_EQ((*source)->stats().throttled_ns, 0U); // nothing took long enough to have waited
  source->reset();
  EXPECT_EQ(files.closed, 1);
}

TEST_F(Scripted, TheEndOfTheFileIsAnErrorAndNeverARepetition) {
  files.answers = {5};
  auto source = file();
  const auto filled = (*source)->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::end_of_data));
  EXPECT_EQ(filled.error().message, "bytes has no more than 5 bytes");
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::end_of_data));
}

TEST_F(Scripted, AReadErrorIsAnError) {
  files.answers = {2, -EIO};
  const auto filled = (*file())->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_EQ(filled.error().sys_errno, EIO);
  EXPECT_THAT(filled.error().message, HasSubstr("bytes cannot be read: "));
}

TEST_F(Scripted, AnInterruptionEndsTheWait) {
  files.answers = {-EINTR, 8};
  files.cancel = &control;
  EXPECT_TRUE(failed_with((*file())->fill(out, control), ErrorCode::cancelled));
}

TEST_F(Scripted, WhatCannotBeOpenedSaysWhy) {
  for (const auto &[number, code] : {std::pair{ENOENT, ErrorCode::not_found}, std::pair{EACCES, ErrorCode::permission},
                                     std::pair{EISDIR, ErrorCode::unavailable}}) {
    files.open_answer = -number;
    const auto source = file();
    ASSERT_TRUE(failed_with(source, code));
    EXPECT_THAT(source.error().message, HasSubstr("bytes cannot be opened: "));
  }
}

TEST_F(Scripted, WaitingForAFileIsCountedAndNotAnnounced) {
  files.takes = 700'000'000;
  files.answers = {4, -EINTR, 4};
  auto source = file();
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_EQ((*source)->stats().throttled_ns, 2'100'000'000U);
  EXPECT_THAT(control.notices, IsEmpty());
}

// Or a long request would be over before anything is said of it.
TEST_F(Scripted, HwrngIsReadInSmallPieces) {
  files.answers = {64, 64, 64, 8};
  auto source = hwrng();
  std::vector<std::byte> many(200);
  ASSERT_TRUE((*source)->fill(many, control).has_value());
  EXPECT_THAT(files.asked, ElementsAre(64U, 64U, 64U, 8U));
}

TEST_F(Scripted, ReadsThatDidNotWaitAreNotThrottled) {
  files.takes = 900'000; // ns
  files.answers = std::deque<std::ptrdiff_t>(2000, 8);
  auto source = hwrng();
  for (int i = 0; i < 2000; ++i)
    ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_EQ((*source)->stats().throttled_ns, 0U);
  EXPECT_THAT(control.notices, IsEmpty());
}

TEST_F(Scripted, HwrngSaysOnceThatItIsSlow) {
  files.takes = 400'000'000;
  files.answers = {1, 1, 1, 1, 1, 1, 1, 1};
  auto source = hwrng();
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(files.opened, "/dev/hwrng");
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_THAT(control.notices,
              ElementsAre("/dev/hwrng is slow: it gives bytes only as fast as its hardware makes them"));
  EXPECT_EQ((*source)->stats().throttled_ns, 3'200'000'000U);
}

TEST_F(Scripted, HwrngWithoutHardwareSaysSo) {
  files.answers = {-ENODEV};
  EXPECT_TRUE(failed_with((*hwrng())->fill(out, control), ErrorCode::unavailable));
  files.answers = {};
  const auto filled = (*hwrng())->fill(out, control);
  ASSERT_TRUE(failed_with(filled, ErrorCode::unavailable));
  EXPECT_THAT(filled.error().message, HasSubstr("no hardware generator is in use"));
  files.open_answer = -ENOENT;
  const auto source = hwrng();
  ASSERT_TRUE(failed_with(source, ErrorCode::unavailable));
  EXPECT_EQ(source.error().message, "there is no /dev/hwrng");
  EXPECT_TRUE(failed_with(make_hwrng_provider(files)->available(""), ErrorCode::unavailable));
}

TEST_F(Scripted, ArgumentsAreChecked) {
  EXPECT_TRUE(failed_with(make_file_provider(files)->open(""), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(make_file_provider(files)->open(std::string_view("a\0b", 3)), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(make_hwrng_provider(files)->open("x"), ErrorCode::invalid_argument));
  EXPECT_TRUE(make_file_provider(files)->available("bytes").has_value());
}

TEST(RealFiles, FilesFifosAndFolders) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(enroll(registrar).has_value());
  ASSERT_EQ(registrar.random_sources.size(), 2U);
  const RandomSourceProvider &files = *registrar.random_sources.front();
  const test::TemporaryFolder folder;
  test::RecordingControl control;
  std::array<std::byte, 4> out{};
  const auto text = [&] { return std::string(reinterpret_cast<const char *>(out.data()), out.size()); };

  auto source = files.open(folder.write("bytes", "abcdef"));
  ASSERT_TRUE(source.has_value());
  ASSERT_TRUE((*source)->fill(out, control).has_value());
  EXPECT_EQ(text(), "abcd");
  EXPECT_TRUE(failed_with((*source)->fill(out, control), ErrorCode::end_of_data));

  EXPECT_TRUE(failed_with(files.open(folder.file("missing")), ErrorCode::not_found));
  EXPECT_TRUE(failed_with(files.open(folder.path().string()), ErrorCode::unavailable));

  const std::string fifo = folder.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::thread writer([&] {
    const int file = ::open(fifo.c_str(), O_WRONLY);
    EXPECT_EQ(::write(file, "wx", 2), 2);
    EXPECT_EQ(::write(file, "yz", 2), 2);
    ::close(file);
  });
  auto from_fifo = files.open(fifo);
  ASSERT_TRUE(from_fifo.has_value());
  EXPECT_TRUE((*from_fifo)->fill(out, control).has_value());
  writer.join();
  EXPECT_EQ(text(), "wxyz");
}

} // namespace
} // namespace ntpkeygen::plugins::file_random
