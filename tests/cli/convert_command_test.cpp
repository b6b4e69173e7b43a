// `ntpkeygen convert` in a world of fakes: which format a file has, what is told of keys that stay behind, and where
// the result goes.
#include "cli/run.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/network_gear/network_gear.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ConvertCommand : public ::testing::Test {
protected:
  void SetUp() override {
    world.files.add_folder(".");
    for (const auto enroll : {plugins::ntpsec::enroll, plugins::classic::enroll, plugins::chrony::enroll,
                              plugins::busybox::enroll, plugins::network_gear::enroll})
      world.plugins.enroll(enroll);
  }

  int convert(const std::string &file, std::vector<std::string> options) {
    world.files.add_file("keys", file);
    options.insert(options.begin(), {"convert", "keys"});
    return run(options);
  }
  int run(const std::vector<std::string> &arguments) {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{"ntpkeygen"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return cli::run(all, world.environment, linked_commands);
  }

  test::FakeWorld world;
};

constexpr auto sha1_line = "1 SHA1 00112233445566778899aabbccddeeff00112233\n";

TEST_F(ConvertCommand, PrintsTheFileInTheOtherFormat) {
  EXPECT_EQ(convert("# lab\n1 AES128 HEX:00112233445566778899AABBCCDDEEFF\n", {"--to", "ntpsec"}), 0);
  EXPECT_EQ(world.out.text, "# lab\n 1 AES 00112233445566778899aabbccddeeff\n");
  EXPECT_THAT(world.files.listing("."), ElementsAre(StartsWith("keys ")));
}

TEST_F(ConvertCommand, AMinusIsStandardInput) {
  world.files.standard_input = "1 AES128 HEX:00112233445566778899AABBCCDDEEFF\n2 NOPE x\n";
  EXPECT_EQ(run({"convert", "-", "--to", "ntpsec"}), 0) << world.err.text;
  EXPECT_EQ(world.out.text, " 1 AES 00112233445566778899aabbccddeeff\n");
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("notice: standard input is read as the format chrony"),
                                    HasSubstr("warning: standard input, line 2: left out")));
}

TEST_F(ConvertCommand, PrintsCommandsForNetworkGear) {
  const std::string file = "# lab\n 1 AES 0123456789abcdef\n 2 MD5 good # second\n 3 MD5 bad?\n 4 AES-256 "
                           "3031323334353637383961626364656630313233343536373839616263646566\n";
  EXPECT_EQ(convert(file, {"--to", "cisco-ios-xe", "--from", "ntpsec"}), 1);
  EXPECT_EQ(world.out.text, "");
  EXPECT_THAT(world.err.text, HasSubstr("line 4 (key 3): the cisco-ios-xe format cannot write these bytes"));
  EXPECT_EQ(convert(file, {"--to", "cisco-ios-xe", "--from", "ntpsec", "--skip"}), 0) << world.err.text;
  EXPECT_EQ(world.out.text, "! lab\nntp authentication-key 1 cmac-aes-128 0123456789abcdef\nntp trusted-key 1\n"
                            "! second\nntp authentication-key 2 md5 good\nntp trusted-key 2\nntp authenticate\n");
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: notice: the commands are those of the vendor's page"));
}

TEST_F(ConvertCommand, CommentsForNetworkGearHaveNothingThatATerminalTakesForItself) {
  EXPECT_EQ(
      convert("# what? \"this\"; $x \\ too\n1 AES 0123456789abcdef\n", {"--to", "cisco-ios-xe", "--from", "ntpsec"}),
      0);
  EXPECT_THAT(world.out.text, StartsWith("! what   this    x   too\nntp authentication-key 1 "));
}

TEST_F(ConvertCommand, TheEncodingCanBeChosen) {
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--hex"}), 0);
  EXPECT_EQ(world.out.text, "1 MD5 HEX:616263\n");
  EXPECT_EQ(convert("1 MD5 HEX:616263\n", {"--to=chrony", "--from=chrony", "--ascii"}), 0);
  EXPECT_EQ(world.out.text, "1 MD5 abc\n");
}

