// Who may know whom: each part of the tree includes only what its place in the design allows. What is said to be
// allowed here is the rule itself (docs/architecture.md, "Who may know whom"); the rest of this file reads the #include
// lines.
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The first rule whose folder a file is in decides. `knows` are prefixes of what stands in #include, as a user of the
// header writes it; every file may also include the standard library and its neighbours in its own folder.
struct Rule {
  std::string folder;
  std::vector<std::string> knows;
  bool posix = true;
};

const std::vector<Rule> rules{
    {"core/include/ntpkeygen/sdk/", {"ntpkeygen/sdk/", "tl/expected.hpp"}, false},
    {"core/include/ntpkeygen/trust/", {"ntpkeygen/sdk/", "ntpkeygen/trust/"}, false},
    {"core/include/ntpkeygen/host/", {"ntpkeygen/sdk/", "ntpkeygen/host/"}},
    {"core/src/dynamic_plugin_set.cpp", {"ntpkeygen/sdk/", "ntpkeygen/host/", "boost/dll/"}},
    {"core/src/trusted_library.hpp", {"ntpkeygen/sdk/", "ntpkeygen/host/", "boost/dll/"}},
    {"core/src/trusted_code.cpp", {"ntpkeygen/sdk/", "ntpkeygen/trust/"}},
    {"core/src/", {"ntpkeygen/sdk/", "ntpkeygen/host/"}},
    {"plugins/mac_engines/botan/", {"ntpkeygen/sdk/", "mac_engines/botan/", "botan/"}},
    {"plugins/random_sources/jitterentropy/", {"ntpkeygen/sdk/", "random_sources/jitterentropy/", "jitterentropy.h"}},
    {"plugins/random_sources/openssl/", {"ntpkeygen/sdk/", "random_sources/openssl/", "openssl/"}},
    {"plugins/random_sources/pkcs11/", {"ntpkeygen/sdk/", "ntpkeygen/trust/", "random_sources/pkcs11/", "p11-kit/"}},
    {"plugins/random_sources/tpm2/", {"ntpkeygen/sdk/", "ntpkeygen/trust/", "random_sources/tpm2/", "tss2/"}},
    {"plugins/random_sources/botan/", {"ntpkeygen/sdk/", "random_sources/botan/", "botan/"}},
    {"plugins/key_file_formats/classic/", {"ntpkeygen/sdk/", "key_file_formats/classic/", "key_file_formats/ntpd/"}},
    {"plugins/key_file_formats/ntpsec/", {"ntpkeygen/sdk/", "key_file_formats/ntpsec/", "key_file_formats/ntpd/"}},
    {"plugins/", {"ntpkeygen/sdk/"}}, // and the folder of the plugin, see knows_own_folder
    {"cli/", {"ntpkeygen/sdk/", "ntpkeygen/host/", "cli/", "boost/program_options", "fmt/", "rapidjson/"}},
    {"verify/", {"ntpkeygen/sdk/", "ntpkeygen/host/", "verify/", "rapidjson/"}},
};

// plugins/<kinds>/<name>/... names its own headers <kinds>/<name>/...
bool knows_own_folder(const std::string &file, const std::string &included) {
  static const std::regex plugin_file("plugins/([^/]+/[^/]+/).*");
  std::smatch match;
  return std::regex_match(file, match, plugin_file) && included.starts_with(match[1].str());
}

bool is_standard(std::string_view header) {
  return header.find_first_of("/.") == std::string_view::npos;
}

bool is_posix(std::string_view header) {
  if (!header.ends_with(".h"))
    return false;
  const std::size_t slash = header.find('/');
  static const std::set<std::string_view> folders{"arpa", "asm", "linux", "net", "netinet", "sys"};
  return slash == std::string_view::npos || folders.contains(header.substr(0, slash));
}

