// The plugin folder as it is built: every name and alias that a plugin enrolls has a file name, by which it is found,
// and every file name leads to something that is enrolled.
#include "ntpkeygen/host/dynamic_plugin_set.hpp"

#include "ntpkeygen/host/ascii.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>
#include <link.h>

namespace ntpkeygen {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

TEST(BuiltPlugins, AreAllAccepted) {
  DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
  const PluginInventory inventory = set.inventory();
  std::vector<std::string> refused;
  for (const RefusedPlugin &one : inventory.refused)
    refused.push_back(one.path + ": " + one.reason);
  EXPECT_THAT(refused, IsEmpty());
  EXPECT_FALSE(inventory.plugins.empty());
}

TEST(BuiltPlugins, HaveAFileNameForEveryNameAndAlias) {
  DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
  for (const PluginRow &row : set.inventory().plugins) {
    const std::vector<std::string> names = set.names(row.kind);
    EXPECT_THAT(names, Contains(lower(row.name))) << kind_name(row.kind) << " of " << row.path;
    if (row.kind != PluginKind::key_type)
      continue;
    const auto type = set.key_type(row.name);
    ASSERT_TRUE(test::succeeded(type));
    for (const KeyTypeAlias &alias : (*type)->info().aliases)
      EXPECT_THAT(names, Contains(lower(alias.name))) << "alias of key type " << row.name;
  }
}

TEST(BuiltPlugins, AreEnrolledUnderEveryFileName) {
  // Each in a set of its own, as a command opens it: nothing else has been opened before.
  const auto open = [](PluginKind kind, const std::string &name) -> Result<void> {
    DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
    const auto forget = [](const auto &result) { return result ? Result<void>{} : failure(result.error()); };
    switch (kind) {
    case PluginKind::random_source:
      return forget(set.random_source(name));
    case PluginKind::key_type:
      return forget(set.key_type(name));
    case PluginKind::key_file_format:
      return forget(set.key_file_format(name));
    case PluginKind::key_file_reader:
      return forget(set.key_file_reader(name));
    case PluginKind::mac_engine:
      return forget(set.mac_engine(name));
    case PluginKind::entropy_assessment:
      return forget(set.entropy_assessment(name));
    }
    return failure(ErrorCode::not_found, "no such kind");
  };
  DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
  for (const PluginKind kind : all_plugin_kinds)
    for (const std::string &name : set.names(kind))
      EXPECT_TRUE(test::succeeded(open(kind, name))) << kind_name(kind) << ' ' << name;
}

// A plugin that stays in memory for good (a unique symbol does that) hides mistakes in the order of destruction.
TEST(BuiltPlugins, AreClosedWithTheSetThatOpenedThem) {
  const auto loaded = [] {
    std::vector<std::string> files;
    ::dl_iterate_phdr(
        [](::dl_phdr_info *object, std::size_t, void *found) {
          if (std::string_view(object->dlpi_name).find("/ntpkeygen/plugins/") != std::string_view::npos)
            static_cast<std::vector<std::string> *>(found)->emplace_back(object->dlpi_name);
          return 0;
        },
        &files);
    return files;
  };
  {
    DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
    EXPECT_FALSE(set.inventory().plugins.empty());
    EXPECT_FALSE(loaded().empty());
  }
  EXPECT_THAT(loaded(), IsEmpty());
}

// What a format says of its reader, and a reader of its format, must be found, too.
TEST(BuiltPlugins, NameReadersAndFormatsThatThereAre) {
  DynamicPluginSet set({NTPKEYGEN_BUILT_PLUGINS});
  for (const std::string &name : set.names(PluginKind::key_file_format)) {
    const auto format = set.key_file_format(name);
    ASSERT_TRUE(test::succeeded(format));
    const std::string &reader = (*format)->info().reader;
    EXPECT_TRUE(reader.empty() || test::succeeded(set.key_file_reader(reader))) << name;
    for (const KeyGroup &group : (*format)->recipe().groups)
      EXPECT_TRUE(test::succeeded(set.key_type(group.type))) << name;
  }
  for (const std::string &name : set.names(PluginKind::key_file_reader)) {
    const auto reader = set.key_file_reader(name);
    ASSERT_TRUE(test::succeeded(reader));
    EXPECT_TRUE(test::succeeded(set.key_file_format((*reader)->info().format))) << name;
  }
}

} // namespace
} // namespace ntpkeygen