TEST_F(ConvertCommand, AFormatIsTakenWhereAllThatFitReadTheFileAlike) {
  for (const char *file : {"1 MD5 abc\n",                              // everybody's
                           "1 AES 00112233445566778899aabbccddeeff\n", // NTPsec's
                           "1 AES 0123456789abcdef\n2 MD5 0123456789abcdef0123456789abcdef\n",
                           "1 MD5 abc # note\n2 SHA1 00112233445566778899aabbccddeeff00112233 # note\n",
                           "1 AES128 HEX:00112233445566778899aabbccddeeff\n"}) // chrony's
    EXPECT_EQ(convert(file, {"--to=ntpsec"}), 0) << file << world.err.text;
}

TEST_F(ConvertCommand, WhereTheyDoNotTheFormatHasToBeNamed) {
  EXPECT_EQ(convert(sha1_line, {"--to=ntpsec"}), 1);
  EXPECT_EQ(world.err.text,
            "ntpkeygen: error: keys fits the formats ntpsec, classic, chrony and busybox, and their programs load "
            "different keys from it\n"
            "ntpkeygen: hint: say whose file it is with '--from FORMAT'; 'ntpkeygen explain --for "
            "ntpsec,classic,chrony,busybox' shows what differs\n");
  EXPECT_EQ(world.out.text, "");
  for (const char *file : {"1 MD5 00112233445566778899aabb\n", "1 MD5 abc\r\n", "1 MD5 HEX:00112233\n", "1 MD5 a#b\n",
                           "1 MD5 a\n1 MD5 b\n"})
    EXPECT_EQ(convert(file, {"--to=ntpsec"}), 1) << file;

  EXPECT_EQ(convert(sha1_line, {"--to=chrony", "--from=ntpsec"}), 0);
  EXPECT_EQ(world.out.text, "1 SHA1 HEX:00112233445566778899AABBCCDDEEFF00112233\n");
  EXPECT_EQ(convert(sha1_line, {"--to=chrony", "--from=chrony"}), 0);
  EXPECT_EQ(world.out.text, sha1_line);
}

TEST_F(ConvertCommand, SaysWhoseFileItTookItFor) {
  const std::string notice = "ntpkeygen: notice: keys is read as the format chrony: '--from FORMAT' says otherwise\n";
  const std::string file = "1 AES128 HEX:00112233445566778899AABBCCDDEEFF\n";
  EXPECT_EQ(convert(file, {"--to", "ntpsec"}), 0);
  EXPECT_EQ(world.err.text, notice);
  EXPECT_EQ(convert(file, {"--to", "ntpsec", "--from", "chrony"}), 0);
  EXPECT_EQ(world.err.text, "");
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to", "ntpsec"}), 0);
  EXPECT_EQ(world.err.text, "") << "all read it alike";
}

TEST_F(ConvertCommand, LinesOfTwoWordsMakeNoFileChronys) {
  for (const char *file : {"1\n2 AES\n", "10 tulip\n11 hyacinth\n", "1 MD5 abcdef\n2 AES\n"}) {
    EXPECT_EQ(convert(file, {"--to=ntpsec"}), 1) << world.out.text;
    EXPECT_THAT(world.err.text, HasSubstr("'--from FORMAT'"));
  }
  EXPECT_EQ(convert("10 tulip\n", {"--to=ntpsec", "--from=chrony"}), 0);
  EXPECT_EQ(world.out.text, "10 MD5 tulip\n");
}

TEST_F(ConvertCommand, WhereTooLittleTellsTheFormatItHasToBeNamed) {
  for (const char *file :
       {"1 SHA1 00112233445566778899aabbccddeeff001122zz\n", "1 MD5 00112233445566778899aabbccddeefz\n",
        "70000 MD5 abc\n", "1 MD5 abc\nwhat\nelse\nis\nhere\n"}) {
    EXPECT_EQ(convert(file, {"--to=ntpsec"}), 1) << world.out.text;
    EXPECT_EQ(world.out.text, "");
    EXPECT_EQ(world.err.text,
              "ntpkeygen: error: little or nothing in keys says whose keys file it is\n"
              "ntpkeygen: hint: say whose file it is with '--from FORMAT'; 'ntpkeygen explain' shows what each "
              "program loads\n");
  }
  EXPECT_EQ(convert("1 SHA1 a-long-text-that-is-no-hex\n", {"--to=ntpsec", "--from=chrony"}), 0);
}

