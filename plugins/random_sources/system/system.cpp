#include "random_sources/system/system.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <sys/random.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace ntpkeygen::plugins::system_random {
namespace {

// getrandom(2) gives at most this much in one call.
constexpr std::size_t largest_request = 32 * 1024 * 1024 - 1;

Error refused(int number) {
  switch (number) {
  case ENOSYS:
    return {ErrorCode::unavailable, number,
            "the system call getrandom is missing: the kernel is older than Linux 3.17, or a sandbox hides it",
            "run on a newer kernel, or allow getrandom in the sandbox's seccomp filter"};
  case EPERM:
  case EACCES:
    return {ErrorCode::unavailable, number,
            "the system call getrandom is not permitted here, most likely by a seccomp filter",
            "allow getrandom in the system call filter of the container or service"};
  default:
    return {ErrorCode::io, number, "getrandom failed: " + std::generic_category().message(number), {}};
  }
}

class Source final : public RandomSource {
public:
  explicit Source(Kernel &kernel) : kernel_(kernel) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const std::size_t asked = std::min(out.size(), largest_request);
        const std::ptrdiff_t answer = kernel_.get_random(out.first(asked), flags_);
        if (answer == -EAGAIN && flags_ == GRND_NONBLOCK) {
          control.notice("the kernel's random generator is not seeded yet; waiting for it");
          waiting_since_ = kernel_.monotonic_ns();
          flags_ = 0;
        } else if (answer == -EINTR) {
          continue;
        } else if (answer < 0) {
          return failure(refused(static_cast<int>(-answer)));
        } else if (answer == 0 || static_cast<std::size_t>(answer) > asked) {
          return failure(ErrorCode::io, "getrandom answered " + std::to_string(answer) + " when asked for " +
                                            std::to_string(asked) + " bytes");
        } else {
          seeded();
          out = out.subspan(static_cast<std::size_t>(answer));
        }
      }
      return {};
    });
  }

  [[nodiscard]] SourceStats stats() const noexcept override { return stats_; }

private:
  // A kernel that has been seeded stays so: there is nothing left to probe for.
  void seeded() noexcept {
    flags_ = 0;
    if (waiting_since_)
      stats_.throttled_ns += kernel_.monotonic_ns() - *waiting_since_;
    waiting_since_.reset();
  }

  Kernel &kernel_;
  unsigned flags_ = GRND_NONBLOCK; // until it is known whether there is anything to wait for
  std::optional<std::uint64_t> waiting_since_;
  SourceStats stats_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(Kernel &kernel) : kernel_(kernel) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (Result<void> none = no_argument(argument); !none)
        return none;
      // An empty request is permitted or not like any other, and takes nothing. Not seeded yet is worth the wait.
      const std::ptrdiff_t answer = kernel_.get_random({}, GRND_NONBLOCK);
      if (answer < 0 && answer != -EAGAIN && answer != -EINTR)
        return failure(refused(static_cast<int>(-answer)));
      return {};
    });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (Result<void> none = no_argument(argument); !none)
        return failure(std::move(none).error());
      return std::make_unique<Source>(kernel_);
    });
  }

private:
  static Result<void> no_argument(std::string_view argument) {
    if (argument.empty())
      return {};
    return failure(ErrorCode::invalid_argument,
                   "the random source 'system' takes no argument, but is given '" + std::string(argument) + "'",
                   "write 'system', without a colon");
  }

  Kernel &kernel_;
  SourceInfo info_{.name = "system",
                   .summary = "the kernel's random generator (getrandom), once it is seeded",
                   .argument = {},
                   .nature = SourceNature::os,
                   .argument_required = false};
};

class RunningKernel final : public Kernel {
public:
  std::ptrdiff_t get_random(std::span<std::byte> out, unsigned flags) noexcept override {
    // The system call itself: the C library's function may make the bytes in this process, from a state that is not in
    // memory of ours (glibc 2.41 with Linux 6.11).
    const long answer = ::syscall(SYS_getrandom, out.data(), out.size(), flags);
    return answer < 0 ? -errno : answer;
  }
  std::uint64_t monotonic_ns() noexcept override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
  }
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(Kernel &kernel) {
  return std::make_unique<Provider>(kernel);
}

Result<void> enroll(Registrar &registrar) {
  static RunningKernel kernel;
  return registrar.add(make_provider(kernel));
}

} // namespace ntpkeygen::plugins::system_random
