#include "trusted_code.hpp"

#include "ntpkeygen/trust/named_code.hpp"
#include "paths.hpp"
#include "shared_object_file.hpp"

#include <cerrno>
#include <cstring>

namespace ntpkeygen {

Result<void> check_code(PathTrust &trust, const std::string &path, const struct stat &status) {
  if (!S_ISREG(status.st_mode))
    return failure(ErrorCode::plugin_fault, "it is not a regular file");
  if (Result<void> trusted = trust.folder(folder_of(path)); !trusted)
    return trusted;
  if (Result<void> trusted = trust.file(path, status); !trusted)
    return trusted;
  return check_shared_object(path);
}

Result<std::string> check_named_code(std::string_view what, const std::string &path) {
  const auto named = [&](const char *verdict) { return "the " + std::string(what) + " '" + path + "' " + verdict; };
  std::optional<std::string> real = real_path(path);
  struct stat status{};
  if (!real || ::lstat(real->c_str(), &status) != 0) {
    const int number = errno;
    return failure(Error{number == ENOENT ? ErrorCode::not_found : ErrorCode::permission,
                         number,
                         named("cannot be opened: ") + std::strerror(number),
                         {}});
  }
  PathTrust trust;
  if (const Result<void> good = check_code(trust, *real, status); !good)
    return failure(good.error().code, named("is refused: ") + good.error().message, good.error().hint);
  return *std::move(real);
}

} // namespace ntpkeygen
