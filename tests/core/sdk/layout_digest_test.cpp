// The layout digest is written out in sdk/plugin.hpp: a type that is new in a header is easily forgotten there.
#include "plugin_headers.hpp"

#include <gmock/gmock.h>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace ntpkeygen {
namespace {

using test::plugin_headers;
using test::read_header;

std::set<std::string> found_in(const std::string &text, const std::regex &pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

// Structures and enumerations, those inside a structure as Outer::Inner.
void add_types(const std::string &header, std::set<std::string> &types) {
  static const std::regex definition("( *)(struct|class|enum class) ([A-Za-z]+)[^;]*\\{.*");
  std::istringstream lines(read_header(header));
  std::string outer;
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, definition))
      continue;
    if (parts[1].length() == 0)
      outer = parts[3];
    if (parts[2] != "class") // interfaces cross as pointers
      types.insert(parts[1].length() == 0 ? outer : outer + "::" + parts[3].str());
  }
}

TEST(LayoutDigest, IsMadeOfEveryStructureAndEnumerationOfThePluginsHeaders) {
  const std::set<std::string> headers = plugin_headers();
  std::set<std::string> types;
  for (const std::string &header : headers)
    add_types(header, types);
  EXPECT_GE(headers.size(), 11U);
  EXPECT_THAT(types, ::testing::IsSupersetOf({"Extent", "Line::Kind", "Verdict", "PluginDescriptor", "ErrorCode"}));

  const std::string text = read_header("ntpkeygen/sdk/plugin.hpp");
  const std::size_t begin = text.find("layout_digest =\n    digest_of<");
  ASSERT_NE(begin, std::string::npos);
  const std::string list = text.substr(begin, text.find(">();", begin) - begin);
  for (const std::string &type : types)
    EXPECT_TRUE(std::regex_search(list, std::regex("[ <]" + type + "[,>]|[ <]" + type + "$"))) << type;
}

TEST(LayoutDigest, IsMadeOfEveryResultOfAVirtualFunction) {
  std::string text;
  for (const std::string &header : plugin_headers())
    text += read_header(header);
  static const std::regex result("virtual (Result<.*>) [a-z_]+\\(");
  std::set<std::string> results = found_in(text, result);
  EXPECT_GE(results.size(), 10U);
  // All pointers are alike.
  std::erase_if(results, [](const std::string &one) { return one.starts_with("Result<std::unique_ptr<"); });
  const std::string plugin = read_header("ntpkeygen/sdk/plugin.hpp");
  const std::string list = plugin.substr(plugin.find("layout_digest =\n"));
  for (const std::string &one : results)
    EXPECT_NE(list.find(one + ","), std::string::npos) << one;
}

} // namespace
} // namespace ntpkeygen
