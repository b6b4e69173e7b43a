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

class PluginsVerify : public PluginsCommand {
protected:
  PluginsVerify() {
    world.programs.lines = {
        R"({"path":"/p/key_type-x.so","kind":"key_type","name":"x","version":"1\u001b","summary":"a type",)"
        R"("interface":5,"libraries":["libc.so.6","libm.so.6"]})",
        R"({"kind":"","name":"","law":"links","sentence":"is found","outcome":"holds","detail":""})",
        R"({"kind":"key_type","name":"X","law":"lengths","sentence":"takes its lengths","outcome":"holds",)"
        R"("detail":"the short ones"})",
        R"({"kind":"key_type","name":"X","law":"memory","sentence":"fails with an error","outcome":"not-tried",)"
        R"("detail":"no memory"})",
        R"({"done":true})"};
  }
  void break_a_law() {
    world.programs.lines[1] =
        R"({"kind":"","name":"","law":"links","sentence":"is found","outcome":"broken","detail":"it\nis not"})";
  }
};

TEST_F(PluginsVerify, AsksItsHelper) {
  EXPECT_EQ(run({"--verify", "a.so", "--seconds=2.5", "--plugin-dir", "d"}), 0);
  EXPECT_THAT(world.programs.asked, ::testing::ElementsAre(::testing::ElementsAre("/libexec/plugin-verify", "2.500",
                                                                                  "--plugin-dir", "d", "a.so")));
}

TEST_F(PluginsVerify, PrintsALineForEachLaw) {
  EXPECT_EQ(run({"--verify", "a.so"}), 0);
  EXPECT_EQ(world.out.text, "/p/key_type-x.so\n"
                            "key_type x 1\\x1b: a type\n"
                            "built for plugin interface 5; needs libc.so.6, libm.so.6\n"
                            "\n"
                            "the plugin as a whole\n"
                            "  pass  links         is found\n"
                            "\n"
                            "key_type X\n"
                            "  pass  lengths       takes its lengths\n"
                            "        the short ones\n"
                            "  -     memory        fails with an error\n"
                            "        not tried: no memory\n"
                            "\n"
                            "all 2 laws that were tried hold; 1 was not tried\n");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(PluginsVerify, ABrokenLawIsExitStatus1) {
  break_a_law();
  EXPECT_EQ(run({"--verify", "a.so"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("  FAIL  links         is found\n        it\\nis not\n"));
  EXPECT_THAT(world.out.text, EndsWith("\n1 of 2 laws is broken; 1 was not tried\n"));
}

TEST_F(PluginsVerify, PrintsOneJsonDocument) {
  break_a_law();
  EXPECT_EQ(run({"--verify", "a.so", "--json"}), 1);
  EXPECT_EQ(world.out.text,
            R"({"schema":"ntpkeygen/plugin-verification/1","path":"/p/key_type-x.so","kind":"key_type","name":"x",)"
            R"("version":"1\u001B","summary":"a type","interface":5,"libraries":["libc.so.6","libm.so.6"],"laws":[)"
            R"({"kind":null,"name":null,"law":"links","sentence":"is found","outcome":"broken","detail":"it\nis not"},)"
            R"({"kind":"key_type","name":"X","law":"lengths","sentence":"takes its lengths","outcome":"holds",)"
            R"("detail":"the short ones"},)"
            R"({"kind":"key_type","name":"X","law":"memory","sentence":"fails with an error","outcome":"not-tried",)"
            R"("detail":"no memory"}],"broken":1})"
            "\n");
}

TEST_F(PluginsVerify, ARefusedPluginIsAnError) {
  world.programs.lines = {R"({"refused":"the plugin 'a.so' is refused: it is odd","hint":"make it even"})"};
  EXPECT_EQ(run({"--verify", "a.so"}), 1);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.err.text, "ntpkeygen: error: the plugin 'a.so' is refused: it is odd\n"
                            "ntpkeygen: hint: make it even\n");
}

TEST_F(PluginsVerify, AHelperThatDoesNotEndAsItShouldIsAnError) {
  const auto lost = [&] {
    world.err.text.clear();
    EXPECT_EQ(run({"--verify", "a.so", "--json"}), 1);
    EXPECT_THAT(world.err.text, HasSubstr("the helper plugin-verify ended with status"));
  };
  const std::vector<std::string> lines = world.programs.lines;
  world.programs.lines.pop_back();
  lost();
  world.programs.lines = {lines.back()};
  lost();
  for (const char *nonsense : {"", "[]", "{}", R"({"law":"links"})"}) {
    world.programs.lines = lines;
    world.programs.lines.insert(world.programs.lines.begin() + 1, nonsense);
    lost();
  }
  world.programs.lines = lines;
  world.programs.status = 139;
  lost();
  world.programs.status = 0;
  world.programs.missing = "plugin-verify";
  EXPECT_EQ(run({"--verify", "a.so"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("there is no helper plugin-verify"));
}

TEST_F(PluginsVerify, SecondsAreForItAndPossible) {
  EXPECT_EQ(run({"--seconds", "3"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("'--seconds' is for '--verify'"));
  EXPECT_EQ(run({"--verify", "a.so", "--seconds", "0"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("'--seconds 0' is not possible"));
}

TEST_F(PluginsVerify, AnInterruptionIsAnError) {
  world.programs.on_run = [&](const std::vector<std::string> &) { world.control.cancel = true; };
  EXPECT_EQ(run({"--verify", "a.so"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("interrupted"));
}

} // namespace
} // namespace ntpkeygen::cli
