// What a plugin is compiled with: sdk/plugin.hpp and all of the SDK that it includes, as text.
#pragma once

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace ntpkeygen::test {

inline std::string read_file(const std::string &path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// `name`: as in an #include.
inline std::string read_header(const std::string &name) {
  return read_file(NTPKEYGEN_HEADERS + name);
}

inline void add_headers(const std::string &name, std::set<std::string> &headers) {
  if (!headers.insert(name).second)
    return;
  static const std::regex include_line("#include \"(ntpkeygen/sdk/[^\"]+)\"");
  const std::string text = read_header(name);
  for (std::sregex_iterator found(text.begin(), text.end(), include_line), end; found != end; ++found)
    add_headers((*found)[1], headers);
}

inline std::set<std::string> plugin_headers() {
  std::set<std::string> headers;
  add_headers("ntpkeygen/sdk/plugin.hpp", headers);
  return headers;
}

} // namespace ntpkeygen::test
