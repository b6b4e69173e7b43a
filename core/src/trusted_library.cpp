#include "trusted_library.hpp"

#include "trusted_code.hpp"

#include <dlfcn.h>
#include <string_view>
#include <system_error>

namespace ntpkeygen {

Result<std::shared_ptr<boost::dll::shared_library>> open_trusted_library(PathTrust &trust, const std::string &path,
                                                                         const struct stat &status) {
  if (Result<void> good = check_code(trust, path, status); !good)
    return failure(std::move(good).error());

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
