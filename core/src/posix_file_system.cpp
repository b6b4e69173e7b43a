#include "ntpkeygen/host/posix_file_system.hpp"

#include "numbered_name.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <initializer_list>
#include <string_view>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ntpkeygen {
namespace {

class Descriptor {
public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  void release() noexcept { number_ = -1; } // somebody else closes it
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

private:
  int number_;
};

ErrorCode code_of(int number) {
  switch (number) {
  case ENOENT:
    return ErrorCode::not_found;
  case EEXIST:
    return ErrorCode::already_exists;
  case EACCES:
  case EPERM:
  case EROFS:
    return ErrorCode::permission;
  case ENOTDIR:
  case ELOOP:
  case ENAMETOOLONG:
    return ErrorCode::invalid_argument;
  default:
    return ErrorCode::io;
  }
}

std::string remedy(int number) {
  switch (number) {
  case ENOSPC:
    return "the file system is full: free space (df) or inodes (df -i) there, or choose another folder";
  case EDQUOT:
    return "the disk quota is used up: free space there, have the quota raised, or choose another folder";
  case EROFS:
    return "the file system is mounted read-only: remount it writable, or choose another folder";
  case EACCES:
  case EPERM:
    return "run as a user who may do this, such as root or the owner of the folder, or choose another folder";
  case EFBIG:
    return "the file-size limit of this process is too low: raise it (ulimit -f)";
  case EIO:
    return "the disk may be failing: the kernel's log (dmesg) says more";
  case ENAMETOOLONG:
    return "choose a shorter name";
  case EMFILE:
  case ENFILE:
    return "too many files are open: raise the limit (ulimit -n)";
  default:
    return {};
  }
}

// "cannot <deed> <path>: <errno's text>". Called first after the system call, because everything else may change errno.
tl::unexpected<Error> system_failure(int number, std::string_view deed, const std::string &path) {
  return failure(Error{code_of(number), number,
                       "cannot " + std::string(deed) + " " + path + ": " + std::generic_category().message(number),
                       remedy(number)});
}

template <class Call> auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR)
    result = call();
  return result;
}

FileStatus status_of(const struct stat &found) {
  FileStatus status;
  status.kind = S_ISREG(found.st_mode)   ? FileStatus::Kind::regular
                : S_ISDIR(found.st_mode) ? FileStatus::Kind::folder
                : S_ISLNK(found.st_mode) ? FileStatus::Kind::link
                                         : FileStatus::Kind::other;
  status.mode = found.st_mode & 07777U;
  status.owner = {found.st_uid, found.st_gid};
  status.size = static_cast<std::uint64_t>(found.st_size);
  return status;
}

class HeldDescriptor final : public HeldFile {
public:
  explicit HeldDescriptor(Descriptor file) : file_(std::move(file)) {}

private:
  Descriptor file_; // closing it gives the lock back
};

// What a folder shares with the new files in it, which may outlive it.
struct OpenFolder {
  Descriptor descriptor;
  std::string path;

  [[nodiscard]] int at() const noexcept { return descriptor.get(); }
  [[nodiscard]] std::string path_of(const std::string &name) const { return path_in(path, name); }
};

class Turn final : public HeldFile {
public:
  explicit Turn(std::shared_ptr<const OpenFolder> folder) noexcept : folder_(std::move(folder)) {}
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;
  ~Turn() override { static_cast<void>(::flock(folder_->at(), LOCK_UN)); } // the folder itself can stay open

private:
  std::shared_ptr<const OpenFolder> folder_;
};

bool is_one_of(int number, std::initializer_list<int> numbers) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

constexpr std::initializer_list<int> leads_nowhere{ENOENT, ENOTDIR, ELOOP};

constexpr const char *access_list = "system.posix_acl_access"; // acl(5), xattr(7)
constexpr std::initializer_list<int> no_access_list{ENODATA, ENOTSUP};

