// The one seam to the file system for files that hold keys. Operations work on an open folder, so that nobody can move
// the folder away between two steps. Tests put an in-memory or a failing one in its place.
//
// Every error names the path it is about, carries errno, and hints at a remedy where one is known.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

// For messages: a name in the current folder stands for itself.
[[nodiscard]] inline std::string path_in(const std::string &folder, const std::string &name) {
  if (folder == ".")
    return name;
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}
// The folder and the name that a path is made of; the name is empty where the path ends with a slash.
struct SplitPath {
  std::string folder{}, name{};
};
[[nodiscard]] inline SplitPath split_path(const std::string &path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

struct Owner {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  friend bool operator==(const Owner &, const Owner &) = default;
};

struct FileStatus {
  enum class Kind : std::uint8_t { regular, folder, link, other };
  Kind kind{};
  std::uint32_t mode = 0; // permission bits only, 07777
  Owner owner{};
  std::uint64_t size = 0;
  // It has an access control list that opens it to more than its owner: the group bits of the mode are the most that
  // the list allows then, and say nothing of the group.
  bool has_access_list = false;
};

// A file that has no name yet. Destroyed before it is published, it leaves nothing behind.
class NewFile {
public:
  virtual ~NewFile() = default;
  [[nodiscard]] virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  // All that decides who may open the file: an access control list that the folder gave it is removed.
  [[nodiscard]] virtual Result<void> set_mode(std::uint32_t mode) = 0;
  [[nodiscard]] virtual Result<void> set_owner(Owner owner) = 0;
  [[nodiscard]] virtual Result<void> sync() = 0;
  // Gives the file its name in the folder that made it. already_exists: the name is taken, and this file is as it was.
  [[nodiscard]] virtual Result<void> publish(const std::string &name) = 0;
};

// A file or a folder that no other run may hold at the same time; until it is destroyed.
class HeldFile {
public:
  virtual ~HeldFile() = default;
};

// An open folder. Names have no slash; `.` is the folder itself.
class Folder {
public:
  virtual ~Folder() = default;
  [[nodiscard]] virtual const std::string &path() const = 0; // as the user gave it, for messages
  [[nodiscard]] std::string path_of(const std::string &name) const { return path_in(path(), name); }

  // Whether new names can be made in it: an early answer for the user. The operations themselves have the last word.
  [[nodiscard]] virtual Result<void> writable() = 0;
  // The caller's file, which nobody else may open until set_mode says so, whatever the umask is.
  [[nodiscard]] virtual Result<std::unique_ptr<NewFile>> create() = 0;
  // What stands under a name, a link not followed; nullopt: nothing.
  [[nodiscard]] virtual Result<std::optional<FileStatus>> status(const std::string &name) = 0;
  // The same with links followed; nullopt: nothing, or a dangling link.
  [[nodiscard]] virtual Result<std::optional<FileStatus>> target_status(const std::string &name) = 0;
  // What a symbolic link says, as it is written there; nullopt: nothing of this name, or not a link.
  [[nodiscard]] virtual Result<std::optional<std::string>> link_target(const std::string &name) = 0;
  // Whether that is `target`. Takes no memory, for cleaning up where there is none left.
  [[nodiscard]] virtual Result<bool> is_link_to(const std::string &name, std::string_view target) = 0;
  // Whether there is anything under a name, links followed. Takes no memory either.
  [[nodiscard]] virtual Result<bool> leads_somewhere(const std::string &name) = 0;
  // Everything that is in it but `.` and `..`, in the order of their bytes.
  [[nodiscard]] virtual Result<std::vector<std::string>> names() = 0;
  // A regular file's bytes, links followed. Anything else, or more than `limit` bytes, is an error; a FIFO never
  // blocks.
  [[nodiscard]] virtual Result<SecretText> read(const std::string &name, std::uint64_t limit, SecretMemory &memory) = 0;
  // Waits until no other run holds the regular file that a name leads to, and holds it: the name leads to that file
  // then, and not to the one that it led to when the wait began. Where the file system has no locks, nobody waits.
  // cancelled: a signal ended the wait.
  [[nodiscard]] virtual Result<std::unique_ptr<HeldFile>> hold(const std::string &name) = 0;
  // Waits until no other run has its turn in this folder, and has it then. Whoever may open the folder can keep others
  // waiting: nullptr after `patience`, or at once where the file system has no locks. cancelled: a signal ended the
  // wait.
  [[nodiscard]] virtual Result<std::unique_ptr<HeldFile>> take_turn(std::chrono::milliseconds patience) = 0;
  // A new symbolic link `name` to `target`. already_exists: the name is taken.
  [[nodiscard]] virtual Result<void> make_link(const std::string &target, const std::string &name) = 0;
  // Atomically gives `from` the name `to`, in the place of what stood there.
  [[nodiscard]] virtual Result<void> replace(const std::string &from, const std::string &to) = 0;
  // Atomically swaps two names that both exist. unsupported: this file system cannot.
  [[nodiscard]] virtual Result<void> exchange(const std::string &a, const std::string &b) = 0;
  // A second name for a file (a hard link). already_exists: the name is taken.
  [[nodiscard]] virtual Result<void> keep_also_as(const std::string &existing, const std::string &name) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string &name) = 0;
  [[nodiscard]] virtual Result<void> sync() = 0;
};

class FileSystem {
public:
  virtual ~FileSystem() = default;
  // not_found, permission, or invalid_argument (not a folder).
  [[nodiscard]] virtual Result<std::unique_ptr<Folder>> open_folder(const std::string &path) = 0;
  // What standard input has, to its end. invalid_argument: more than `limit` bytes; no more are read then. cancelled: a
  // signal ended the wait.
  [[nodiscard]] virtual Result<SecretText> read_standard_input(std::uint64_t limit, SecretMemory &memory) = 0;
};

} // namespace ntpkeygen
