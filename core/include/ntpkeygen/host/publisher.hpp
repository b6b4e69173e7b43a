// Puts a keys file in its place so that a reader never finds it missing, partial or with the wrong mode, and so that
// nothing is lost: existing key files are never overwritten, a regular file called ntp.keys is never deleted.
//
// The order of steps and why it is this one: docs/architecture.md, "Writing the file".
#pragma once

#include "ntpkeygen/host/file_system.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ntpkeygen {

// Where a new keys file goes. Either a stamped name with a link to it, or exactly one name.
struct Destination {
  std::string folder = ".";

  // Stamped: the file is called <prefix><filestamp>, and `link` (empty: none) points to it.
  std::string prefix{};
  std::string link{};
  bool adopt = false;                              // a regular file in the link's place is kept as <link>.<filestamp>
  std::string adopt_command = "ntpkeygen --adopt"; // what the user can type to have that, for a hint

  // Exact: the file is called so, without a link.
  std::string exact_name{};
  bool replace = false; // it may exist, and is then kept as <exact_name>.<filestamp>

  // The new file holds lines or ids that follow from the replaced one: of two such runs at the same time, one waits for
  // the other.
  bool builds_on_replaced = false;
  bool sync = true;

  [[nodiscard]] bool is_exact() const { return !exact_name.empty(); }
};

// Permissions asked for; what is not is inherited from the replaced file without others' bits, else 0400 and the
// caller. The group's bits are inherited for the same group only, and not where an access control list hides them.
struct Permissions {
  std::optional<std::uint32_t> mode{};
  std::optional<Owner> owner{};
};

struct Published {
  std::string name{};                      // of the file, without its folder
  std::string link{};                      // empty: none
  std::optional<std::string> kept_as{};    // the name that the replaced regular file has now
  std::optional<std::string> old_target{}; // what the replaced link said
  std::uint64_t filestamp = 0;
  std::uint32_t mode = 0;
  std::optional<Owner> owner{}; // that it was given to; else it is the caller's
  bool group_left_out = false;  // the replaced file's mode had bits for a group that were not inherited
};

class Publisher {
public:
  // Looks at the destination and refuses what cannot or must not be done there, before anything is generated or
  // written: no such folder, not writable, a name that is taken without replace, a link's name that is a folder or a
  // regular file without adopt.
  [[nodiscard]] static Result<Publisher> open(FileSystem &files, Destination destination, std::uint32_t effective_user);

  // The file that the new one takes the place of: what the link points to, or the file under the exact name.
  struct Replaced {
    std::string name{};  // in the folder; a link is not resolved
    FileStatus status{}; // of the file itself
    // Whether its owner and mode may be passed on, and its lines carried over. They may not when somebody else could
    // have put it there, to have root's new keys given to an owner of his choice, or to have root use keys of his.
    bool trusted = false;
  };
  [[nodiscard]] const std::optional<Replaced> &replaced() const { return replaced_; }
  // Its bytes. Errors: none replaced, not readable, over `limit`.
  [[nodiscard]] Result<SecretText> read_replaced(std::uint64_t limit, SecretMemory &memory) const;

  [[nodiscard]] Folder &folder() const { return *folder_; }

  // The bytes of the file, complete and verified, for the name that it is going to have: the header holds it.
  using Render = std::function<Result<SecretText>(const std::string &name)>;

  // The last thing that may fail, once all is in its place, such as telling another program about it.
  using Confirm = std::function<Result<void>(const Published &)>;

  // Writes and publishes. A stamped name that is taken means the next filestamp, rendered anew. On an error nothing is
  // left behind, and the old file or link is in its place.
  [[nodiscard]] Result<Published> publish(const Permissions &permissions, std::uint64_t filestamp, const Render &render,
                                          const Confirm &confirm = {}) const;

private:
  Publisher(std::unique_ptr<Folder> folder, Destination destination, std::optional<Replaced> replaced,
            std::unique_ptr<HeldFile> held)
      : folder_(std::move(folder)), destination_(std::move(destination)), replaced_(std::move(replaced)),
        held_(std::move(held)) {}

  std::unique_ptr<Folder> folder_;
  Destination destination_;
  std::optional<Replaced> replaced_;
  std::unique_ptr<HeldFile> held_;
};

} // namespace ntpkeygen