TEST_F(ConvertCommand, NotesThatAGeneratorPutsBehindEachKeyStayBehind) {
  const std::string file = "# lab\n 1 MD5 abc  # MD5 key\n 2 MD5 def  # MD5 key\n 3 MD5 ghi # mine\n";
  EXPECT_EQ(convert(file, {"--to=classic"}), 0);
  EXPECT_EQ(world.out.text, "# lab\n 1 MD5 abc  # MD5 key\n 2 MD5 def  # MD5 key\n# mine\n 3 MD5 ghi  # MD5 key\n");
  const std::string once = world.out.text;
  EXPECT_EQ(convert(once, {"--to=classic"}), 0);
  EXPECT_EQ(world.out.text, once);
  EXPECT_EQ(convert(once, {"--to=chrony", "--from=ntpsec"}), 0);
  EXPECT_EQ(world.out.text, "# lab\n1 MD5 abc\n2 MD5 def\n# mine\n3 MD5 ghi\n");
}

TEST_F(ConvertCommand, ChronysFormatHoldsAllTypesThatChronyLoads) {
  for (const std::string type : {"SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"}) {
    const std::string line = type + " qB7vR2kW9zL4\n";
    EXPECT_EQ(convert("1 " + line, {"--to=chrony", "--from=ntpsec"}), 0) << world.err.text;
    EXPECT_EQ(world.out.text, "1 " + line);
  }
}

TEST_F(ConvertCommand, ALineIsNamedOnce) {
  convert("#" + std::string(510, 'x') + "8 NOPE a" + std::string(503, ' ') + "9 NOPE b\n1 MD5 abc\n",
          {"--to=chrony", "--from=ntpsec"});
  EXPECT_THAT(world.err.text, HasSubstr("warning: keys, line 1: left out: NTPsec has no such key type"));
}

TEST_F(ConvertCommand, RefusesWithLineKeyAndReason) {
  EXPECT_EQ(convert("# lab\n"
                    "9 AES128 HEX:00112233445566778899AABBCCDDEEFF\n"
                    "80000 MD5 abc\n"
                    "7 MD5 HEX:000102\n"
                    "70000 MD5 abc\n",
                    {"--to=ntpsec", "--from=chrony", "--output=new"}),
            1);
  EXPECT_EQ(world.err.text,
            "ntpkeygen: error: keys, lines 3, 5 (keys 70000, 80000): key ids of the ntpsec format are 1 to 65535\n"
            "ntpkeygen: error: keys, line 4 (key 7): the ntpsec format cannot write MD5 keys of 24 bits in hex: NTPsec "
            "reads up to 20 digits as ASCII, and the ntpsec format cannot write these bytes in ASCII\n"
            "ntpkeygen: hint: '--skip' leaves out what the format ntpsec cannot hold\n");
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.files.find("new"), nullptr);
}

TEST_F(ConvertCommand, AKeyThatNobodyKnowsIsRefusedByItsLine) {
  const std::string file = "1 AES abc\n2 AES 0123456789abcdef\n";
  EXPECT_EQ(convert(file, {"--to=chrony", "--from=ntpsec"}), 1);
  EXPECT_EQ(world.err.text,
            "ntpkeygen: error: keys, line 1 (key 1): nobody can know all bytes of this key: the program "
            "fills it up from its own memory\n"
            "ntpkeygen: hint: '--skip' leaves out what the format chrony cannot hold\n");
  EXPECT_EQ(convert(file, {"--to=chrony", "--skip"}), 0);
  EXPECT_EQ(world.out.text, "2 AES128 0123456789abcdef\n");
}

