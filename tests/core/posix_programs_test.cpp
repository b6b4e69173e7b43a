#include "ntpkeygen/host/posix_programs.hpp"

#include "support/result.hpp"
#include "support/run_control.hpp"

#include <csignal>
#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Running : public ::testing::Test {
protected:
  Running() { std::signal(SIGPIPE, SIG_IGN); } // as the program does
  Result<int> run(const std::vector<std::string> &words, std::string_view input = "") {
    return programs.run(words, input, [this](std::string_view line) { lines.emplace_back(line); }, control);
  }

  PosixPrograms programs;
  test::RecordingControl control;
  std::vector<std::string> lines;
};

TEST_F(Running, LinesComeOneByOneAndTheLastWithoutItsEnd) {
  EXPECT_EQ(run({"printf", "one\\n\\nthree"}), 0);
  EXPECT_THAT(lines, ElementsAre("one", "", "three"));
}

TEST_F(Running, ItsInputIsWhatItIsGivenHoweverMuch) {
  std::string input;
  for (int i = 0; i < 100'000; ++i)
    input += std::to_string(i) + "\n"; // more than a pipe holds
  EXPECT_EQ(run({"cat"}, input), 0);
  ASSERT_EQ(lines.size(), 100'000U);
  EXPECT_EQ(lines.back(), "99999");
}

TEST_F(Running, WhoDoesNotReadItsInputIsNotWaitedFor) {
  EXPECT_EQ(run({"true"}, std::string(1'000'000, 'x')), 0);
}

TEST_F(Running, ItsExitStatusIsTold) {
  EXPECT_EQ(run({"sh", "-c", "exit 7"}), 7);
  EXPECT_EQ(run({"sh", "-c", "kill -KILL $$"}), 128 + SIGKILL);
}

TEST_F(Running, WhatThisProcessIgnoresItDoesNot) {
  EXPECT_EQ(run({"sh", "-c", "kill -PIPE $$; exit 3"}), 128 + SIGPIPE);
}

TEST_F(Running, WhatIsNotThereIsNotFound) {
  const auto status = run({"/nowhere/at-all"});
  ASSERT_TRUE(failed_with(status, ErrorCode::not_found));
  EXPECT_THAT(status.error().message, HasSubstr("/nowhere/at-all cannot be run: "));
}

TEST_F(Running, AnInterruptionIsPassedOn) {
  const auto status = programs.run(
      {"sh", "-c", "echo one; echo two; while :; do :; done"}, "",
      [this](std::string_view line) {
        lines.emplace_back(line);
        control.cancel = true;
      },
      control);
  EXPECT_EQ(status, 128 + SIGTERM);
}

TEST_F(Running, AHelperThatIsNotThereIsNotFound) {
  const auto path = programs.own_helper("no-such-helper");
  ASSERT_TRUE(failed_with(path, ErrorCode::not_found));
  EXPECT_THAT(path.error().message, HasSubstr("/libexec/ntpkeygen'"));
}

} // namespace
} // namespace ntpkeygen
