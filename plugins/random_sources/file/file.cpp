#include "random_sources/file/file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ntpkeygen::plugins::file_random {
namespace {

constexpr const char *hwrng_path = "/dev/hwrng";
// In pieces as small as slow hardware makes in a fraction of a second: how slow it is shows early, and an interruption
// is heard between them.
constexpr std::size_t largest_hwrng_read = 64;

std::string words_for(int number) {
  return std::generic_category().message(number);
}

class OpenFile {
public:
  OpenFile(Files &files, int number) : files_(files), number_(number) {}
  ~OpenFile() { files_.close(number_); }
  OpenFile(const OpenFile &) = delete;
  OpenFile &operator=(const OpenFile &) = delete;
  std::ptrdiff_t read(std::span<std::byte> out) noexcept { return files_.read(number_, out); }

private:
  Files &files_;
  int number_;
};

// Reads until `out` is full. Waiting for a FIFO's writer or a slow device ends with an interruption.
class Source : public RandomSource {
public:
  // `largest_read`: no call of read(2) asks for more bytes.
  Source(Files &files, int number, std::string path, std::size_t largest_read = SIZE_MAX)
      : files_(files), file_(files, number), path_(std::move(path)), largest_read_(largest_read) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const std::uint64_t before = files_.monotonic_ns();
        const std::ptrdiff_t got = file_.read(out.first(std::min(out.size(), largest_read_)));
        if (const std::uint64_t took = files_.monotonic_ns() - before; took >= noticeable_wait) {
          stats_.throttled_ns += took;
          waited(control);
        }
        if (got == -EINTR)
          continue;
        if (got == 0)
          return failure(at_end());
        if (got < 0)
          return failure(failed(static_cast<int>(-got)));
        out = out.subspan(std::min(static_cast<std::size_t>(got), out.size()));
        read_ += static_cast<std::uint64_t>(got);
      }
      return {};
    });
  }

  [[nodiscard]] SourceStats stats() const noexcept override { return stats_; }

protected:
  // One more call of read(2) did.
  virtual void waited(RunControl &) {}
  [[nodiscard]] virtual Error at_end() const {
    return {ErrorCode::end_of_data, 0, path_ + " has no more than " + std::to_string(read_) + " bytes",
            "give a longer one: nothing is repeated to fill up"};
  }
  [[nodiscard]] virtual Error failed(int number) const {
    return {ErrorCode::io, number, path_ + " cannot be read: " + words_for(number), {}};
  }

  [[nodiscard]] const std::string &path() const { return path_; }

private:
  static constexpr std::uint64_t noticeable_wait = 1'000'000; // ns; a read that takes less is a copy

  Files &files_;
  OpenFile file_;
  std::string path_;
  std::size_t largest_read_;
  std::uint64_t read_ = 0;
  SourceStats stats_;
};

// A device that gives what its hardware has gathered, and may make its readers wait for more.
class Hwrng final : public Source {
public:
  Hwrng(Files &files, int number) : Source(files, number, hwrng_path, largest_hwrng_read) {}

private:
  static constexpr std::uint64_t much = 1'000'000'000; // ns

  void waited(RunControl &control) override {
    if (stats().throttled_ns < much || told_)
      return;
    told_ = true;
    control.notice(path() + " is slow: it gives bytes only as fast as its hardware makes them");
  }
  [[nodiscard]] Error at_end() const override {
    return {ErrorCode::unavailable, 0, path() + " gives nothing: no hardware generator is in use behind it",
            "see /sys/class/misc/hw_random/rng_available"};
  }
  [[nodiscard]] Error failed(int number) const override { return number == ENODEV ? at_end() : Source::failed(number); }

  bool told_ = false;
};

Result<int> open_file(Files &files, const std::string &path) {
  const int number = files.open(path);
  if (number >= 0)
    return number;
  const int error = -number;
  if (error == EINTR)
    return failure(ErrorCode::cancelled, "interrupted while waiting for somebody who writes to " + path);
  return failure(Error{error == ENOENT   ? ErrorCode::not_found
                       : error == EACCES ? ErrorCode::permission
                                         : ErrorCode::unavailable,
                       error, path + " cannot be opened: " + words_for(error),
                       error == EACCES ? "run this as a user who may read it" : ""});
}

class FileProvider final : public RandomSourceProvider {
public:
  explicit FileProvider(Files &files) : files_(files) {}
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  // Not by opening it: to open a FIFO waits for its writer.
  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&] { return check(argument); });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (Result<void> good = check(argument); !good)
        return failure(std::move(good).error());
      std::string path(argument);
      const Result<int> number = open_file(files_, path);
      if (!number)
        return failure(number.error());
      return std::make_unique<Source>(files_, *number, std::move(path));
    });
  }

private:
  static Result<void> check(std::string_view argument) {
    if (!argument.empty() && argument.find('\0') == std::string_view::npos)
      return {};
    return failure(ErrorCode::invalid_argument, "the random source 'file' needs the path of a file",
                   "write 'file:PATH'");
  }

  Files &files_;
  SourceInfo info_{.name = "file",
                   .summary = "bytes of a file, a FIFO or a device; the same file makes the same keys again",
                   .argument = "PATH",
                   .nature = SourceNature::replay,
                   .argument_required = true};
};

class HwrngProvider final : public RandomSourceProvider {
public:
  explicit HwrngProvider(Files &files) : files_(files) {}
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return open(argument).map([](const std::unique_ptr<RandomSource> &) {});
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (!argument.empty())
        return failure(ErrorCode::invalid_argument, "the random source 'hwrng' takes no argument",
                       "write 'hwrng', or 'file:PATH' for another device");
      Result<int> number = open_file(files_, hwrng_path);
      if (!number) {
        Error error = std::move(number).error();
        if (error.code == ErrorCode::not_found)
          error = {ErrorCode::unavailable, error.sys_errno, std::string("there is no ") + hwrng_path,
                   "this machine has no hardware generator, or the kernel has no driver for it"};
        return failure(std::move(error));
      }
      return std::make_unique<Hwrng>(files_, *number);
    });
  }

private:
  Files &files_;
  SourceInfo info_{.name = "hwrng",
                   .summary = "the kernel's hardware generators, by /dev/hwrng",
                   .argument = {},
                   .nature = SourceNature::hardware,
                   .argument_required = false};
};

class RealFiles final : public Files {
public:
  int open(const std::string &path) noexcept override {
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (number < 0)
      return -errno;
    struct stat status{};
    if (::fstat(number, &status) == 0 && S_ISDIR(status.st_mode)) {
      ::close(number);
      return -EISDIR;
    }
    return number;
  }
  std::ptrdiff_t read(int file, std::span<std::byte> out) noexcept override {
    const ::ssize_t got = ::read(file, out.data(), out.size());
    return got < 0 ? -errno : got;
  }
  void close(int file) noexcept override { ::close(file); }
  std::uint64_t monotonic_ns() noexcept override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
  }
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_file_provider(Files &files) {
  return std::make_unique<FileProvider>(files);
}

std::unique_ptr<RandomSourceProvider> make_hwrng_provider(Files &files) {
  return std::make_unique<HwrngProvider>(files);
}

Result<void> enroll(Registrar &registrar) {
  static RealFiles files;
  return registrar.add(make_file_provider(files)).and_then([&] { return registrar.add(make_hwrng_provider(files)); });
}

} // namespace ntpkeygen::plugins::file_random
