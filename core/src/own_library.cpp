#include "ntpkeygen/host/own_library.hpp"

#include "paths.hpp"
#include "trusted_library.hpp"

#include <cerrno>
#include <cstring>
#include <sys/auxv.h>
#include <unistd.h>

namespace ntpkeygen {

bool has_borrowed_privileges() {
  return ::getauxval(AT_SECURE) != 0;
}

namespace {

// What the program was installed below, as it seems: what the folder of the executable, bin or libexec/ntpkeygen, lies
// in; and what it was built for.
std::vector<std::string> prefixes() {
  constexpr std::string_view helpers = "/libexec/ntpkeygen";
  std::vector<std::string> found;
  if (!has_borrowed_privileges()) {
    std::array<char, PATH_MAX> program; // not cleared: most of its pages are never touched
    const ::ssize_t length = ::readlink("/proc/self/exe", program.data(), program.size());
    if (length > 0 && program[0] == '/') {
      const std::string folder = folder_of({program.data(), static_cast<std::size_t>(length)});
      const std::string above =
          folder.ends_with(helpers) ? folder.substr(0, folder.size() - helpers.size()) : folder_of(folder);
      found.push_back(above == "/" ? "" : above);
    }
  }
  if (found.empty() || found.front() != NTPKEYGEN_INSTALL_PREFIX)
    found.emplace_back(NTPKEYGEN_INSTALL_PREFIX);
  return found;
}

std::vector<std::string> below_prefixes(std::string_view subfolder) {
  std::vector<std::string> folders = prefixes();
  for (std::string &folder : folders)
    folder.append(subfolder);
  return folders;
}

} // namespace

std::vector<std::string> own_library_folders() {
  return below_prefixes("/lib/ntpkeygen");
}

std::vector<std::string> own_helper_folders() {
  return below_prefixes("/libexec/ntpkeygen");
}

Result<const void *> open_own_library(const std::string &file, const std::string &symbol) {
  const std::string reinstall = "install ntpkeygen again, or build all of it";
  std::string searched;
  for (const std::string &folder : own_library_folders()) {
    const std::optional<std::string> path = real_path(folder + '/' + file);
    searched += (searched.empty() ? "'" : ", '") + folder + "'";
    if (!path && errno == ENOENT)
      continue;
    struct stat status{};
    if (!path || ::lstat(path->c_str(), &status) != 0)
      return failure(Error{
          ErrorCode::plugin_fault, errno,
          "the program's library '" + folder + '/' + file + "' cannot be opened: " + std::strerror(errno), reinstall});
    const std::string refused = "the program's library '" + *path + "' is refused: ";
    PathTrust trust;
    auto library = open_trusted_library(trust, *path, status);
    if (!library)
      return failure(ErrorCode::plugin_fault, refused + library.error().message,
                     library.error().hint.empty() ? reinstall : library.error().hint);
    if (!(*library)->has(symbol))
      return failure(ErrorCode::plugin_fault, refused + "it has no symbol " + symbol, reinstall);
    // Never closed, and never destroyed: what is got may be used until the process ends.
    static auto &opened = *new std::vector<std::shared_ptr<boost::dll::shared_library>>;
    opened.push_back(*std::move(library));
    return &opened.back()->get<const char>(symbol);
  }
  return failure(ErrorCode::not_found, "the program's library " + file + " is in none of the folders " + searched,
                 reinstall);
}

} // namespace ntpkeygen
