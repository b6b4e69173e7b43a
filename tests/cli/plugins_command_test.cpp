// What `ntpkeygen plugins` prints of an inventory.
#include "cli/run.hpp"

#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class PluginsCommand : public ::testing::Test {
protected:
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "plugins"});
    return cli::run(arguments, world.environment, linked_commands);
  }

  test::FakeWorld world;
};

TEST_F(PluginsCommand, PrintsATableAndTheFoldersAndWhatWasRefused) {
  world.plugins.listed.plugins = {
      {PluginKind::random_source, "dice", "1.2", "/plugins/random_source-dice.so", "six faces", false, "no table"},
      {PluginKind::key_type, "AES", "1.0.0", "/plugins/key_type-aes.so", "AES keys"},
      {PluginKind::key_type, "rot13", "0.1", "/other/key_type-rot13.so", "letters"},
      {PluginKind::mac_engine, "abacus", "3", "/plugins/mac_engine-abacus.so", "beads"},
  };
  world.plugins.listed.refused = {{"/plugins/a.so", "it is odd"}, {"/plugins/b.so", "it is a text file"}};
  EXPECT_EQ(run({}), 0);
  EXPECT_EQ(world.out.text, "KIND           NAME    VERSION  AVAILABLE  SUMMARY\n"
                            "random_source  dice    1.2      no         six faces (no table)\n"
                            "key_type       AES     1.0.0    yes        AES keys\n"
                            "key_type       rot13   0.1      yes        letters\n"
                            "mac_engine     abacus  3        yes        beads\n"
                            "\n"
                            "in /plugins: random_source dice, key_type AES, mac_engine abacus\n"
                            "\n"
                            "in /other: key_type rot13\n"
                            "\n"
                            "refused: /plugins/a.so\n"
                            "  it is odd\n"
                            "\n"
                            "refused: /plugins/b.so\n"
                            "  it is a text file\n");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(PluginsCommand, NamesTheOnlyFolder) {
  world.plugins.listed.plugins = {
      {PluginKind::random_source, "dice", "1.2", "/plugins/random_source-dice.so", "six faces"},
      {PluginKind::key_type, "AES", "1.0.0", "/plugins/key_type-aes.so", "AES keys"},
  };
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(world.out.text, EndsWith("  AES keys\n\nin /plugins\n"));
}

// Of a folder that others may write to, every file is refused.
TEST_F(PluginsCommand, SaysOnceWhatSeveralFilesAreRefusedFor) {
  world.plugins.listed.refused = {{"/plugins/a.so", "bad folder"}, {"/plugins/b.so", "bad folder"}};
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(world.out.text, HasSubstr("\n\nrefused: /plugins/a.so\nrefused: /plugins/b.so\n  bad folder\n"));
}

TEST_F(PluginsCommand, WritesOutWhatWouldSteerATerminal) {
  world.plugins.listed.plugins = {
      {PluginKind::key_type, "AES", "1\x1b", "/plug\nins/key_type-aes.so", "AES\x07", false, "no\nmore"}};
  world.plugins.listed.refused = {{"/plugins/a\n.so", "odd\x1b[2J"}};
  EXPECT_EQ(run({}), 0);
  EXPECT_EQ(world.out.text, "KIND      NAME  VERSION  AVAILABLE  SUMMARY\n"
                            "key_type  AES   1\\x1b    no         AES\\x07 (no\\nmore)\n"
                            "\n"
                            "in /plug\\nins\n"
                            "\n"
                            "refused: /plugins/a\\n.so\n"
                            "  odd\\x1b[2J\n");
}

TEST_F(PluginsCommand, PrintsOneJsonDocument) {
  world.plugins.listed.plugins = {
      {PluginKind::random_source, "dice", "1.2", "/plugins/random_source-dice.so", "six faces", false, "no table"},
      {PluginKind::key_type, "AES", "1.0.0", "/plugins/key_type-aes.so", "AES keys"},
  };
  world.plugins.listed.refused = {{"/plugins/a.so", "it is \"odd\""}};
  EXPECT_EQ(run({"--json", "--quiet"}), 0);
  EXPECT_EQ(world.out.text,
            R"({"schema":"ntpkeygen/plugins/1","plugins":[)"
            R"({"kind":"random_source","name":"dice","version":"1.2","path":"/plugins/random_source-dice.so",)"
            R"("summary":"six faces","available":false,"reason":"no table"},)"
            R"({"kind":"key_type","name":"AES","version":"1.0.0","path":"/plugins/key_type-aes.so",)"
            R"("summary":"AES keys","available":true,"reason":null}],)"
            R"("refused":[{"path":"/plugins/a.so","reason":"it is \"odd\""}]})"
            "\n");
}

TEST_F(PluginsCommand, NoPluginAtAllIsAnError) {
  EXPECT_EQ(run({}), 1);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.err.text, "ntpkeygen: error: no plugin was found\n"
                            "ntpkeygen: hint: name the folder that holds them with '--plugin-dir DIR'\n");
}

TEST_F(PluginsCommand, AFolderThatWasAskedForAndCannotBeUsedIsAnErrorAndTheOthersAreListed) {
  world.plugins.listed.plugins = {{PluginKind::key_type, "AES", "1.0.0", "/plugins/key_type-aes.so", "AES keys"}};
  world.plugins.listed.refused = {{"nope", "it is not there; name another"}};
  world.plugins.listed.unusable = {{ErrorCode::not_found, 0, "it is not there", "name another"}};
  for (const char *option : {"--quiet", "--json"}) {
    world.out.text.clear();
    world.err.text.clear();
    EXPECT_EQ(run({option}), 1);
    EXPECT_THAT(world.out.text, HasSubstr("AES keys"));
    EXPECT_THAT(world.out.text, HasSubstr("nope"));
    EXPECT_EQ(world.err.text, "ntpkeygen: error: it is not there\n"
                              "ntpkeygen: hint: name another\n");
  }
}

TEST_F(PluginsCommand, LooksFirstWhereItIsTold) {
  world.plugins.listed.plugins = {{PluginKind::key_type, "AES", "1.0.0", "/plugins/key_type-aes.so", "AES keys"}};
  EXPECT_EQ(run({"--plugin-dir", "a", "--plugin-dir=b"}), 0);
  EXPECT_THAT(world.plugins.searched_first, ::testing::ElementsAre("a", "b"));
}

} // namespace
} // namespace ntpkeygen::cli
