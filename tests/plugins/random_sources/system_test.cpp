// Every answer that getrandom(2) can give, and what the source makes of it.
#include "random_sources/system/system.hpp"

#include "support/collecting_registrar.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <sys/random.h>
#include <vector>

namespace ntpkeygen::plugins::system_random {
namespace {

using ::ntpkeygen::test::failed_with;
using ::ntpkeygen::test::succeeded;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t largest_request = 33'554'431; // getrandom(2): 32 MiB - 1

// Gives the scripted answers, then all that is asked for. The bytes it gives count up.
class ScriptedKernel final : public Kernel {
public:
  struct Request {
    std::size_t size;
    unsigned flags;
    bool operator==(const Request &) const = default;
  };

  std::ptrdiff_t get_random(std::span<std::byte> out, unsigned flags) noexcept override {
    requests.push_back({out.size(), flags});
    auto answer = static_cast<std::ptrdiff_t>(out.size());
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (cancel_at == requests.size())
      control->cancel = true;
    clock += 100;
    for (std::size_t i = 0; answer > 0 && i < std::min(out.size(), static_cast<std::size_t>(answer)); ++i)
      out[i] = static_cast<std::byte>(given++);
    return answer;
  }
  std::uint64_t monotonic_ns() noexcept override { return clock; }

  std::deque<std::ptrdiff_t> answers{};
  std::vector<Request> requests{};
  std::uint64_t clock = 5'000;
  std::size_t given = 0;
  // At the request of this number (from 1 on), the user presses Ctrl-C.
  std::size_t cancel_at = 0;
  test::RecordingControl *control = nullptr;
};

void PrintTo(const ScriptedKernel::Request &request, std::ostream *out) {
  *out << request.size << " bytes, flags " << request.flags;
}

class SystemRandomSource : public ::testing::Test {
protected:
  SystemRandomSource() { kernel_.control = &control_; }

  std::unique_ptr<RandomSource> open() { return provider_->open("").value(); }

  static std::vector<std::byte> counting_up(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<std::byte>(i);
    return bytes;
  }