// Unnamed where the file system and /proc allow it, else under a temporary name: then a killed run can leave it behind.
class PosixNewFile final : public NewFile {
public:
  static Result<std::unique_ptr<NewFile>> create(std::shared_ptr<const OpenFolder> folder) {
    // Readable too, because publish() may have to copy it.
    Descriptor unnamed(
        uninterrupted([&] { return ::openat(folder->at(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR); }));
    if (unnamed.is_open())
      return std::unique_ptr<NewFile>(new PosixNewFile(std::move(folder), std::move(unnamed)));
    // EISDIR and ENOENT come from kernels that do not know O_TMPFILE, the others from file systems that lack it.
    if (const int number = errno; !is_one_of(number, {EOPNOTSUPP, EISDIR, ENOENT, EINVAL, ENOSYS}))
      return system_failure(number, "create a file in", folder->path);
    std::unique_ptr<PosixNewFile> file(new PosixNewFile(std::move(folder), Descriptor(-1)));
    if (const Result<void> made = file->make_temporary(); !made)
      return failure(made.error());
    return file;
  }

  ~PosixNewFile() override {
    if (!temporary_name_.empty())
      ::unlinkat(folder_->at(), temporary_name_.c_str(), 0);
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = uninterrupted([&] { return ::write(at(), bytes.data(), bytes.size()); });
      if (count <= 0)
        return system_failure(count < 0 ? errno : EIO, "write a file in", folder_->path);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> set_mode(std::uint32_t mode) override {
    // First, or the group bits of the mode would become what those may do whom the list names.
    if (::fremovexattr(at(), access_list) != 0 && !is_one_of(errno, no_access_list))
      return system_failure(errno, "remove the access control list of a new file in", folder_->path);
    if (::fchmod(at(), mode) != 0)
      return system_failure(errno, "set the mode of a new file in", folder_->path);
    mode_ = mode;
    return {};
  }

  Result<void> set_owner(Owner owner) override {
    if (::fchown(at(), owner.user, owner.group) != 0) {
      Error error = system_failure(errno,
                                   "give a new file to user " + std::to_string(owner.user) + " and group " +
                                       std::to_string(owner.group) + " in",
                                   folder_->path)
                        .value();
      if (error.sys_errno == EPERM)
        error.hint = "only root may give a file to another user; a group must be one of yours";
      return failure(std::move(error));
    }
    owner_ = owner;
    return {};
  }

  Result<void> sync() override {
    if (uninterrupted([&] { return ::fsync(at()); }) != 0)
      return system_failure(errno, "bring a new file to the disk in", folder_->path);
    synced_ = true;
    return {};
  }

  Result<void> publish(const std::string &name) override {
    if (temporary_name_.empty()) {
      const std::string unnamed = "/proc/self/fd/" + std::to_string(at());
      if (::linkat(AT_FDCWD, unnamed.c_str(), folder_->at(), name.c_str(), AT_SYMLINK_FOLLOW) == 0)
        return {};
      // No /proc (ENOENT), or a rule against such links (fs.protected_hardlinks, a security module): a file that has
      // had a name since its creation needs neither.
      if (const int number = errno; !is_one_of(number, {ENOENT, ENOTDIR, ELOOP, EACCES, EPERM, EXDEV, EOPNOTSUPP}))
        return failed_to_publish(number, name);
      if (Result<void> copied = continue_as_temporary(); !copied)
        return copied;
    }
    const char *const from = temporary_name_.c_str();
    if (::renameat2(folder_->at(), from, folder_->at(), name.c_str(), RENAME_NOREPLACE) == 0) {
      temporary_name_.clear();
      return {};
    }
    if (const int number = errno; !is_one_of(number, {EINVAL, ENOSYS}))
      return failed_to_publish(number, name);
    if (::linkat(folder_->at(), from, folder_->at(), name.c_str(), 0) != 0)
      return failed_to_publish(errno, name);
    ::unlinkat(folder_->at(), from, 0);
    temporary_name_.clear();
    return {};
  }

private:
  PosixNewFile(std::shared_ptr<const OpenFolder> folder, Descriptor descriptor)
      : folder_(std::move(folder)), descriptor_(std::move(descriptor)) {}

  [[nodiscard]] int at() const noexcept { return descriptor_.get(); }

  [[nodiscard]] tl::unexpected<Error> failed_to_publish(int number, const std::string &name) const {
    return system_failure(number, "create", folder_->path_of(name));
  }

  Result<void> make_temporary() {
    Result<NumberedName> made =
        take_numbered_name(folder_->path, temporary_prefix(), 0, [&](const std::string &name) -> Result<bool> {
          descriptor_ = Descriptor(uninterrupted([&] {
            return ::openat(folder_->at(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC,
                            S_IRUSR | S_IWUSR);
          }));
          if (!descriptor_.is_open())
            return unless_taken(system_failure(errno, "create", folder_->path_of(name)));
          return true;
        });
    if (!made)
      return failure(std::move(made.error()));
    temporary_name_ = std::move(made->name);
    return {};
  }

  // The kernel copies, so that no key passes through this process once more.
  Result<void> continue_as_temporary() {
    const Descriptor unnamed = std::exchange(descriptor_, Descriptor(-1));
    if (Result<void> made = make_temporary(); !made)
      return made;
    ssize_t count = 0;
    off_t offset = 0;
    do {
      constexpr std::size_t piece = 1U << 30U;
      count = uninterrupted([&] { return ::sendfile(at(), unnamed.get(), &offset, piece); });
    } while (count > 0);
    if (count < 0)
      return system_failure(errno, "write", folder_->path_of(temporary_name_));
    if (mode_)
      if (Result<void> set = set_mode(*mode_); !set)
        return set;
    if (owner_)
      if (Result<void> set = set_owner(*owner_); !set)
        return set;
    return synced_ ? sync() : Result<void>();
  }

  std::shared_ptr<const OpenFolder> folder_;
  Descriptor descriptor_;
  std::string temporary_name_; // empty: unnamed, or published
  std::optional<std::uint32_t> mode_;
  std::optional<Owner> owner_;
  bool synced_ = false;
};

tl::unexpected<Error> unreadable(int number, const std::string &path) {
  Error error = system_failure(number, "read", path).value();
  if (number == ENOENT)
    error.hint = "check the name";
  if (number == EACCES || number == EPERM)
    error.hint = "run as a user who may read it, such as root";
  return failure(std::move(error));
}

// `read`: as read(2). `expected`: how many bytes there should be.
template <class Read> Result<SecretText> read_all(const std::string &path, std::uint64_t expected, std::uint64_t limit,
                                                  SecretMemory &memory, Read &&read) {
  const auto too_large = [&] {
    return failure(ErrorCode::invalid_argument, path + " is larger than " + std::to_string(limit) + " bytes",
                   "is this the keys file?");
  };
  if (expected > limit)
    return too_large();
  // One byte more than there should be, so that reading on shows the end, or that the file has grown.
  SecretWriter content(memory, expected + 1);
  std::size_t used = 0;
  for (std::span<std::byte> room = content.extend(expected + 1);;) {
    const ssize_t count = read(room);
    if (count < 0)
      return unreadable(errno, path);
    if (count == 0)
      break;
    used += static_cast<std::size_t>(count);
    if (used > limit)
      return too_large();
    room = room.subspan(static_cast<std::size_t>(count));
    constexpr std::size_t growth = 4096;
    if (room.empty())
      room = content.extend(growth);
  }
  SecretText text = content.take();
  text.truncate(used);
  return text;
}

class PosixFolder final : public Folder {
public:
  explicit PosixFolder(OpenFolder open) : open_(std::make_shared<const OpenFolder>(std::move(open))) {}

  const std::string &path() const override { return open_->path; }

  Result<void> writable() override {
    if (::faccessat(open_->at(), ".", W_OK | X_OK, AT_EACCESS) != 0)
      return system_failure(errno, "create files in", open_->path);
    return {};
  }

  Result<std::unique_ptr<NewFile>> create() override { return PosixNewFile::create(open_); }

  Result<std::optional<FileStatus>> status(const std::string &name) override {
    return look(name, AT_SYMLINK_NOFOLLOW, {ENOENT});
  }

  Result<std::optional<FileStatus>> target_status(const std::string &name) override {
    return look(name, 0, leads_nowhere);
  }

  Result<std::optional<std::string>> link_target(const std::string &name) override {
    LinkTarget target;
    const Result<std::optional<std::string_view>> found = read_link(name, target);
    if (!found)
      return failure(found.error());
    return *found ? std::optional(std::string(**found)) : std::nullopt;
  }

  Result<bool> is_link_to(const std::string &name, std::string_view target) override {
    LinkTarget found;
    return read_link(name, found).map([&](const auto &says) { return says == target; });
  }

  Result<bool> leads_somewhere(const std::string &name) override {
    struct stat found{};
    if (::fstatat(open_->at(), name.c_str(), &found, 0) == 0)
      return true;
    if (const int number = errno; !is_one_of(number, leads_nowhere))
      return system_failure(number, "look at", path_of(name));
    return false;
  }

  Result<std::vector<std::string>> names() override {
    const int number = uninterrupted([&] { return ::openat(open_->at(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    Descriptor descriptor(number);
    DIR *const folder = number < 0 ? nullptr : ::fdopendir(number);
    if (folder == nullptr)
      return system_failure(errno, "list", open_->path);
    descriptor.release();
    std::vector<std::string> found;
    errno = 0;
    // cppcheck-suppress readdirCalled ; this thread's own stream
    for (const dirent *entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder))
      if (const std::string_view name = entry->d_name; name != "." && name != "..")
        found.emplace_back(name);
    const int failed = errno;
    ::closedir(folder);
    if (failed != 0)
      return system_failure(failed, "list", open_->path);
    std::ranges::sort(found);
    return found;
  }

  Result<SecretText> read(const std::string &name, std::uint64_t limit, SecretMemory &memory) override {
    return guarded([&] { return read_file(name, limit, memory); });
  }

  Result<std::unique_ptr<HeldFile>> hold(const std::string &name) override {
    for (;;) {
      Result<Descriptor> file = open_regular(name);
      if (!file)
        return failure(std::move(file.error()));
      if (::flock(file->get(), LOCK_EX) != 0 && errno == EINTR)
        return failure(ErrorCode::cancelled,
                       "interrupted while another run had " + path_of(name) + ": nothing was written");
      struct stat held{}, now{};
      if (::fstat(file->get(), &held) != 0 || ::fstatat(open_->at(), name.c_str(), &now, 0) != 0)
        return unreadable(errno, path_of(name));
      if (held.st_dev == now.st_dev && held.st_ino == now.st_ino)
        return std::make_unique<HeldDescriptor>(*std::move(file));
    }
  }

  // No lock can be waited for with an end to it, and an alarm would be the whole process's.
  Result<std::unique_ptr<HeldFile>> take_turn(std::chrono::milliseconds patience) override {
    constexpr std::chrono::milliseconds step{5};
    constexpr ::timespec pause{0, std::chrono::nanoseconds(step).count()};
    for (;;) {
      if (::flock(open_->at(), LOCK_EX | LOCK_NB) == 0)
        return std::make_unique<Turn>(open_);
      if (errno != EWOULDBLOCK || patience < step)
        return nullptr;
      if (::nanosleep(&pause, nullptr) != 0)
        return failure(ErrorCode::cancelled,
                       "interrupted while another run wrote to " + open_->path + ": nothing was written");
      patience -= step;
    }
  }

  Result<void> make_link(const std::string &target, const std::string &name) override {
    if (::symlinkat(target.c_str(), open_->at(), name.c_str()) == 0)
      return {};
    Error error = system_failure(errno, "create the link", path_of(name)).value();
    if (error.sys_errno == EPERM)
      error.hint = "this file system may have no symbolic links: leave the link out with --no-link";
    return failure(std::move(error));
  }

  Result<void> replace(const std::string &from, const std::string &to) override {
    if (::renameat(open_->at(), from.c_str(), open_->at(), to.c_str()) != 0)
      return system_failure(errno, "replace", path_of(to));
    return {};
  }

  Result<void> exchange(const std::string &a, const std::string &b) override {
    if (::renameat2(open_->at(), a.c_str(), open_->at(), b.c_str(), RENAME_EXCHANGE) == 0)
      return {};
    Error error = system_failure(errno, "exchange " + path_of(a) + " with", path_of(b)).value();
    if (is_one_of(error.sys_errno, {EINVAL, ENOSYS}))
      error.code = ErrorCode::unsupported;
    return failure(std::move(error));
  }

  Result<void> keep_also_as(const std::string &existing, const std::string &name) override {
    if (::linkat(open_->at(), existing.c_str(), open_->at(), name.c_str(), 0) != 0)
      return system_failure(errno, "keep " + path_of(existing) + " as", path_of(name));
    return {};
  }

  Result<void> remove(const std::string &name) override {
    if (::unlinkat(open_->at(), name.c_str(), 0) != 0)
      return system_failure(errno, "remove", path_of(name));
    return {};
  }

  Result<void> sync() override {
    if (uninterrupted([&] { return ::fsync(open_->at()); }) != 0)
      return system_failure(errno, "bring to the disk the folder", open_->path);
    return {};
  }

private:
  using LinkTarget = std::array<char, PATH_MAX>; // the kernel's limit of what a link can say

  Result<std::optional<std::string_view>> read_link(const std::string &name, LinkTarget &target) {
    const ssize_t length = ::readlinkat(open_->at(), name.c_str(), target.data(), target.size());
    if (length >= 0)
      return std::string_view(target.data(), static_cast<std::size_t>(length));
    if (const int number = errno; !is_one_of(number, {ENOENT, EINVAL}))
      return system_failure(number, "read the link", path_of(name));
    return std::nullopt;
  }

  Result<std::optional<FileStatus>> look(const std::string &name, int flags, std::initializer_list<int> means_nothing) {
    struct stat found{};
    if (::fstatat(open_->at(), name.c_str(), &found, flags) == 0) {
      FileStatus status = status_of(found);
      // A list that opens the file to anybody shows in the group bits.
      status.has_access_list = S_ISREG(found.st_mode) && (found.st_mode & S_IRWXG) != 0 && has_access_list(name);
      return status;
    }
    if (const int number = errno; !is_one_of(number, means_nothing))
      return system_failure(number, "look at", path_of(name));
    return std::nullopt;
  }

  // Attributes are asked for by path. True where it cannot be told.
  [[nodiscard]] bool has_access_list(const std::string &name) const {
    const std::string in_open_folder = "/proc/self/fd/" + std::to_string(open_->at()) + "/" + name;
    ssize_t size = ::getxattr(in_open_folder.c_str(), access_list, nullptr, 0);
    if (size < 0 && errno == ENOENT) // no /proc
      size = ::getxattr(path_of(name).c_str(), access_list, nullptr, 0);
    return size >= 0 || !is_one_of(errno, no_access_list);
  }

  Result<Descriptor> open_regular(const std::string &name) {
    const std::string path = path_of(name);
    // Non-blocking, because opening a FIFO would wait for a writer; a terminal must not become the controlling one.
    Descriptor file(uninterrupted(
        [&] { return ::openat(open_->at(), name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); }));
    struct stat found{};
    if (!file.is_open() || ::fstat(file.get(), &found) != 0)
      return unreadable(errno, path);
    if (!S_ISREG(found.st_mode))
      return failure(ErrorCode::invalid_argument, path + " is not a regular file", "name the keys file itself");
    return file;
  }

  Result<SecretText> read_file(const std::string &name, std::uint64_t limit, SecretMemory &memory) {
    const std::string path = path_of(name);
    const Result<Descriptor> file = open_regular(name);
    if (!file)
      return failure(file.error());
    struct stat found{};
    if (::fstat(file->get(), &found) != 0)
      return unreadable(errno, path);

    return read_all(path, static_cast<std::uint64_t>(found.st_size), limit, memory, [&](std::span<std::byte> room) {
      return uninterrupted([&] { return ::read(file->get(), room.data(), room.size()); });
    });
  }

  std::shared_ptr<const OpenFolder> open_;
};

} // namespace

Result<std::unique_ptr<Folder>> PosixFileSystem::open_folder(const std::string &path) {
  const auto open = [&](int access) {
    return Descriptor(uninterrupted([&] { return ::open(path.c_str(), access | O_DIRECTORY | O_CLOEXEC); }));
  };
  Descriptor folder = open(O_RDONLY);
  // A folder that may be searched but not listed can still hold a file that may be read. It cannot be synced, though.
  if (!folder.is_open() && errno == EACCES)
    folder = open(O_PATH);
  if (folder.is_open())
    return std::make_unique<PosixFolder>(OpenFolder{std::move(folder), path});
  Error error = system_failure(errno, "open the folder", path).value();
  if (error.sys_errno == ENOENT)
    error.hint = "create it first (mkdir -p), or choose another folder";
  if (error.sys_errno == ENOTDIR)
    error.hint = "it is not a folder: choose one";
  return failure(std::move(error));
}

Result<SecretText> PosixFileSystem::read_standard_input(std::uint64_t limit, SecretMemory &memory) {
  return guarded([&]() -> Result<SecretText> {
    constexpr std::uint64_t usual = 4095;
    auto text = read_all("standard input", std::min(usual, limit), limit, memory,
                         [](std::span<std::byte> room) { return ::read(STDIN_FILENO, room.data(), room.size()); });
    if (!text && text.error().sys_errno == EINTR)
      return failure(ErrorCode::cancelled, "interrupted");
    return text;
  });
}

} // namespace ntpkeygen
