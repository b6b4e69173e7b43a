#include "path_trust.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <pwd.h>
#include <string_view>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

namespace ntpkeygen {

Result<void> PathTrust::file(const std::string &path, const struct stat &status) {
  return check(path, status, "the file");
}

Result<void> PathTrust::folder(const std::string &path) {
  if (std::ranges::find(trusted_folders_, path) != trusted_folders_.end())
    return {};
  bool is_above = false;
  for (std::string at = path;;) {
    struct stat status{};
    if (::lstat(at.c_str(), &status) != 0)
      return failure(
          Error{ErrorCode::permission, errno, "the folder '" + at + "' cannot be examined: " + std::strerror(errno)});
    if (!S_ISDIR(status.st_mode))
      return failure(ErrorCode::permission, "'" + at + "' is not a folder");
    if (is_above && (status.st_mode & S_ISVTX) != 0)
      status.st_mode &= ~mode_t{S_IWGRP | S_IWOTH};
    if (Result<void> checked = check(at, status, "the folder"); !checked)
      return checked;
    if (at == "/")
      break;
    const std::size_t slash = at.rfind('/');
    at.resize(slash == 0 ? 1 : slash);
    is_above = true;
  }
  trusted_folders_.push_back(path);
  return {};
}

Result<void> PathTrust::check(const std::string &path, const struct stat &status, const char *what) {
  const auto fault = [&](const std::string &words, std::string remedy) {
    return failure(ErrorCode::permission, std::string(what) + " '" + path + "' " + words, std::move(remedy));
  };
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fault("belongs to user " + std::to_string(status.st_uid) + ", not to root or the user who runs this",
                 "run this as that user, or install it where root or you own it");
  if ((status.st_mode & S_IWOTH) != 0)
    return fault("can be written by every user", "chmod go-w '" + path + "'");
  if ((status.st_mode & S_IWGRP) != 0 && !is_private_group(path, status.st_uid, status.st_gid))
    return fault("can be written by group " + std::to_string(status.st_gid), "chmod g-w '" + path + "'");
  return {};
}

// The group that only its owner is in, as distributions with umask 002 make one for each user. It bears the user's
// name; the users whose primary group it is are not listed anywhere, so that a shared "users" can have no listed
// member.
bool PathTrust::is_private_group(const std::string &path, uid_t user, gid_t group) {
  // With an access control list, the group bits stand for everyone that it names.
  if (::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0)
    return false;
  if (asked_group_ && asked_group_->user == user && asked_group_->group == group)
    return asked_group_->is_private;
  // cppcheck-suppress getpwuidCalled ; one thread looks up users
  const ::passwd *owner = ::getpwuid(user);
  const std::string name = owner != nullptr && owner->pw_gid == group ? owner->pw_name : "";
  // cppcheck-suppress getgrgidCalled ; one thread looks up groups
  const ::group *members = name.empty() ? nullptr : ::getgrgid(group);
  bool is_private = members != nullptr && name == members->gr_name;
  if (is_private)
    for (char *const *member = members->gr_mem; *member != nullptr; ++member)
      is_private = is_private && name == *member;
  asked_group_ = Group{user, group, is_private};
  return is_private;
}

} // namespace ntpkeygen