// Why a file may not include what stands between the quotes or brackets; empty: it may.
std::string objection(const fs::path &root, const std::string &file, const std::string &included, bool in_brackets) {
  const auto rule = std::ranges::find_if(rules, [&](const Rule &one) { return file.starts_with(one.folder); });
  if (rule == rules.end())
    return "no rule says what this folder may include";
  if (included.find("..") != std::string::npos)
    return "it leads out of the folder";
  if (std::ranges::any_of(rule->knows, [&](const std::string &known) { return included.starts_with(known); }))
    return {};
  if (knows_own_folder(file, included))
    return {};
  if (in_brackets && (is_standard(included) || (rule->posix && is_posix(included))))
    return {};
  if (!in_brackets && included.find('/') == std::string::npos &&
      fs::exists(root / fs::path(file).parent_path() / included))
    return {};
  return "not for " + rule->folder;
}

struct Reading {
  std::size_t files = 0;
  std::vector<std::string> violations{}; // "file:line: what: why"
};

Reading read_tree(const fs::path &root) {
  static const std::regex include_line(R"(^\s*#\s*include\b\s*(.*))"), quoted(R"(([<"])([^>"]+)[>"].*)");
  static const std::set<std::string> extensions{".cpp", ".hpp", ".cc", ".c", ".h", ".inc", ".ipp"};
  Reading reading;
  for (const char *top : {"core", "plugins", "cli", "verify"}) {
    if (!fs::exists(root / top))
      continue;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root / top)) {
      if (!entry.is_regular_file() || !extensions.contains(entry.path().extension()))
        continue;
      ++reading.files;
      const std::string file = entry.path().lexically_relative(root).generic_string();
      std::ifstream text(entry.path());
      std::string line;
      for (std::size_t number = 1; std::getline(text, line); ++number) {
        std::smatch directive, name;
        if (!std::regex_match(line, directive, include_line))
          continue;
        const std::string what = directive[1];
        std::string why = "it is not written out";
        if (std::regex_match(what, name, quoted))
          why = objection(root, file, name[2], name[1] == "<");
        if (!why.empty())
          reading.violations.push_back(file + ":" + std::to_string(number) + ": " + what + ": " + why);
      }
    }
  }
  std::ranges::sort(reading.violations);
  return reading;
}

TEST(IncludeRules, HoldInThisTree) {
  const Reading reading = read_tree(NTPKEYGEN_SOURCE_TREE);
  EXPECT_GT(reading.files, 20U) << "the test looks in the wrong place";
  EXPECT_THAT(reading.violations, IsEmpty());
}

struct Line {
  const char *file;
  const char *line;
};
void PrintTo(const Line &line, std::ostream *out) {
  *out << line.file << ": " << line.line;
}

Reading read_planted(const Line &planted) {
  const TemporaryFolder root;
  fs::create_directories(fs::path(root.file(planted.file)).parent_path());
  root.write(planted.file, std::string("// a comment\n") + planted.line + "\n");
  if (std::string_view(planted.file).starts_with("core/src/"))
    root.write("core/src/neighbour.hpp", "");
  return read_tree(root.path());
}

