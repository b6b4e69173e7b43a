// The plugin interface is one exact number (docs/plugin-abi.md), which somebody has to raise. So what a plugin is
// compiled with - data members, virtual functions and enumerators, each in its order - is on record for that number,
// and a change of the headers without a new number and a new record is noticed here.
//
//   NTPKEYGEN_WRITE_RECORD=1 build/release/tests/layout_digest_test --gtest_filter=InterfaceRecord.*
#include "ntpkeygen/sdk/plugin.hpp"

#include "plugin_headers.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

using ::testing::ElementsAre;

std::string without_comments(const std::string &text) {
  return std::regex_replace(text, std::regex("//[^\n]*|\n *#[^\n]*"), "");
}

std::string in_one_line(const std::string &text) {
  std::string line = std::regex_replace(text, std::regex("\\s+"), " ");
  line = std::regex_replace(line, std::regex("^ |( ?(public|private|protected): ?)+| $"), "");
  return line;
}

// What stands between the braces of a definition, from its first `{` on.
std::string body_of(const std::string &text, std::size_t begin) {
  int depth = 0;
  for (std::size_t at = begin; at < text.size(); ++at)
    if (text[at] == '{')
      ++depth;
    else if (text[at] == '}' && --depth == 0)
      return text.substr(begin + 1, at - begin - 1);
  return {};
}

// Cut at `end` outside of all brackets, and behind the bodies of functions.
std::vector<std::string> parts_of(const std::string &body, char end) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    const char c = body[at];
    if (c == '{' || c == '(')
      ++depth;
    if (c == '}' || c == ')')
      --depth;
    if (depth == 0 && c == end) {
      parts.push_back(in_one_line(part));
      part.clear();
      continue;
    }
    part += c;
    const std::size_t next = body.find_first_not_of(" \n", at + 1);
    if (end == ';' && depth == 0 && c == '}' && (next == std::string::npos || body[next] != ';') &&
        part.find('(') != std::string::npos) {
      parts.push_back(in_one_line(part));
      part.clear();
    }
  }
  parts.push_back(in_one_line(part));
  std::erase(parts, "");
  return parts;
}

// The part of a member that plugin and program have to agree on; empty: none.
std::string agreed(const std::string &member) {
  if (member.starts_with("friend ") || member.starts_with("using ") || member.starts_with("static ") ||
      member.find(" &operator") != std::string::npos)
    return {};
  if (member.find("virtual ") != std::string::npos)
    return std::regex_replace(member, std::regex("\\[\\[[^\\]]*\\]\\] | \\{.*"), "");
  const bool is_function = member.find('(') != std::string::npos && member.find("(*") == std::string::npos;
  return is_function && !std::regex_search(member, std::regex("^[^(]*=")) ? "" : member;
}

std::vector<std::string> record_of(const std::string &header) {
  std::vector<std::string> record;
  const std::string text = without_comments(header);
  static const std::regex definition(R"((?:^|\n)(struct|class|enum class) ([A-Za-z]+)[^;{(]*\{)");
  for (std::sregex_iterator found(text.begin(), text.end(), definition), end; found != end; ++found) {
    const std::smatch &match = *found;
    const auto brace = static_cast<std::size_t>(match.position() + match.length() - 1);
    const std::string name = in_one_line(match.str().substr(0, match.str().size() - 1));
    std::string members;
    for (const std::string &part : parts_of(body_of(text, brace), match[1] == "enum class" ? ',' : ';'))
      if (const std::string one = match[1] == "enum class" ? part : agreed(part); !one.empty())
        members += "\n  " + one;
    if (!members.empty())
      record.push_back(name + members);
  }
  return record;
}

std::string whole_record() {
  std::string record;
  for (const std::string &header : test::plugin_headers())
    for (const std::string &one : record_of(test::read_header(header)))
      record += one + "\n";
  return record;
}

TEST(InterfaceRecord, IsThatOfItsNumber) {
  const std::string path = std::string(NTPKEYGEN_VECTORS) + "/sdk/interface-" + std::to_string(abi::version);
  const std::string record = whole_record();
  if (std::getenv("NTPKEYGEN_WRITE_RECORD") != nullptr)
    std::ofstream(path) << record;
  const std::string recorded = test::read_file(path);
  if (recorded == record)
    return;
  const auto differ = std::ranges::mismatch(recorded, record);
  const auto begin = static_cast<std::size_t>(differ.in2 - record.begin());
  const std::size_t line = begin == 0 ? 0 : record.rfind('\n', begin - 1) + 1;
  FAIL() << "the headers of the plugin interface are not those of number " << abi::version << ", beginning with: '"
         << record.substr(line, record.find('\n', line) - line)
         << "'\nRaise abi::version in sdk/plugin.hpp, since plugins have to be built anew, and write the record of the "
            "new "
            "number (see the top of this test).";
}

// Of the same members, laid out by the compiler that built this. Other machines and libraries have other digests.
TEST(InterfaceRecord, HasTheLayoutOfItsNumber) {
#if defined(__x86_64__) && defined(_GLIBCXX_USE_CXX11_ABI) && !defined(_GLIBCXX_DEBUG)
  const std::string path = std::string(NTPKEYGEN_VECTORS) + "/sdk/layout-" + std::to_string(abi::version) + "-x86_64";
  const std::string digest = std::to_string(abi::layout_digest) + "\n";
  if (std::getenv("NTPKEYGEN_WRITE_RECORD") != nullptr)
    std::ofstream(path) << digest;
  EXPECT_EQ(test::read_file(path), digest) << "types that cross have another size or alignment: raise abi::version";
#else
  GTEST_SKIP() << "the layout is on record for x86_64 and libstdc++ only";
#endif
}

TEST(InterfaceRecord, HasAllThatPluginAndProgramHaveToAgreeOn) {
  EXPECT_THAT(record_of(R"(
enum class Colour : std::uint8_t {
  red, // like a rose
  green = 4,
};
struct Point {
  enum class Kind : std::uint8_t { near, far };
  static constexpr int most = 3;
  int x = 0, y = 0; // in pixels
  std::string name{};
  std::vector<int> more{1, 2};
  Result<void> (*enroll)(Registrar &);
  [[nodiscard]] bool is_origin() const noexcept { return x == 0 && y == 0; }
  friend bool operator==(const Point &, const Point &) = default;
};
class Shape {
public:
  virtual ~Shape() = default;
  [[nodiscard]] virtual Result<void> draw(std::span<std::byte> out,
                                          RunControl &control) noexcept = 0;
  virtual unsigned corners() const noexcept { return 0; }
  void help();
  Shape &operator=(Shape &&other) noexcept {
    hidden_ = other.hidden_;
    return *this;
  }

private:
  int hidden_ = 1;
};
struct Declared;
)"),
              ElementsAre("enum class Colour : std::uint8_t\n  red\n  green = 4",
                          "struct Point\n  enum class Kind : std::uint8_t { near, far }\n  int x = 0, y = 0\n"
                          "  std::string name{}\n  std::vector<int> more{1, 2}\n  Result<void> (*enroll)(Registrar &)",
                          "class Shape\n  virtual ~Shape() = default\n"
                          "  virtual Result<void> draw(std::span<std::byte> out, RunControl &control) noexcept = 0\n"
                          "  virtual unsigned corners() const noexcept\n  int hidden_ = 1"));
}

} // namespace
} // namespace ntpkeygen
