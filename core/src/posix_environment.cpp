#include "ntpkeygen/host/posix_environment.hpp"

#include "ntpkeygen/host/numbers.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace ntpkeygen {
namespace {

// getpwnam_r and getgrnam_r alike: a buffer that grows until the entry fits.
template <class Entry, class Look> Result<Entry>
look_up(const char *what, const char *database, const std::string &name, std::vector<char> &buffer, Look look) {
  for (buffer.resize(1024);; buffer.resize(buffer.size() * 4)) {
    Entry entry{};
    Entry *found = nullptr;
    const int error = look(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr)
      return entry;
    if (error == ERANGE && buffer.size() < (1U << 22U))
      continue;
    return failure(ErrorCode::not_found, std::string("there is no ") + what + " '" + name + "' on this machine",
                   std::string("'getent ") + database + "' lists what there is; a number will do as well");
  }
}

// A user or group by its number, where it has no name. The largest one means "as it is" to chown(2).
std::optional<std::uint32_t> as_number(const std::string &name) {
  const auto number = parse_number<std::uint32_t>(name);
  return number == UINT32_MAX ? std::nullopt : number;
}

} // namespace

// Not time(2), which is late by up to a tick of the kernel: a stamp would be of the second before.
std::int64_t PosixClock::unix_seconds() {
  std::timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec;
}

std::int64_t PosixClock::unix_nanoseconds() {
  std::timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string PosixClock::local_date(std::int64_t unix_seconds) {
  const std::time_t seconds = unix_seconds;
  std::tm parts{};
  std::array<char, 64> text{};
  // The layout of ctime(3), which itself is not defined for years past 9999.
  if (::localtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &parts) == 0)
    return std::to_string(unix_seconds) + " seconds since 1970";
  return text.data();
}

Result<std::string> PosixHost::name() {
  std::array<char, 1025> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return failure(Error{ErrorCode::io, errno,
                         std::string("cannot read this machine's host name: ") + ::strerror(errno),
                         "give a name with --host"});
  return std::string(name.data());
}

std::uint32_t PosixHost::effective_user() {
  return ::geteuid();
}

Result<Owner> PosixHost::user(const std::string &name) {
  std::vector<char> buffer;
  if (auto entry = look_up<passwd>("user", "passwd", name, buffer, ::getpwnam_r))
    return Owner{entry->pw_uid, entry->pw_gid};
  else if (const auto number = as_number(name)) {
    // A number needs no entry; with one, its primary group is known.
    auto by_number = look_up<passwd>("user", "passwd", name, buffer,
                                     [&](const char *, auto... rest) { return ::getpwuid_r(*number, rest...); });
    return Owner{*number, by_number ? by_number->pw_gid : *number};
  } else
    return failure(std::move(entry).error());
}

Result<std::uint32_t> PosixHost::group(const std::string &name) {
  std::vector<char> buffer;
  if (auto entry = look_up<::group>("group", "group", name, buffer, ::getgrnam_r))
    return entry->gr_gid;
  else if (const auto number = as_number(name))
    return *number;
  else
    return failure(std::move(entry).error());
}

std::string PosixHost::absolute(const std::string &path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  return resolved ? resolved.get() : path;
}

bool PosixHost::has(const std::string &path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

Result<void> DescriptorOutput::write(std::string_view text) {
  while (!text.empty()) {
    if (control_ != nullptr && control_->cancelled())
      return failure(ErrorCode::cancelled, "interrupted while writing to " + name_);
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return failure(Error{ErrorCode::io, errno, "cannot write to " + name_ + ": " + ::strerror(errno), ""});
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

bool DescriptorOutput::is_terminal() {
  return ::isatty(descriptor_) == 1;
}

} // namespace ntpkeygen