class Forbidden : public ::testing::TestWithParam<Line> {};
TEST_P(Forbidden, IsFound) {
  const Reading reading = read_planted(GetParam());
  ASSERT_EQ(reading.violations.size(), 1U);
  EXPECT_THAT(reading.violations[0], ::testing::StartsWith(std::string(GetParam().file) + ":2: "));
}
INSTANTIATE_TEST_SUITE_P(
    Includes, Forbidden,
    ::testing::Values(
        Line{"core/include/ntpkeygen/sdk/a.hpp", "#include \"ntpkeygen/host/registry.hpp\""},
        Line{"core/include/ntpkeygen/sdk/a.hpp", "#include <unistd.h>"},
        Line{"core/include/ntpkeygen/sdk/a.hpp", "#include <boost/optional.hpp>"},
        Line{"core/include/ntpkeygen/host/a.hpp", "#include <boost/dll/shared_library.hpp>"},
        Line{"core/include/ntpkeygen/host/a.hpp", "#include \"cli/options.hpp\""},
        Line{"core/src/registry.cpp", "#include <boost/dll/shared_library.hpp>"},
        Line{"core/src/a.cpp", "  #  include <botan/mac.h>"},
        Line{"core/src/a.cpp", "#include \"key_types/aes/aes.hpp\""},
        Line{"core/src/a.cpp", "#include \"../../cli/options.hpp\""},
        Line{"core/src/a.cpp", "#include \"not_there.hpp\""}, Line{"core/src/a.cpp", "#include SOME_MACRO"},
        Line{"core/src/dynamic_plugin_set.cpp", "#include <boost/filesystem.hpp>"},
        Line{"plugins/key_types/aes/aes.cpp", "#include \"ntpkeygen/host/registry.hpp\""},
        Line{"plugins/key_types/aes/aes.cpp", "#include \"cli/options.hpp\""},
        Line{"plugins/key_types/aes/aes.cpp", "#include \"key_types/md5/md5.hpp\""},
        Line{"plugins/key_types/aes/aes.cpp", "#include <botan/mac.h>"},
        Line{"plugins/key_types/aes/aes.cpp", "#include <fmt/format.h>"},
        Line{"plugins/key_file_formats/chrony/a.cpp", "#include \"key_file_formats/ntpd/key_line.hpp\""},
        Line{"plugins/key_file_formats/classic/a.cpp", "#include \"key_file_formats/ntpsec/ntpsec.hpp\""},
        Line{"plugins/key_file_formats/ntpd/a.cpp", "#include \"key_file_formats/ntpsec/ntpsec.hpp\""},
        Line{"plugins/random_sources/system/system.cpp", "#include <botan/rng.h>"},
        Line{"plugins/random_sources/file/a.cpp", "#include \"ntpkeygen/trust/named_code.hpp\""},
        Line{"plugins/random_sources/botan/a.cpp", "#include \"mac_engines/botan/botan.hpp\""},
        Line{"plugins/mac_engines/botan/a.cpp", "#include <openssl/evp.h>"},
        Line{"cli/a.cpp", "#include <botan/mac.h>"}, Line{"cli/a.cpp", "#include <boost/dll/shared_library.hpp>"},
        Line{"cli/a.cpp", "#include \"key_types/aes/aes.hpp\""}, Line{"core/tools/a.cpp", "#include <vector>"}));

class Allowed : public ::testing::TestWithParam<Line> {};
TEST_P(Allowed, IsNot) {
  const Reading reading = read_planted(GetParam());
  EXPECT_THAT(reading.violations, IsEmpty());
  EXPECT_GE(reading.files, 1U);
}
INSTANTIATE_TEST_SUITE_P(
    Includes, Allowed,
    ::testing::Values(Line{"core/include/ntpkeygen/sdk/a.hpp", "#include <tl/expected.hpp>"},
                      Line{"core/include/ntpkeygen/sdk/a.hpp", "#include \"ntpkeygen/sdk/error.hpp\" // why"},
                      Line{"core/include/ntpkeygen/sdk/a.hpp", "// #include <botan/mac.h>"},
                      Line{"core/include/ntpkeygen/host/a.hpp", "#include <memory_resource>"},
                      Line{"core/src/dynamic_plugin_set.cpp", "#include <boost/dll/shared_library.hpp>"},
                      Line{"core/src/a.cpp", "#include <sys/stat.h>"},
                      Line{"core/src/a.cpp", "#include \"neighbour.hpp\""},
                      Line{"plugins/key_types/aes/aes.cpp", "#include \"key_types/aes/aes.hpp\""},
                      Line{"plugins/key_file_formats/ntpsec/a.cpp", "#include \"key_file_formats/ntpd/key_line.hpp\""},
                      Line{"plugins/random_sources/botan/a.cpp", "#include <botan/rng.h>"},
                      Line{"plugins/mac_engines/botan/a.cpp", "#include <botan/mac.h>"},
                      Line{"cli/a.cpp", "#include <boost/program_options.hpp>"},
                      Line{"cli/a.cpp", "#include \"cli/options.hpp\""}));

} // namespace
} // namespace ntpkeygen
