// Access control lists on real files, set without any tool.
#pragma once

#include <cstdint>
#include <string>
#include <sys/xattr.h>
#include <vector>

namespace ntpkeygen::test {

// One more user may read and write: what `setfacl -m u:12345:rw` says, or `setfacl -d` for what is made in a folder.
// False: this file system has no such lists.
inline bool open_to_one_more_user(const std::string &path, const char *list = "system.posix_acl_access") {
  std::vector<std::uint8_t> value;
  const auto put = [&value](std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i)
      value.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  };
  constexpr std::uint32_t nobody = 0xffffffff; // for entries that name none
  struct Entry {
    std::uint32_t tag, may, user; // as in linux/posix_acl.h and posix_acl_xattr.h
  };
  put(2, 4); // the version
  for (const Entry &entry : {Entry{0x01, 6, nobody}, Entry{0x02, 6, 12345}, Entry{0x04, 0, nobody},
                             Entry{0x10, 6, nobody}, Entry{0x20, 0, nobody}}) {
    put(entry.tag, 2);
    put(entry.may, 2);
    put(entry.user, 4);
  }
  return ::setxattr(path.c_str(), list, value.data(), value.size(), 0) == 0;
}

inline bool has_access_list(const std::string &path) {
  return ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

} // namespace ntpkeygen::test
