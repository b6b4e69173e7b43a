#include "cli/apparmor.hpp"

#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t largest_profile = 1024 * 1024;
constexpr std::size_t deepest = 8, most_alternatives = 256;
constexpr std::string_view folder = "/etc/apparmor.d/";

// Without braces.
bool fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    if (pattern.starts_with("@{")) {
      pattern.remove_prefix(std::min(pattern.find('}'), pattern.size() - 1) + 1);
      for (std::size_t i = 0; i <= path.size(); ++i)
        if (fits(pattern, path.substr(i)))
          return true;
      return false;
    }
    if (pattern.front() == '*') {
      const bool across = pattern.starts_with("**");
      pattern.remove_prefix(across ? 2 : 1);
      for (std::size_t i = 0; i <= path.size(); ++i) {
        if (fits(pattern, path.substr(i)))
          return true;
        if (!across && i < path.size() && path[i] == '/')
          return false;
      }
      return false;
    }
    if (path.empty())
      return false;
    if (pattern.front() == '[') {
      const std::size_t end = pattern.find(']', 2);
      if (end == std::string_view::npos)
        return false;
      const std::string_view set = pattern.substr(1, end - 1);
      bool in = false;
      for (std::size_t i = 0; i < set.size(); ++i)
        if (i + 2 < set.size() && set[i + 1] == '-') {
          in = in || (path.front() >= set[i] && path.front() <= set[i + 2]);
          i += 2;
        } else {
          in = in || path.front() == set[i];
        }
      if (!in)
        return false;
      pattern.remove_prefix(end + 1);
    } else {
      if (pattern.front() == '?' ? path.front() == '/' : pattern.front() != path.front())
        return false;
      pattern.remove_prefix(1);
    }
    path.remove_prefix(1);
  }
  return path.empty();
}

// The first {a,b} in the place of which each of its words is put.
void expand(const std::string &pattern, std::vector<std::string> &expanded) {
  std::size_t open = pattern.find('{');
  while (open != std::string::npos && open > 0 && pattern[open - 1] == '@')
    open = pattern.find('{', open + 1);
  if (open == std::string::npos || expanded.size() >= most_alternatives) {
    expanded.push_back(pattern);
    return;
  }
  std::size_t depth = 0, begin = open + 1;
  std::vector<std::string> words;
  std::size_t at = open;
  for (; at < pattern.size(); ++at) {
    if (pattern[at] == '{')
      ++depth;
    const bool ends = pattern[at] == '}' && --depth == 0;
    if (ends || (pattern[at] == ',' && depth == 1)) {
      words.push_back(pattern.substr(begin, at - begin));
      begin = at + 1;
    }
    if (ends)
      break;
  }
  if (at == pattern.size()) {
    expanded.push_back(pattern);
    return;
  }
  for (const std::string &word : words)
    expand(pattern.substr(0, open) + word + pattern.substr(at + 1), expanded);
}

class Profile {
public:
  Profile(const std::string &path, Environment &environment) : path_(path), environment_(environment) {}

  [[nodiscard]] std::optional<bool> read(const std::string &profile) {
    if (!take(profile, 0) || complains_)
      return std::nullopt;
    return allowed_ && !denied_;
  }

private:
  bool take(const std::string &file, std::size_t depth) {
    auto input = read_input_file(environment_.files, file, "profile", largest_profile, environment_.secrets);
    if (!input || depth > deepest)
      return false;
    const std::string_view text = input->text.reveal_text();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      take_line(text.substr(begin, end - begin), depth);
      begin = end + 1;
    }
    return true;
  }

  void take_line(std::string_view line, std::size_t depth) {
    line.remove_prefix(c_blanks.skip(line, 0));
    for (const std::string_view word : {"#include ", "include "})
      if (line.starts_with(word)) {
        const std::size_t open = line.find('<'), close = line.find('>');
        if (open != std::string_view::npos && close != std::string_view::npos && close > open)
          static_cast<void>(
              take(std::string(folder) + std::string(line.substr(open + 1, close - open - 1)), depth + 1));
        return;
      }
    line = line.substr(0, line.find('#'));
    if (line.find("flags=") != std::string_view::npos && line.find("complain") != std::string_view::npos)
      complains_ = true;
    bool denies = false;
    for (bool again = true; again;) {
      again = false;
      for (const std::string_view word : {"deny ", "owner ", "audit ", "allow ", "file "})
        if (line.starts_with(word)) {
          denies = denies || word == "deny ";
          line.remove_prefix(word.size());
          line.remove_prefix(c_blanks.skip(line, 0));
          again = true;
        }
    }
    if (line.empty() || (line.front() != '/' && line.front() != '@'))
      return;
    const std::size_t end = c_blanks.find(line, 0);
    const std::string_view pattern = line.substr(0, end);
    std::string_view rights = line.substr(c_blanks.skip(line, end));
    rights = rights.substr(0, rights.find(','));
    if (rights.find('r') == std::string_view::npos || !apparmor_pattern_fits(pattern, path_))
      return;
    (denies ? denied_ : allowed_) = true;
  }

  const std::string &path_;
  Environment &environment_;
  bool allowed_ = false, denied_ = false, complains_ = false;
};

} // namespace

bool apparmor_pattern_fits(std::string_view pattern, std::string_view path) {
  std::vector<std::string> expanded;
  expand(std::string(pattern), expanded);
  for (const std::string &each : expanded)
    if (fits(each, path))
      return true;
  return false;
}

std::optional<bool> apparmor_lets_read(const std::string &profile, const std::string &path, Environment &environment) {
  return Profile(path, environment).read(profile);
}

} // namespace ntpkeygen::cli
