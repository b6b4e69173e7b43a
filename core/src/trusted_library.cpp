#include "trusted_library.hpp"

#include "paths.hpp"
#include "shared_object_file.hpp"

#include <dlfcn.h>
#include <string_view>
#include <system_error>

namespace ntpkeygen {

Result<std::shared_ptr<boost::dll::shared_library>> open_trusted_library(PathTrust &trust, const std::string &path,
                                                                         const struct stat &status) {
  if (!S_ISREG(status.st_mode))
    return failure(ErrorCode::plugin_fault, "it is not a regular file");
  if (Result<void> trusted = trust.folder(folder_of(path)); !trusted)
    return failure(std::move(trusted).error());
  if (Result<void> trusted = trust.file(path, status); !trusted)
    return failure(std::move(trusted).error());
  if (Result<void> whole = check_shared_object(path); !whole)
    return failure(std::move(whole).error());

  namespace load_mode = boost::dll::load_mode;
  std::error_code error;
  auto library = std::make_shared<boost::dll::shared_library>();
  library->load(path, error, load_mode::rtld_now | load_mode::rtld_local);
  if (!error)
    return library;
  const char *said = ::dlerror();
  std::string_view why = said != nullptr ? said : "the dynamic loader does not say why";
  if (const std::string prefix = path + ": "; why.starts_with(prefix))
    why.remove_prefix(prefix.size());
  return failure(ErrorCode::plugin_fault, "it cannot be loaded: " + std::string(why));
}

} // namespace ntpkeygen
