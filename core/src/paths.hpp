// Paths as text. Nothing here looks at the file system, but for real_path.
#pragma once

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace ntpkeygen {

[[nodiscard]] inline std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Of a path that begins with a slash.
[[nodiscard]] inline std::string folder_of(const std::string &path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

// Without links; errno says why there is none.
[[nodiscard]] inline std::optional<std::string> real_path(const std::string &path) {
  std::array<char, PATH_MAX> resolved; // not cleared: most of its pages are never touched
  if (::realpath(path.c_str(), resolved.data()) == nullptr)
    return std::nullopt;
  return resolved.data();
}

} // namespace ntpkeygen
