#include "cli/shell_words.hpp"

#include <string_view>

namespace ntpkeygen::cli {

std::string quoted_for_a_shell(const std::string &word) {
  constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!word.empty() && word.find_first_not_of(harmless) == std::string::npos)
    return word;
  std::string quoted = "'";
  for (const char character : word)
    character == '\'' ? quoted.append("'\\''") : quoted.append(1, character);
  return quoted + "'";
}

} // namespace ntpkeygen::cli