  ScriptedKernel kernel_;
  test::RecordingControl control_;
  std::unique_ptr<RandomSourceProvider> provider_ = make_provider(kernel_);
  std::vector<std::byte> out_ = std::vector<std::byte>(16);
};

TEST_F(SystemRandomSource, SaysWhatItIs) {
  const SourceInfo &info = provider_->info();
  EXPECT_EQ(info.name, "system");
  EXPECT_EQ(info.nature, SourceNature::os);
  EXPECT_EQ(info.argument, "");
  EXPECT_FALSE(info.argument_required);
}

TEST_F(SystemRandomSource, AsksASeededKernelOnceAndNeverProbesAgain) {
  const auto source = open();
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_EQ(out_, counting_up(16));
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_THAT(kernel_.requests,
              ElementsAre(ScriptedKernel::Request{16, GRND_NONBLOCK}, ScriptedKernel::Request{16, 0}));
  EXPECT_THAT(control_.notices, IsEmpty());
}

TEST_F(SystemRandomSource, AnnouncesTheWaitForSeedingOnceThenWaits) {
  kernel_.answers = {-EAGAIN};
  const auto source = open();
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_EQ(out_, counting_up(16));
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_THAT(kernel_.requests, ElementsAre(ScriptedKernel::Request{16, GRND_NONBLOCK}, ScriptedKernel::Request{16, 0},
                                            ScriptedKernel::Request{16, 0}));
  EXPECT_THAT(control_.notices, ElementsAre("the kernel's random generator is not seeded yet; waiting for it"));
}

TEST_F(SystemRandomSource, AnInterruptedWaitGoesOnUnlessItIsCancelled) {
  kernel_.answers = {-EAGAIN, -EINTR, -EINTR};
  const auto source = open();
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_EQ(out_, counting_up(16));
  EXPECT_THAT(control_.notices, SizeIs(1));
  EXPECT_EQ(source->stats().retries, 0U); // an interruption is the caller's doing, not the kernel's
}

TEST_F(SystemRandomSource, CountsTheTimeSpentWaitingForTheSeed) {
  kernel_.answers = {-EAGAIN, -EINTR};
  const auto source = open();
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_EQ(source->stats().throttled_ns, 200U); // the interrupted request and the answered one, 100 ns each
}

TEST_F(SystemRandomSource, ACancelledWaitEnds) {
  kernel_.answers = {-EAGAIN, -EINTR};
  kernel_.cancel_at = 2;
  const auto filled = open()->fill(out_, control_);
  ASSERT_TRUE(failed_with(filled, ErrorCode::cancelled));
  EXPECT_EQ(filled.error().message, "interrupted while drawing random bytes");
  EXPECT_THAT(kernel_.requests, SizeIs(2));
}

TEST_F(SystemRandomSource, AWaitThatWasCancelledIsNotAnnouncedAgain) {
  kernel_.answers = {-EAGAIN, -EINTR};
  kernel_.cancel_at = 2;
  const auto source = open();
  ASSERT_TRUE(failed_with(source->fill(out_, control_), ErrorCode::cancelled));
  control_.cancel = false;
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_THAT(control_.notices, SizeIs(1));
}

TEST_F(SystemRandomSource, ACancelledRunAsksForNothing) {
  control_.cancel = true;
  EXPECT_TRUE(failed_with(open()->fill(out_, control_), ErrorCode::cancelled));
  EXPECT_THAT(kernel_.requests, IsEmpty());
}

TEST_F(SystemRandomSource, CollectsPartialAnswers) {
  kernel_.answers = {3, -EINTR, 1, 11};
  const auto source = open();
  ASSERT_TRUE(succeeded(source->fill(out_, control_)));
  EXPECT_EQ(out_, counting_up(16));
  EXPECT_THAT(kernel_.requests, ElementsAre(ScriptedKernel::Request{16, GRND_NONBLOCK}, ScriptedKernel::Request{13, 0},
                                            ScriptedKernel::Request{13, 0}, ScriptedKernel::Request{12, 0},
                                            ScriptedKernel::Request{1, 0}));
}

TEST_F(SystemRandomSource, ACancelledRunStopsBetweenPartialAnswers) {
  kernel_.answers = {3};
  kernel_.cancel_at = 1;
  EXPECT_TRUE(failed_with(open()->fill(out_, control_), ErrorCode::cancelled));
  EXPECT_THAT(kernel_.requests, SizeIs(1));
}

TEST_F(SystemRandomSource, AsksForNoMoreThanOneCallCanGive) {
  out_.resize(largest_request + 7);
  ASSERT_TRUE(succeeded(open()->fill(out_, control_)));
  EXPECT_THAT(kernel_.requests, ElementsAre(Field(&ScriptedKernel::Request::size, largest_request),
                                            Field(&ScriptedKernel::Request::size, 7)));
  EXPECT_TRUE(out_ == counting_up(out_.size())); // not EXPECT_EQ: it would print 32 MiB
}

TEST_F(SystemRandomSource, NothingToFillAsksForNothing) {
  EXPECT_TRUE(succeeded(open()->fill({}, control_)));
  EXPECT_THAT(kernel_.requests, IsEmpty());
}

struct Refusal {
  const char *name;
  int number;
  ErrorCode code;
  const char *message;
};

void PrintTo(const Refusal &refusal, std::ostream *out) {
  *out << refusal.name;
}

class SystemRandomSourceRefused : public SystemRandomSource, public ::testing::WithParamInterface<Refusal> {
protected:
  void expect_it(const Result<void> &result) const {
    ASSERT_TRUE(failed_with(result, GetParam().code));
    EXPECT_EQ(result.error().sys_errno, GetParam().number);
    EXPECT_EQ(result.error().message, GetParam().message);
  }
};

TEST_P(SystemRandomSourceRefused, AtTheProbeIsAnErrorWithoutASecondTry) {
  kernel_.answers = {-GetParam().number};
  expect_it(open()->fill(out_, control_));
  EXPECT_THAT(kernel_.requests, SizeIs(1));
  EXPECT_THAT(control_.notices, IsEmpty());
}

TEST_P(SystemRandomSourceRefused, WhileWaitingIsAnError) {
  kernel_.answers = {-EAGAIN, -GetParam().number};
  expect_it(open()->fill(out_, control_));
  EXPECT_THAT(kernel_.requests, SizeIs(2));
}

TEST_P(SystemRandomSourceRefused, AfterAPartialAnswerIsAnError) {
  kernel_.answers = {5, -GetParam().number};
  expect_it(open()->fill(out_, control_));
  EXPECT_THAT(kernel_.requests, SizeIs(2));
}

TEST_P(SystemRandomSourceRefused, IsSeenBeforeOpening) {
  kernel_.answers = {-GetParam().number};
  expect_it(provider_->available(""));
}

INSTANTIATE_TEST_SUITE_P(
    , SystemRandomSourceRefused,
    ::testing::Values(
        Refusal{"ENOSYS", ENOSYS, ErrorCode::unavailable,
                "the system call getrandom is missing: the kernel is older than Linux 3.17, or a sandbox hides it"},
        Refusal{"EPERM", EPERM, ErrorCode::unavailable,
                "the system call getrandom is not permitted here, most likely by a seccomp filter"},
        Refusal{"EACCES", EACCES, ErrorCode::unavailable,
                "the system call getrandom is not permitted here, most likely by a seccomp filter"},
        Refusal{"EFAULT", EFAULT, ErrorCode::io, "getrandom failed: Bad address"}),
    [](const auto &instance) { return std::string(instance.param.name); });

TEST_F(SystemRandomSource, ARefusalSaysWhatToDo) {
  kernel_.answers = {-EPERM, -ENOSYS};
  EXPECT_THAT(open()->fill(out_, control_).error().hint, HasSubstr("allow getrandom"));
  EXPECT_THAT(open()->fill(out_, control_).error().hint, HasSubstr("newer kernel"));
}

TEST_F(SystemRandomSource, AWaitThatDoesNotWaitIsAnError) {
  kernel_.answers = {-EAGAIN, -EAGAIN};
  const auto filled = open()->fill(out_, control_);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_EQ(filled.error().sys_errno, EAGAIN);
  EXPECT_THAT(kernel_.requests, SizeIs(2));
}

TEST_F(SystemRandomSource, AnAnswerOfNoBytesIsAnErrorNotALoop) {
  kernel_.answers = {0};
  const auto filled = open()->fill(out_, control_);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_EQ(filled.error().message, "getrandom answered 0 when asked for 16 bytes");
}

TEST_F(SystemRandomSource, AnAnswerOfTooManyBytesIsAnError) {
  kernel_.answers = {17};
  const auto filled = open()->fill(out_, control_);
  ASSERT_TRUE(failed_with(filled, ErrorCode::io));
  EXPECT_EQ(filled.error().message, "getrandom answered 17 when asked for 16 bytes");
}

TEST_F(SystemRandomSource, TakesNoArgument) {
  const auto opened = provider_->open("/dev/urandom");
  ASSERT_TRUE(failed_with(opened, ErrorCode::invalid_argument));
  EXPECT_EQ(opened.error().message, "the random source 'system' takes no argument, but is given '/dev/urandom'");
  EXPECT_TRUE(failed_with(provider_->available("/dev/urandom"), ErrorCode::invalid_argument));
}

TEST_F(SystemRandomSource, IsAvailableWhileTheKernelIsNotSeeded) {
  kernel_.answers = {-EAGAIN};
  EXPECT_TRUE(succeeded(provider_->available("")));
}

TEST_F(SystemRandomSource, LookingWhetherItIsThereTakesNoBytesAndDoesNotWait) {
  EXPECT_TRUE(succeeded(provider_->available("")));
  EXPECT_THAT(kernel_.requests, ElementsAre(ScriptedKernel::Request{0, GRND_NONBLOCK}));
}

TEST_F(SystemRandomSource, EnrolledItDrawsFromTheRunningKernel) {
  test::CollectingRegistrar registrar;
  ASSERT_TRUE(succeeded(enroll(registrar)));
  ASSERT_THAT(registrar.random_sources, SizeIs(1));
  EXPECT_TRUE(succeeded(registrar.random_sources.front()->available("")));
  auto source = registrar.random_sources.front()->open("");
  ASSERT_TRUE(succeeded(source));

  std::vector<std::byte> one(largest_request + 4096), other(one.size());
  ASSERT_TRUE(succeeded((*source)->fill(one, control_)));
  ASSERT_TRUE(succeeded((*source)->fill(other, control_)));
  // Blocks of 32 bytes that are zero or occur in both draws mean that something was not filled.
  for (std::size_t at = 0; at + 32 <= one.size(); at += 32) {
    const auto block = std::span(one).subspan(at, 32);
    ASSERT_FALSE(std::ranges::all_of(block, [](std::byte byte) { return byte == std::byte{0}; })) << "at " << at;
    ASSERT_FALSE(std::ranges::equal(block, std::span(other).subspan(at, 32))) << "at " << at;
  }
}

} // namespace
} // namespace ntpkeygen::plugins::system_random