TEST_F(ConvertCommand, SkipLeavesOutWhatIsRefused) {
  EXPECT_EQ(convert("# lab\n1 MD5 HEX:000102\n2 MD5 abc\n", {"--to=ntpsec", "--from=chrony", "--skip"}), 0);
  EXPECT_EQ(world.out.text, "# lab\n 2 MD5 abc\n");
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: warning: keys, line 2 (key 1): left out: the ntpsec format cannot "
                                         "write MD5 keys of 24 bits in hex"));
  EXPECT_EQ(convert("1 MD5 HEX:000102\n", {"--to=ntpsec", "--from=chrony", "--skip"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: error: no key is left that the format ntpsec can hold\n"));
  EXPECT_EQ(world.out.text, "");
}

TEST_F(ConvertCommand, WarnsOfLinesThatDefineNoKey) {
  EXPECT_EQ(convert("1 MD5 a\n2 NOPE b\n3 MD5\n1 MD5 c\n4 NOPE b\n", {"--to=chrony", "--from=ntpsec", "--quiet"}), 0);
  EXPECT_EQ(world.out.text, "1 MD5 c\n");
  EXPECT_EQ(
      world.err.text,
      "ntpkeygen: warning: keys, line 1: left out: a later line has the same key id, and NTPsec uses the last one\n"
      "ntpkeygen: warning: keys, lines 2, 5: left out: NTPsec has no such key type, so it skips the line\n"
      "ntpkeygen: warning: keys, line 3: left out: the line has no key behind the type, so NTPsec skips it\n");
}

TEST_F(ConvertCommand, AFileThatItsProgramDoesNotLoadIsAnError) {
  EXPECT_EQ(convert("1 MD5 a\n2 MD5\n", {"--to=chrony", "--from=classic"}), 1);
  EXPECT_EQ(world.err.text,
            "ntpkeygen: error: NTP Classic ntpd loads no key from keys: line 2: a line has no key behind "
            "the type, so NTP Classic rejects the whole file\n"
            "ntpkeygen: hint: mend that line first, or say whose file it is with '--from FORMAT'\n");
  EXPECT_EQ(convert("# nothing\n", {"--to=chrony", "--from=ntpsec"}), 1);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: NTPsec ntpd loads no key from keys\n"));
  EXPECT_EQ(convert("nothing like a key\n", {"--to=chrony"}), 1);
  const std::string no_key = "ntpkeygen: error: no line of keys is a key's in a format that is known here\n"
                             "ntpkeygen: hint: is this the keys file? then name its format with '--from FORMAT'\n";
  EXPECT_EQ(world.err.text, no_key);
  for (const char *text : {"", "\n\n", "# a comment\n"}) {
    EXPECT_EQ(convert(text, {"--to=chrony"}), 1);
    EXPECT_EQ(world.err.text, no_key);
  }
  EXPECT_EQ(convert("1 MD5 a\n", {"--to=chrony", "--from=junos"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: the format junos is only written here, not read\n"
                            "ntpkeygen: hint: name the format of a program's keys file, such as ntpsec or chrony\n");
}

TEST_F(ConvertCommand, WritesAFileThatDidNotExist) {
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=new"}), 0);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: new has 1 key in the format chrony\n"
                            "ntpkeygen: hint: chronyd reads its keys again on 'chronyc rekey'\n");
  ASSERT_NE(world.files.find("new"), nullptr);
  EXPECT_EQ(world.files.find("new")->content, "1 MD5 abc\n");
  EXPECT_EQ(world.files.find("new")->mode, 0400U);

  EXPECT_EQ(convert("1 MD5 abcd\n", {"--to=chrony", "--output=new"}), 1);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: new exists\nntpkeygen: hint: --replace "));
  EXPECT_EQ(world.files.find("new")->content, "1 MD5 abc\n");
}

TEST_F(ConvertCommand, ReplacesAFileAndKeepsTheOldOne) {
  world.files.add_file("chrony.keys", "old", 0640, {0, 38});
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=chrony.keys", "--replace"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: notice: the old file is kept as chrony.keys.3208988800\n"));
  EXPECT_THAT(world.files.listing("."), ElementsAre("chrony.keys 0640 0:38 1 MD5 abc\n",
                                                    "chrony.keys.3208988800 0640 0:38 old", StartsWith("keys ")));
  // A file can be converted where it stands.
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=ntpsec", "--output=keys", "--replace", "--mode=0600", "--owner=ntp:ntpsec"}),
            0);
  EXPECT_EQ(world.files.find("keys")->content, " 1 MD5 abc\n");
  EXPECT_EQ(world.files.find("keys")->mode, 0600U);
  EXPECT_EQ(world.files.find("keys")->owner, (Owner{38, 110}));
}

