// Whether a path can be changed only by those whom this process trusts anyway: root and the effective user.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <vector>

namespace ntpkeygen {

// Errors: permission; the message names the file or folder and the fault, the hint says what mends it.
class PathTrust {
public:
  // A regular file by its own owner and mode; ask for its folder too.
  [[nodiscard]] Result<void> file(const std::string &path, const struct stat &status);

  // A folder and all above it. `path` is as realpath(3) gives it. A sticky folder (/tmp) is good enough above a folder,
  // since what others put into it cannot take a trusted folder's place; files must not lie in it directly.
  [[nodiscard]] Result<void> folder(const std::string &path);

private:
  [[nodiscard]] Result<void> check(const std::string &path, const struct stat &status, const char *what);
  [[nodiscard]] bool is_private_group(const std::string &path, uid_t user, gid_t group);

  struct Group {
    uid_t user;
    gid_t group;
    bool is_private;
  };
  std::vector<std::string> trusted_folders_;
  std::optional<Group> asked_group_; // the last answer of the group database, which is slow to ask
};

} // namespace ntpkeygen