TEST_F(ConvertCommand, TellsWhatTheNewFileNeeds) {
  world.files.add_folder("/etc/chrony");
  world.host.groups["_chrony"] = 120;
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=/etc/chrony/chrony.keys"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("chown root:_chrony /etc/chrony/chrony.keys && chmod 0640 "));
}

TEST_F(ConvertCommand, TakesNothingOverFromAFileThatSomebodyElsePutThere) {
  world.files.add_folder("open", 01777);
  world.files.add_file("open/new", "old", 0640, {1000, 1000});
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=open/new", "--replace"}), 0);
  EXPECT_EQ(world.files.find("open/new")->mode, 0400U);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: warning: owner and mode of the replaced file were not taken over: "
                                        "somebody else could have put open/new there\n"));
}

TEST_F(ConvertCommand, TellsWhatAGroupIsNotGiven) {
  world.files.add_file("new", "old", 0640, {0, 38});
  world.files.give_access_list("./new");
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=new", "--replace"}), 0);
  EXPECT_EQ(world.files.find("new")->mode, 0600U);
  EXPECT_THAT(world.err.text,
              HasSubstr("warning: what the mode of new, the replaced file, allows a group was not taken "
                        "over: an access control list decides there who is meant\n"));
}

TEST_F(ConvertCommand, InterruptedItWritesNoFile) {
  world.control.cancel = true;
  EXPECT_EQ(convert("1 MD5 abc\n", {"--to=chrony", "--output=new"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: interrupted: nothing was written\n");
  EXPECT_EQ(world.files.find("new"), nullptr);
}

TEST_F(ConvertCommand, BadCommandLinesChangeNothing) {
  world.files.add_file("keys", "1 MD5 a\n");
  world.files.add_file("binary", std::string(4096, '\1'));
  world.files.add_special("fifo", FileStatus::Kind::other);
  const std::pair<std::vector<std::string>, const char *> lines[] = {
      {{}, "which file?"},
      {{"keys", "keys", "--to=chrony"}, "one file at a time, please"},
      {{"keys"}, "into which format?"},
      {{"keys", "--to=nope"}, "there is no 'nope'"},
      {{"keys", "--to=chrony", "--from=nope"}, "there is no 'nope'"},
      {{"keys", "--to=chrony", "--hex", "--ascii"}, "'--hex' and '--ascii' exclude each other"},
      {{"keys", "--to=chrony", "--replace"}, "'--replace' is for '--output FILE'"},
      {{"keys", "--to=chrony", "--output=-", "--mode=0600"}, "'--mode' is for '--output FILE'"},
      {{"keys", "--to=chrony", "--output=new", "--mode=0644"}, "'--mode 0644' would open the keys to every user"},
      {{"keys", "--to=chrony", "--output=new", "--owner=nobody"}, "there is no user 'nobody' on this machine"},
      {{"keys", "--to=chrony", "--output", ""}, "'' cannot be the file's name"},
      {{"keys", "--to=chrony", "--output=none/new"}, "cannot open_folder none"},
      {{"keys", "--to=chrony", "--json"}, "unknown option '--json'"},
      {{"none", "--to=chrony"}, "there is no file none"},
      {{"binary", "--to=chrony"}, "binary is not a text file"},
      {{"fifo", "--to=chrony"}, "fifo is a device, FIFO or socket, and not a regular file"},
  };
  const auto before = world.files.listing(".");
  for (const auto &[arguments, message] : lines) {
    std::vector<std::string> all{"convert"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(run(all), 1) << message;
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + std::string(message)));
    EXPECT_EQ(world.out.text, "");
    EXPECT_EQ(world.files.listing("."), before);
  }
}

TEST_F(ConvertCommand, LostOutputIsAnError) {
  world.out.broken = true;
  EXPECT_EQ(convert("1 MD5 a\n", {"--to=chrony"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: cannot write: it is broken\n");
}

} // namespace
} // namespace ntpkeygen::cli
