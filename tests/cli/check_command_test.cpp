// `ntpkeygen check` in a world of fakes: each rule by a file that breaks it, what is printed for people and for
// programs, and the exit status.
#include "cli/run.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_types/aes/aes.hpp"
#include "key_types/md5/md5.hpp"
#include "key_types/sha1/sha1.hpp"
#include "ntpkeygen/host/lint.hpp"
#include "ntpkeygen/sdk/plugin.hpp"
#include "support/base64.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>
#include <set>

// The example of docs/writing-a-plugin.md, a format whose lines have no blanks in them.
extern "C" const ntpkeygen::PluginDescriptor ntpkeygen_plugin;

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CheckCommand : public ::testing::Test {
protected:
  void SetUp() override {
    world.files.add_folder(".");
    for (const auto enroll :
         {plugins::ntpsec::enroll, plugins::classic::enroll, plugins::chrony::enroll, plugins::busybox::enroll,
          plugins::aes::enroll, plugins::md5::enroll, plugins::sha1::enroll})
      world.plugins.enroll(enroll);
  }

  int check(const std::string &file, std::vector<std::string> options = {}) {
    world.files.add_file("keys", file);
    options.insert(options.begin(), {"check", "keys"});
    return run(options);
  }
  int run(const std::vector<std::string> &arguments) {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{"ntpkeygen"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return cli::run(all, world.environment, linked_commands);
  }
  // "2:7 error hash-in-key", in the order in which they are printed.
  std::vector<std::string> findings() {
    std::vector<std::string> found;
    rapidjson::Document document;
    document.Parse(world.out.text.c_str(), world.out.text.size());
    EXPECT_FALSE(document.HasParseError()) << world.out.text;
    for (const auto &file : document["files"].GetArray())
      for (const auto &each : file["findings"].GetArray()) {
        found.push_back(std::to_string(each["line"].GetUint()) + ":" + std::to_string(each["column"].GetUint()) + " " +
                        each["severity"].GetString() + " " + each["rule"].GetString());
        EXPECT_TRUE(each["hint"].IsString()) << found.back() << " says what to do";
        EXPECT_GT(each["message"].GetStringLength(), 0U) << found.back();
        rules_seen.insert(each["rule"].GetString());
      }
    return found;
  }

  test::FakeWorld world;
  std::set<std::string, std::less<>> rules_seen;
};

// 16 bytes that nobody publishes, in hex and as text.
constexpr std::string_view good_hex = "5f0c91d2e86b4a37901bc4fd263ea875", good_text = "qB7%vR2!kW9@zL4e";

std::string with(std::string_view beginning, std::string_view key, std::string_view end = "\n") {
  return std::string(beginning) + std::string(key) + std::string(end);
}

struct Broken {
  std::string expected; // as findings() has it
  std::string file;
  std::vector<std::string> options{};
};

std::vector<Broken> broken_files() {
  const std::string hex(good_hex), text(good_text);
  const std::string overlong = "#" + std::string(510, 'x') + "7 MD5 " + text + "\n";
  const std::vector<std::string> chrony{"--format=chrony"}, classic{"--format=classic"}, busybox{"--format=busybox"};
  return {
      {"1:3 warning ambiguous-type", "1 MDX " + text + "\n"},
      {"1:3 warning ambiguous-type", "1 SHA256 " + hex + "\n", busybox},
      {"1:1 error bad-key-id", "x MD5 " + text + "\n"},
      {"1:7 error beyond-latin-1", "1 MD5 \u4e00bcdefghijklm\n", {"--for=ntpdig"}},
      {"1:1 error byte-order-mark", "\xEF\xBB\xBF# keys\n1 AES " + hex + "\n"},
      {"1:23 warning carriage-return", "1 MD5 " + text + "\r\n"},
      {"1:39 error carriage-return", "1 AES " + hex + "\r\n"},
      {"1:22 warning carriage-return", "1 MD5 " + text.substr(1) + "\r\n", chrony},
      {"1:23 warning carriage-return", "1 AES " + text + "\r\n"},
      {"1:8 error colons-in-hex", "1 SHA1 00:11:22\n", busybox},
      {"1:1 warning continued-line", "1 MD5 " + text + "\\\n\n", busybox},
      {"2:1 error continued-line", "1 MD5 " + text + "\\\n2 MD5 " + text + "a\n", {"--for=ntpsec,busybox"}},
      {"1:2 warning control-character", "#\x1b[2J\n1 AES " + hex + "\n"},
      {"1:3 advice deprecated-type", "1 MD5 " + text + "\n"},
      {"1:3 advice deprecated-type", "1 SHA1 " + hex + "\n"},
      {"1:8 error different-keys", "1 SHA1 " + hex + "\n", {"--for=ntpsec,chrony"}},
      {"1:1 error duplicate-id", "1 AES " + hex + "\n1 MD5 " + text + "\n"},
      {"2:1 error duplicate-id", "1 AES128CMAC " + hex + "\n1 MD5 " + text + "\n", classic},
      {"2:1 error duplicate-id", "1 MD5 " + text + "\n1 MD5 " + text + "\n", {"--format=ntpsec", "--for=chrony"}},
      {"1:7 error empty-key", "1 MD5 HEX:\n", chrony},
      {"1:7 warning hash-in-key", "1 MD5 #abcdefghi\n", {"--format=chrony", "--for=ntpsec"}},
      {"1:9 error hash-in-key", "1 MD5 so#mething\n"},
      {"1:9 warning hash-in-key", "1 MD5 so#mething\n", chrony},
      {"1:8 warning hex-taken-as-text", "1 SHA1 " + hex + "\n", chrony},
      {"1:3 warning implicit-type", "1 " + text + "\n", chrony},
      {"1:1 error imprecise-key-id", "8x AES " + hex + "\n"},
      {"1:1 error imprecise-key-id", "4294967297 AES " + hex + "\n"},
      {"1:7 error indeterminate-key", "1 AES abc\n", {"--format=chrony", "--for=ntpsec"}},
      {"1:27 error invalid-address", "1 SHA1 " + text + "xy nonsense\n", classic},
      {"1:7 error invalid-hex", "1 AES " + hex.substr(1) + "g\n"},
      {"1:1 error key-id-out-of-range", "65536 AES " + hex + "\n"},
      {"1:1 warning key-id-out-of-range", "65536 AES128 HEX:" + hex + "\n", chrony},
      {"1:1 error key-id-zero", "0 AES " + hex + "\n"},
      {"1:1 error key-id-zero", "0 AES128 HEX:" + hex + "\n", chrony},
      {"1:8 error key-too-long", "1 SHA1 " + hex + hex + "00\n"},
      {"1:10 warning key-too-long", "1 SHA512 HEX:" + hex + hex + "00\n", chrony},
      {"1:1 warning line-too-long", std::string(600, '#') + "\n1 AES " + hex + "\n"},
      {"1:512 error line-too-long", overlong},
      {"1:512 error line-too-long", overlong, {"--format=chrony", "--for=ntpsec"}},
      {"1:7 advice mangled-by-gear", "1 MD5 $" + text + "\n"},
      {"1:7 advice mangled-by-gear", "1 MD5 a?" + text + "\n"},
      {"1:6 error missing-key", "1 MD5\n", {"--for=ntpsec"}},
      {"1:2 error missing-type", "1\n"},
      {"1:39 warning no-final-newline", "1 AES " + hex},
      {"1:1 warning no-keys", ""},
      {"1:1 warning no-keys", "# nothing\n"},
      {"1:7 warning non-ascii", "1 MD5 \u00fcbcdefghijklm\n"},
      {"1:1 error not-utf-8", "1 MD5 \xff\n", {"--for=ntpdig"}},
      {"1:3 warning nul-byte", with("# ", std::string_view("\0x", 2)) + "1 AES " + hex + "\n"},
      {"1:1 error nul-byte", with("1 MD5 abc", std::string_view("\0def", 4))},
      {"1:7 error odd-hex-digits", "1 AES " + hex + "0\n"},
      {"1:7 warning patterned-key", "1 AES 00112233445566778899aabbccddeeff\n"},
      {"1:7 warning patterned-key", "1 MD5 aaaaaaaaaaaaaaaaaaaa\n"},
      {"1:7 error prefix-taken-as-text", "1 MD5 HEX:12345678\n", {"--for=ntpsec"}},
      {"1:7 error published-key", "1 MD5 tulip\n"},
      {"1:7 error published-key", "1 AES 2b7e151628aed2a6abf7158809cf4f3c\n"},
      {"2:7 warning reused-key", "1 AES " + hex + "\n2 AES " + hex + "\n"},
      {"1:7 warning signed-hex", "1 MD5 HEX:+1-2\n", chrony},
      {"1:40 advice trailing-comment", "1 AES " + hex + " # mine\n"},
      {"1:40 warning trailing-text", "1 AES " + hex + " 10.0.0.1\n"},
      {"1:47 error trailing-text", "1 AES128 HEX:" + hex + " # mine\n", chrony},
      {"1:3 warning type-taken-for-key", "1 MD5\n", chrony},
      {"1:3 error unknown-type", "1 XYZ " + text + "\n"},
      {"1:3 error unknown-type", "1 AES " + hex + "\n", {"--for=ntpsec,classic"}},
      {"1:3 error unusable-type", "1 DES 0123456789\n"},
      {"1:7 warning weak-key", "1 MD5 zR4!kW\n"},
      {"1:7 error wrong-key-length", "1 AES " + hex + "00\n"},
  };
}

TEST_F(CheckCommand, FindsEachRuleByTheFileThatBreaksIt) {
  for (const Broken &broken : broken_files()) {
    SCOPED_TRACE(broken.file);
    std::vector<std::string> options = broken.options;
    options.emplace_back("--json");
    const int status = check(broken.file, options);
    const std::vector<std::string> found = findings();
    EXPECT_THAT(found, Contains(broken.expected));
    EXPECT_EQ(status,
              std::ranges::any_of(found, [](const std::string &each) { return each.find(" error ") != each.npos; }));
    EXPECT_EQ(world.err.text, "");
  }
  // Those of the place have tests below, those of configurations in check_config_test.cpp; the others stand for what
  // another line does, and are told there.
  const std::set<std::string, std::less<>> elsewhere{
      "file-rejected",      "folder-writable",    "foreign-owner",      "not-read",        "program-exits",
      "readable-by-group",  "readable-by-others", "writable-by-others", "apparmor-denies", "bad-key-reference",
      "daemon-cannot-read", "include-loop",       "include-missing",    "key-not-loaded",  "key-not-trusted",
      "keys-file-missing",  "loaded-not-trusted", "no-keys-file",       "other-keys-file", "trusted-not-loaded",
      "relative-path",      "repeated-keys-file"};
  for (const LintRule &rule : lint_rules())
    EXPECT_TRUE(rules_seen.contains(rule.id) || elsewhere.contains(rule.id)) << rule.id << " is not tried";
}

// All findings of a file: what a format, a program and the look at the text would each tell, one of them does.
TEST_F(CheckCommand, AFaultIsToldOnceAndAtItsLimit) {
  const std::string hex(good_hex), text("qB7vR2kW9zL4e123");
  const std::string deprecated = "1:3 advice deprecated-type";
  struct Told {
    std::string file, options;
    std::vector<std::string> expected;
  };
  const std::string filler(509, 'x');
  for (const Told &told : std::vector<Told>{
           {"1 AES " + hex + "\n1 MD5 " + text + "\n",
            "--format=ntpsec",
            {"1:1 error duplicate-id", "2:3 advice deprecated-type"}},
           {"1 MD5 " + text + "\n1 MD5 " + text + "\n", "--format=chrony", {"1:1 error duplicate-id", deprecated}},
           {"+0 AES " + hex + "\n", "--format=ntpsec", {"1:1 error key-id-zero", "1:1 warning no-keys"}},
           {"1 AES abc\n", "--format=ntpsec", {"1:7 error wrong-key-length"}},
           {"#" + filler + "\n1 AES " + hex + "\n", "--format=ntpsec", {}},
           {"#" + filler + "x\n1 AES " + hex + "\n", "--format=ntpsec", {"1:1 warning line-too-long"}},
           {"#" + std::string(2100, 'x') + "\n1 AES128 HEX:" + hex + "\n",
            "--format=chrony",
            {"1:2048 error line-too-long", "1:2102 error missing-key"}},
           {"1 MD5 " + text + "\r\n", "--format=ntpsec", {deprecated, "1:23 warning carriage-return"}},
           {"1 MD5 01234567890123456789\n", "--format=chrony", {deprecated, "1:7 warning patterned-key"}},
           {"1 MD5 012345678901234567890\n",
            "--format=chrony",
            {deprecated, "1:7 warning hex-taken-as-text", "1:7 warning patterned-key"}},
           {"1 SHA1 HEX:5f0c91d2e86b4a37901b\n", "--format=chrony", {deprecated}},
           {"1 SHA1 HEX:5f0c91d2e86b4a3790\n", "--format=chrony", {deprecated, "1:8 warning weak-key"}},
           {"1 SHA512 HEX:" + hex + hex.substr(1) + "1\n", "--format=chrony", {}},
           {"1 MD5 0x00112233\n",
            "--format=ntpsec",
            {deprecated, "1:7 error prefix-taken-as-text", "1:7 warning patterned-key"}},
           {"\xEF\xBB\xBF"
            "1 AES " +
                hex + "\n2 AES " + hex + "\n",
            "--format=ntpsec",
            {"1:1 error bad-key-id", "1:1 error byte-order-mark"}},
           {"1 " + std::string(30, ' ') + "AES " + hex + "0\n", "--format=ntpsec", {"1:37 error odd-hex-digits"}},
           {"1 SHA1 " + hex + "\n2 AES x\n3 SHA1 " + hex.substr(2) + "\n",
            "--format=busybox",
            {deprecated, "2:3 error unknown-type"}},
           {"1 SHA1 " + hex + " x\n2 SHA1 " + hex.substr(2) + "\n",
            "--format=busybox",
            {"1:41 error trailing-text", "2:3 advice deprecated-type"}},
       }) {
    SCOPED_TRACE(told.file);
    check(told.file, {"--json", told.options});
    EXPECT_THAT(findings(), testing::ElementsAreArray(told.expected));
  }
  check("1 XYZ " + text + "\n", {"--json", "--format=ntpsec", "--for=ntpsec,classic"});
  EXPECT_THAT(findings(), ElementsAre("1:1 warning no-keys", "1:3 error unknown-type", "1:3 error unknown-type"))
      << "each program has its say";
}

TEST_F(CheckCommand, AGoodFileHasNoFindings) {
  const std::string hex(good_hex);
  EXPECT_EQ(check("# keys\n\n 1 AES " + hex + "\n65535 AES zB5%vR2!kW9@xL4e\n", {"--json", "--strict"}), 0);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(check("1 AES128 HEX:" + hex + "\n", {"--json", "--strict", "--for=chrony"}), 0);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(check("1 AES128CMAC " + hex + "\n", {"--json", "--strict", "--for=ntpsec,classic"}), 0);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(check("1 AES " + hex + "\n"), 0);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: keys is read as the format ntpsec: '--format F' says otherwise\n"
                            "ntpkeygen: notice: nothing to say about 1 file\n");
  EXPECT_EQ(check("1 AES " + hex + "\n", {"--quiet"}), 0);
  EXPECT_EQ(world.err.text, "");
  for (const char *told : {"--format=ntpsec", "--for=ntpsec"}) {
    EXPECT_EQ(check("1 AES " + hex + "\n", {told}), 0);
    EXPECT_EQ(world.err.text, "ntpkeygen: notice: nothing to say about 1 file\n") << "nothing was guessed";
  }
}

TEST_F(CheckCommand, TellsPeopleWhatIsWrongWhereAndWhatToDo) {
  const std::string hex(good_hex);
  EXPECT_EQ(check("# lab\n1 MD5 crocus\n2 AES " + hex + " # mine\n3 AES " + hex + " # mine\n"), 1);
  EXPECT_EQ(world.out.text,
            "keys:2:3: advice: MD5 is deprecated for NTP (RFC 8573 section 2 says it must not be used) "
            "[deprecated-type]\n"
            "    hint: use AES-128-CMAC, type AES, where every program involved can\n"
            "keys:2:7: error: the key is published in chrony.conf(5), so everybody knows it [published-key]\n"
            "    hint: draw a new key, and give it to all peers: ntpkeygen --type MD5 --format ntpsec --first-id 1 "
            "--encoding hex --count 1 --output -\n"
            "keys:3:40: advice: a comment follows the key, for which chrony skips the line (the same in 1 other line) "
            "[trailing-comment]\n"
            "    hint: put the comment on a line of its own if chrony or ntpdig shares the file\n"
            "keys:4:7: warning: key 3 is the same as key 2 in line 3 [reused-key]\n"
            "    hint: make a key of its own for each pair of machines (RFC 8633 section 4.1)\n");
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: keys is read as the format ntpsec: '--format F' says otherwise\n"
                            "ntpkeygen: notice: 1 error, 1 warning and 2 pieces of advice about 1 file\n");
}

TEST_F(CheckCommand, NeverShowsAKey) {
  for (const Broken &broken : broken_files()) {
    check(broken.file, broken.options);
    for (const std::string_view key : {good_hex.substr(1, 12), good_text.substr(1, 8)})
      EXPECT_THAT(world.out.text, Not(HasSubstr(std::string(key)))) << broken.file;
  }
}

// Such as the rules on words, which a line of another shape does not have.
TEST_F(CheckCommand, AFormatOfOtherLinesIsJudgedByItselfAndItsReader) {
  world.plugins.enroll(ntpkeygen_plugin.enroll);
  const std::string key(good_hex);
  EXPECT_EQ(check("# the lab's\r\n12,aes-128," + key + "\n", {"--json", "--strict"}), 0) << "a comment with a CR";
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(check("12,aes-128," + key, {"--strict", "--format=csv"}), 0);
  EXPECT_EQ(world.out.text, "");

  EXPECT_EQ(
      check("1,aes-128," + key + "\n1000,aes-128," + key.substr(1) + "0\n1,aes-128,00112233445566778899aabbccddeeff\n",
            {"--format=csv"}),
      1);
  EXPECT_EQ(world.out.text,
            "keys:2:1: error: an id is a number from 1 to 999 [key-id-out-of-range]\n"
            "keys:3:1: error: an earlier line has the same id [duplicate-id]\n"
            "keys:3:1: warning: the key follows a pattern that is quickly guessed [patterned-key]\n"
            "    hint: draw a random key: ntpkeygen --type AES --format csv --first-id 1 --count 1 --output -\n")
      << "a plugin's rule has no hint of another's";
  check("1,aes-128\n", {"--json", "--format=csv"});
  EXPECT_THAT(world.out.text, HasSubstr(R"("rule":"missing-field")"));
  EXPECT_THAT(world.out.text, HasSubstr(R"("hint":null)"));
}

TEST_F(CheckCommand, IsColouredOnATerminalOnly) {
  check("1 MD5 tulip\n");
  EXPECT_THAT(world.out.text, Not(HasSubstr("\033")));
  world.out.terminal = true;
  check("1 MD5 tulip\n");
  EXPECT_THAT(world.out.text, HasSubstr("keys:1:7: \033[1;31merror\033[0m: the key"));
  EXPECT_THAT(world.out.text, HasSubstr("    \033[1;36mhint\033[0m: "));
  check("1 MD5 tulip\n", {"--json"});
  EXPECT_THAT(world.out.text, Not(HasSubstr("\033")));
}

TEST_F(CheckCommand, WritesOneDocumentForAllFiles) {
  world.files.add_file("other", "1 MD5 tulip\n");
  world.files.add_file("keys", "1 AES " + std::string(good_hex) + "\n");
  EXPECT_EQ(run({"check", "keys", "other", "--json"}), 1);
  EXPECT_EQ(world.out.text,
            "{\"schema\":\"ntpkeygen/check/1\",\"files\":["
            "{\"file\":\"keys\",\"format\":\"ntpsec\",\"findings\":[]},"
            "{\"file\":\"other\",\"format\":\"ntpsec\",\"findings\":["
            "{\"line\":1,\"column\":3,\"severity\":\"advice\",\"rule\":\"deprecated-type\",\"message\":"
            "\"MD5 is deprecated for NTP (RFC 8573 section 2 says it must not be used)\",\"hint\":"
            "\"use AES-128-CMAC, type AES, where every program involved can\"},"
            "{\"line\":1,\"column\":7,\"severity\":\"error\",\"rule\":\"published-key\",\"message\":"
            "\"the key is published in chrony.conf(5), so everybody knows it\",\"hint\":"
            "\"draw a new key, and give it to all peers: ntpkeygen --type MD5 --format ntpsec --first-id 1 "
            "--encoding hex --count 1 --output -\"}]}],"
            "\"errors\":1,\"warnings\":0,\"advice\":1}\n");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(CheckCommand, ANameCannotSteerATerminal) {
  world.files.add_folder("/k\033[2J", 0777);
  world.files.add_file("/k\033[2J/a\nb", "1 AES " + std::string(good_hex) + "\n", 0644);
  EXPECT_EQ(run({"check", "/k\033[2J/a\nb"}), 1);
  EXPECT_THAT(world.out.text,
              AllOf(HasSubstr("folder-writable"), HasSubstr("chmod"), Not(HasSubstr("\033")), Not(HasSubstr("a\nb"))));
}

TEST_F(CheckCommand, ExitStatusFollowsTheWorstFinding) {
  const std::string reused = "1 AES " + std::string(good_hex) + "\n2 AES " + std::string(good_hex) + "\n";
  EXPECT_EQ(check(reused), 0);
  EXPECT_EQ(check(reused, {"--strict"}), 1);
  EXPECT_EQ(check("1 AES " + std::string(good_hex) + " # advice\n", {"--strict"}), 0);
  EXPECT_EQ(check("1 XYZ abcd\n"), 1);
  EXPECT_EQ(run({"check"}), 2);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: which file?\n"));
  EXPECT_EQ(run({"check", "keys", "--no-such-option"}), 2);
  EXPECT_EQ(check("1 MD5 tulip\n", {"--format=nonesuch"}), 2);
  EXPECT_EQ(check("1 MD5 tulip\n", {"--for=nonesuch"}), 2);
}

TEST_F(CheckCommand, AFileThatCannotBeReadKeepsNobodyFromHearingAboutTheOthers) {
  world.files.add_file("keys", "1 MD5 tulip\n");
  EXPECT_EQ(run({"check", "missing", "keys"}), 2);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: there is no file missing\n"));
  EXPECT_THAT(world.out.text, HasSubstr("[published-key]"));
  world.out.broken = true;
  EXPECT_EQ(run({"check", "keys"}), 2);
}

TEST_F(CheckCommand, TakesTheFormatThatFitsBest) {
  const std::string hex(good_hex);
  const auto format_of = [&](const std::string &file, std::vector<std::string> options) {
    options.emplace_back("--json");
    check(file, options);
    rapidjson::Document document;
    document.Parse(world.out.text.c_str());
    return std::string(document["files"][0]["format"].GetString());
  };
  EXPECT_EQ(format_of("1 AES " + hex + "\n", {}), "ntpsec");
  EXPECT_EQ(format_of("1 AES128 HEX:" + hex + "\n", {}), "chrony");
  EXPECT_EQ(format_of("1 MD5 abcdefgh # MD5 key\n", {}), "classic");
  EXPECT_EQ(format_of("1 MD5 abcdefgh\n", {}), "ntpsec");
  EXPECT_EQ(format_of("1 MD5 abcdefgh\n70000 MD5 abcdefgh\n", {}), "ntpsec") << "a mistake makes it no chrony file";
  EXPECT_EQ(format_of("10 tulip\n11 hyacinth\n", {}), "ntpsec") << "lines of two words may be halves of others";
  EXPECT_EQ(format_of("10 tulip\n11 hyacinth\n20 MD5 ASCII:crocus\n", {}), "chrony");
  EXPECT_EQ(format_of("1 AES128 HEX:" + hex + "\n2\n3\n4\n5\n6 MD5 abc\n", {}), "chrony") << "as convert takes it";
  const std::string slip = hex.substr(1) + "z"; // one digit of 32
  EXPECT_EQ(format_of("1 SHA1 " + slip + "\n", {}), "ntpsec") << "digits with a slip make no chrony file";
  EXPECT_EQ(format_of("1 SHA1 " + slip + "\n2 SHA1 " + slip + "\n3 MD5 abcdefgh\n", {}), "ntpsec");
  EXPECT_EQ(format_of("1 MD5 " + slip + "\n", {}), "ntpsec") << "nor one of busybox";
  EXPECT_EQ(format_of("0 MD5 abcdefgh\n", {}), "ntpsec");
  EXPECT_EQ(format_of("70000 MD5 abcdefgh\n", {}), "ntpsec");
  EXPECT_EQ(format_of("1 SHA1 " + slip + "\n", {"--for=sntp,chrony"}), "classic");
  EXPECT_EQ(format_of("1 MD5 abcdefgh\n", {"--for=busybox"}), "busybox");
  EXPECT_EQ(format_of("1 MD5 abcdefgh\n", {"--for=sntp,chrony"}), "classic");
  EXPECT_EQ(format_of("1 MD5 abcdefgh\n", {"--for=sntp", "--format=chrony"}), "chrony");
}

TEST_F(CheckCommand, WhereNothingInAFileTellsItsNameDoes) {
  const std::string hex(good_hex);
  world.files.add_folder("/etc/chrony");
  const auto formats_of = [&](const std::string &file) {
    std::string formats;
    for (const std::string path : {"chrony.keys", "my-chrony-keys", "/etc/chrony/keys", "keys"}) {
      world.files.add_file(path, file);
      run({"check", path, "--json"});
      rapidjson::Document document;
      document.Parse(world.out.text.c_str());
      formats += std::string(document["files"][0]["format"].GetString()) + " ";
    }
    return formats;
  };
  EXPECT_EQ(formats_of("1 SHA1 " + hex + "\n"), "chrony chrony chrony ntpsec ");
  EXPECT_EQ(formats_of("1 SHA1 a-long-text-that-is-no-hex\n"), "chrony chrony chrony ntpsec ");
  EXPECT_EQ(formats_of("# nothing\n"), "chrony chrony chrony ntpsec ");
  EXPECT_EQ(formats_of("1 AES " + hex + "\n"), "ntpsec ntpsec ntpsec ntpsec ") << "what is in it is the better witness";
  world.files.add_file("chrony.keys", "1 SHA1 " + hex + "\n");
  run({"check", "chrony.keys", "--for=ntpsec,classic"});
  EXPECT_THAT(world.err.text, HasSubstr("chrony.keys is read as the format ntpsec:")) << "chrony is not asked about";
}

TEST_F(CheckCommand, SaysSoWhereTooLittleTellsTheFormat) {
  const std::string unsure =
      "ntpkeygen: notice: keys is read as the format ntpsec, though little or nothing in it says "
      "whose keys file it is: '--format F' says otherwise\n";
  for (const std::string file : {"1 AES\n", "1 SHA1 5f0c91d2e86b4a37901bc4fd263ea87z\n", "1 tulip\n", "# nothing\n", "",
                                 "some words\nand others\n"}) {
    check(file);
    EXPECT_THAT(world.err.text, StartsWith(unsure)) << file;
  }
  check("1 MD5 abcdef\n2 AES\n");
  EXPECT_THAT(world.err.text, Not(HasSubstr("little or nothing")));
  check("1 AES\n", {"--format=ntpsec"});
  EXPECT_THAT(world.err.text, Not(HasSubstr("little or nothing")));
  world.files.add_file("a", "1 AES " + std::string(good_hex) + "\n");
  world.files.add_file("b", "1 AES\n");
  run({"check", "a", "b"});
  EXPECT_THAT(world.err.text,
              StartsWith("ntpkeygen: notice: a is read as the format ntpsec; b is read as the format ntpsec, though "
                         "little or nothing in it says whose keys file it is: '--format F' says otherwise\n"));
}

TEST_F(CheckCommand, SaysWhatBecomesOfAKeyWithAnotherLengthThanTheCiphers) {
  const auto said = [&](const std::string &file, const std::string &format) {
    EXPECT_EQ(check(file, {"--format=" + format}), 1);
    return world.out.text;
  };
  EXPECT_THAT(said("1 AES qB7%vR2!kW9@zL4eX\n", "ntpsec"),
              HasSubstr("1:7: error: the key has 17 bytes and the cipher takes 16, so NTPsec cuts it to its first 16 "
                        "[wrong-key-length]\n    hint: use a key of exactly 16 bytes: 16 characters or 32 hex digits"));
  EXPECT_THAT(
      said("1 AES-192 " + std::string(good_hex) + "\n", "ntpsec"),
      HasSubstr("the key has 16 bytes and the cipher takes 24, so NTPsec fills it up with what happens to be in "
                "its memory [wrong-key-length]\n    hint: use a key of exactly 24 bytes: 48 hex digits\n"));
  EXPECT_THAT(said("1 AES128CMAC a\n", "classic"),
              HasSubstr("the key has 1 byte and the cipher takes 16, so NTP Classic fills it up with zeros ["));
  EXPECT_THAT(said("1 AES128 HEX:0011\n", "chrony"),
              HasSubstr("the key has 2 bytes and the cipher takes 16, so chrony skips the line ["));
}

TEST_F(CheckCommand, ACarriageReturnBehindAKeyOfTheCiphersLengthIsToldAsSuch) {
  EXPECT_EQ(check("1 AES " + std::string(good_text) + "\r\n"), 0);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("NTPsec cuts the key to the cipher's 16 bytes, which takes the CR off"),
                                    Not(HasSubstr("wrong-key-length"))));
  EXPECT_EQ(check("1 AES " + std::string(good_text.substr(1)) + "\r\n"), 0);
  EXPECT_THAT(world.out.text, HasSubstr("NTPsec takes the carriage return at the line's end as part of the key"));
  EXPECT_EQ(check("1 AES " + std::string(good_text.substr(2)) + "\r\n"), 1);
  EXPECT_THAT(world.out.text,
              HasSubstr("the key has 15 bytes, the CR at the line's end included, and the cipher takes"));
}

TEST_F(CheckCommand, ARuleIsToldTwentyTimesAndThenCounted) {
  std::string file;
  for (int id = 1; id <= 50; ++id)
    file += std::to_string(id) + " MD5 abc" + std::to_string(id) + "\n";
  EXPECT_EQ(check(file), 0);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("keys:20:"), Not(HasSubstr("keys:21:")),
                                    HasSubstr("keys: warning: and the same in 30 other lines [weak-key]\n")));
  EXPECT_THAT(world.err.text, HasSubstr("50 warnings and 1 piece of advice"));
  check(file, {"--json"});
  EXPECT_THAT(findings(), testing::SizeIs(51));
  const auto first = [&](std::size_t lines) { // of the file
    std::size_t end = 0;
    while (lines-- != 0)
      end = file.find('\n', end) + 1;
    return file.substr(0, end);
  };
  check(first(20));
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("keys:20:"), Not(HasSubstr("and the same in"))));
  check(first(21));
  EXPECT_THAT(world.out.text, HasSubstr("keys: warning: and the same in 1 other line [weak-key]\n"));
}

TEST_F(CheckCommand, ErrorsAreNotHiddenBehindWarningsOfTheSameRule) {
  const std::string hex(good_hex);
  std::string file;
  for (int id = 1; id <= 25; ++id)
    file += std::to_string(70000 + id) + " AES128 HEX:" + hex + "\n"; // a warning for chrony's format
  EXPECT_EQ(check(file, {"--format=chrony", "--for=chrony,ntpsec"}), 1);
  for (const char *severity : {"error", "warning"}) {
    const std::string told = std::string(": ") + severity + ": ";
    std::size_t count = 0;
    for (std::size_t at = 0; (at = world.out.text.find(told, at)) != std::string::npos; ++at)
      ++count;
    EXPECT_GT(count, 20U) << severity;
  }
}

TEST_F(CheckCommand, HintsAreCommandsForTheKeyAndTheFile) {
  check("7 AES-192 0123456789abcdef0123456789abcdef0123456789abcdef\n");
  EXPECT_THAT(world.out.text,
              HasSubstr(": ntpkeygen --type AES-192 --format ntpsec --first-id 7 --encoding hex --count "
                        "1 --output -\n"));
  check("0 AES128 HEX:00112233445566778899aabbccddeeff\n", {"--format=chrony"});
  EXPECT_THAT(world.out.text,
              HasSubstr(": ntpkeygen --type AES --format chrony --encoding hex --count 1 --output -\n"));
  check("1 MD5 abc\n", {"--format=busybox"});
  EXPECT_THAT(world.out.text, HasSubstr(": ntpkeygen --type MD5 --format busybox --first-id 1 --count 1 --output -\n"));
  check("1 SHA1 0011\n", {"--format=busybox"});
  EXPECT_THAT(world.out.text, HasSubstr(" --format busybox --first-id 1 --encoding hex --count 1 --output -\n"));
  check("1 MD5 aaaaaaaaaaaaaaaaaaaa\n");
  EXPECT_THAT(world.out.text,
              HasSubstr("hint: draw a random key: ntpkeygen --type MD5 --format ntpsec --first-id 1 --encoding hex"));
  world.files.add_file("my keys", "1 MD5 " + std::string(good_text) + "\r\n2 MD5 a" + std::string(good_text) + "\r\n");
  run({"check", "my keys", "--format=chrony"});
  EXPECT_THAT(world.out.text, HasSubstr("hint: end lines with a line feed alone: sed -i 's/\\r$//' 'my keys'\n"));
}

TEST_F(CheckCommand, AFileOfAnotherProgramsIsSaidToBeOne) {
  const std::string hex(good_hex);
  EXPECT_EQ(check("1 AES128 HEX:" + hex + "\n2 AES128 HEX:" + hex + "\n", {"--format=ntpsec"}), 1);
  EXPECT_THAT(world.out.text,
              HasSubstr("[unknown-type]\n    hint: this looks like a file of chrony's: ntpkeygen convert "
                        "keys --from chrony --to ntpsec\n"));
  EXPECT_EQ(check("1 AES128 HEX:" + hex + "\n2 AES128 HEX:" + hex + "\n3 MD5 zR4!kW\n", {"--format=ntpsec"}), 1);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("[weak-key]\n    hint: use 16 random bytes in hex"),
                                    HasSubstr("[unknown-type]\n    hint: this looks like a file of chrony's")))
      << "the hints of this rule alone";
  for (const std::string &file : {"1 XYZ " + hex + "\n2 AES " + hex + "\n", "1 XYZ " + hex + "\n2 XYZ " + hex + "\n",
                                  "1 AES128 HEX:" + hex + "\n2 MD5 abc\n3 MD5 abcd\n"}) {
    EXPECT_EQ(check(file, {"--format=ntpsec"}), 1);
    EXPECT_THAT(world.out.text, AllOf(HasSubstr("hint: spell the type as the program does"),
                                      Not(HasSubstr("this looks like a file of"))))
        << file;
  }
  world.files.add_file("my keys", "1 AES128 HEX:" + hex + "\n");
  run({"check", "my keys", "--format=ntpsec"});
  EXPECT_THAT(world.out.text, HasSubstr("ntpkeygen convert 'my keys' --from chrony --to ntpsec\n"));
}

TEST_F(CheckCommand, AMinusIsStandardInput) {
  world.files.standard_input = "1 MD5 tulip\r\n2 MD5 crocus\r\n";
  EXPECT_EQ(run({"check", "-", "--format=chrony"}), 1);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("standard input:1:7: error: the key is published"),
                                    HasSubstr("sed -i 's/\\r$//' FILE\n"), Not(HasSubstr("folder"))));
  world.files.standard_input = "1 AES " + std::string(good_hex) + "\n";
  EXPECT_EQ(run({"check", "-", "--json"}), 0);
  EXPECT_EQ(world.out.text, "{\"schema\":\"ntpkeygen/check/1\",\"files\":[{\"file\":\"-\",\"format\":\"ntpsec\","
                            "\"findings\":[]}],\"errors\":0,\"warnings\":0,\"advice\":0}\n");
  world.files.standard_input = "1 AES " + std::string(good_hex) + "\n";
  EXPECT_EQ(run({"check", "-"}), 0);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: notice: standard input is read as the format ntpsec:"));
  world.files.standard_input = "1 AES128 HEX:" + std::string(good_hex) + "\n";
  run({"check", "-", "--format=ntpsec"});
  EXPECT_THAT(world.out.text, HasSubstr("ntpkeygen convert FILE --from chrony --to ntpsec\n"));
  world.files.standard_input = "server a\n";
  EXPECT_EQ(run({"check", "-"}), 2);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: standard input looks like a daemon's configuration"));
  EXPECT_EQ(run({"check", "-", "keys", "-"}), 2);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: standard input can be read once only\n"));
}

TEST_F(CheckCommand, Utf16IsCalledByItsName) {
  const auto utf16 = [](const std::string &text) {
    std::string wide = "\xff\xfe";
    for (const char c : text)
      wide.append(1, c).append(1, '\0');
    return wide;
  };
  check(utf16("1 MD5 abc\n"));
  EXPECT_THAT(world.out.text, HasSubstr("the file is UTF-16, which no NTP program reads [byte-order-mark]\n"
                                        "    hint: iconv -f UTF-16 -t UTF-8 keys >NEW\n"));
  EXPECT_EQ(check(utf16(std::string(100, 'x'))), 2);
  EXPECT_THAT(world.err.text, HasSubstr("hint: it is UTF-16: 'iconv -f UTF-16 -t UTF-8' makes"));
}

TEST_F(CheckCommand, TheDocumentHasFilesThatCouldNotBeChecked) {
  world.files.add_file("keys", "1 AES " + std::string(good_hex) + "\n");
  EXPECT_EQ(run({"check", "--json", "keys", "nosuch"}), 2);
  EXPECT_EQ(world.out.text, "{\"schema\":\"ntpkeygen/check/1\",\"files\":["
                            "{\"file\":\"keys\",\"format\":\"ntpsec\",\"findings\":[]},"
                            "{\"file\":\"nosuch\",\"format\":null,\"error\":\"there is no file nosuch\",\"findings\":"
                            "[]}],\"errors\":0,\"warnings\":0,\"advice\":0}\n");
}

TEST_F(CheckCommand, TellsInOneNoticeWhatItTookFilesFor) {
  world.files.add_file("a", "1 AES " + std::string(good_hex) + "\n");
  world.files.add_file("b", "1 AES128 HEX:" + std::string(good_hex) + "\n");
  world.files.add_file("c", "1 AES " + std::string(good_hex) + "\n");
  EXPECT_EQ(run({"check", "a", "b", "c"}), 0);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: notice: a and c are read as the format ntpsec; b is read as the "
                                         "format chrony: '--format F' says otherwise\n"));
}

TEST_F(CheckCommand, TellsWhoseKeysDifferOnlyIfAsked) {
  const std::string file = "1 SHA1 " + std::string(good_hex) + "\n";
  EXPECT_EQ(check(file), 0);
  EXPECT_EQ(check(file, {"--for=ntpsec,classic,chrony"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("keys:1:8: error: key 1: chrony takes 32 text characters where ntpsec and "
                                        "classic take 16 bytes of hex [different-keys]\n"));
}

TEST_F(CheckCommand, ARejectedFileIsToldOnceAndNotForEachLine) {
  const std::string hex(good_hex);
  EXPECT_EQ(check("1 SHA1 " + hex + "\n2 SHA1 0123 x y\n3 SHA1 " + hex.substr(2) + "\n", {"--for=classic", "--json"}),
            1);
  std::vector<std::string> errors = findings();
  std::erase_if(errors, [](const std::string &each) { return each.find(" error ") == std::string::npos; });
  EXPECT_THAT(errors, ElementsAre("2:13 error invalid-address"));
}

TEST_F(CheckCommand, LooksAtModeAndOwner) {
  const std::string good = "1 AES " + std::string(good_hex) + "\n";
  const auto found = [&](std::uint32_t mode, Owner owner) {
    world.files.add_file("keys", good, mode, owner);
    run({"check", "keys", "--json"});
    return findings();
  };
  EXPECT_THAT(found(0400, {0, 0}), IsEmpty());
  EXPECT_THAT(found(0640, {0, 110}), IsEmpty()) << "the group of the daemon";
  EXPECT_THAT(found(0600, {38, 38}), IsEmpty()) << "the user of the daemon";
  EXPECT_THAT(found(0640, {0, 100}), ElementsAre("1:1 warning readable-by-group"));
  EXPECT_THAT(found(0644, {0, 0}), ElementsAre("1:1 error readable-by-others"));
  EXPECT_THAT(found(0602, {0, 0}), ElementsAre("1:1 error writable-by-others"));
  EXPECT_THAT(found(0660, {0, 110}), ElementsAre("1:1 warning writable-by-others"));
  EXPECT_THAT(found(0400, {1000, 1000}), ElementsAre("1:1 warning foreign-owner"));
  world.files.add_file("keys", good + good, 0644);
  run({"check", "keys", "--json"});
  EXPECT_THAT(findings(), ElementsAre("1:1 error duplicate-id", "1:1 error readable-by-others")) << "by their place";
  world.files.add_file("keys", "#\n" + good + "1 XYZ a\n", 0644);
  run({"check", "keys", "--json"});
  EXPECT_THAT(findings(), ElementsAre("1:1 error readable-by-others", "3:3 error unknown-type")) << "by their place";
  world.host.user_id = 1000;
  EXPECT_THAT(found(0640, {1000, 1000}), IsEmpty()) << "the caller's own";
  world.files.add_file("keys", good, 0644);
  EXPECT_EQ(run({"check", "keys"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("hint: chmod o-rwx keys"));
}

TEST_F(CheckCommand, LooksAtTheFolder) {
  const std::string good = "1 AES " + std::string(good_hex) + "\n";
  const auto found = [&](std::uint32_t mode, Owner owner) {
    world.files.add_folder("/srv/k", mode, owner);
    world.files.add_file("/srv/k/keys", good);
    run({"check", "/srv/k/keys", "--json"});
    return findings();
  };
  EXPECT_THAT(found(0755, {0, 0}), IsEmpty());
  EXPECT_THAT(found(01777, {0, 0}), IsEmpty()) << "sticky";
  EXPECT_THAT(found(0775, {0, 110}), IsEmpty()) << "the daemon's group";
  EXPECT_THAT(found(0777, {0, 0}), ElementsAre("1:1 error folder-writable"));
  EXPECT_THAT(found(0775, {0, 100}), ElementsAre("1:1 warning folder-writable"));
  EXPECT_THAT(found(0755, {1000, 0}), ElementsAre("1:1 warning folder-writable"));
}

// A program for what the real ones do not do: it gives no reason of the line's own.
class SilentReader final : public KeyFileReader {
public:
  SilentReader(std::string name, FileOutcome outcome) : outcome_(outcome) {
    info_.name = std::move(name);
    info_.format = "ntpsec";
  }
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte>, SecretMemory &) const noexcept override {
    return guarded([&]() -> Result<Interpretation> {
      Interpretation loaded;
      loaded.outcome = outcome_;
      loaded.decided_by = Extent{2, 1};
      loaded.reason = "it will not have it";
      loaded.refusals.push_back({1, {2, 1}, "own-rule", "it is odd"});
      loaded.refusals.back().origin.offset = 0;
      return loaded;
    });
  }

private:
  ReaderInfo info_{};
  FileOutcome outcome_;
};

TEST_F(CheckCommand, TellsWhatAProgramDoesWithTheWholeFile) {
  world.plugins.enroll(+[](Registrar &registrar) {
    return registrar.add(std::make_unique<SilentReader>("rejecting", FileOutcome::rejected))
        .and_then([&] { return registrar.add(std::make_unique<SilentReader>("exiting", FileOutcome::exits)); })
        .and_then(
            [&] { return registrar.add(std::make_unique<SilentReader>("stopping", FileOutcome::stopped_early)); });
  });
  for (const auto &[name, rule] : {std::pair("rejecting", "file-rejected"), std::pair("exiting", "program-exits"),
                                   std::pair("stopping", "not-read")}) {
    EXPECT_EQ(check("#\n1 AES " + std::string(good_hex) + "\n", {"--json", std::string("--for=") + name}), 1);
    EXPECT_THAT(findings(), ElementsAre("1:1 error own-rule", std::string("2:1 error ") + rule));
  }
}

TEST(LintRules, ArePagesOfTheDocument) {
  std::ifstream file(NTPKEYGEN_RULES_PAGE);
  std::vector<std::string> lines, expected, found;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  for (const LintRule &rule : lint_rules()) {
    constexpr std::array severities{"error", "warning", "advice"};
    expected.push_back("## " + std::string(rule.id));
    expected.push_back("*" + std::string(severities.at(static_cast<std::size_t>(rule.severity))) +
                       "*: " + std::string(rule.sentence));
    expected.push_back("What to do: " + std::string(rule.remedy) + ".");
  }
  for (const std::string &line : lines)
    if (line.starts_with("## ") || line.starts_with("*error*") || line.starts_with("*warning*") ||
        line.starts_with("*advice*") || line.starts_with("What to do: "))
      found.push_back(line);
  EXPECT_EQ(found, expected);
}

TEST_F(CheckCommand, KnowsTheRulesOfAllReadersAndFormats) {
  std::ifstream file(NTPKEYGEN_VECTORS "/dialects/observed.json");
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document observed;
  observed.ParseStream(stream);
  ASSERT_GT(observed["cases"].Size(), 50U);
  for (const auto &each : observed["cases"].GetArray())
    for (const std::string format : {"ntpsec", "classic", "chrony", "busybox"}) {
      check(test::from_base64(each["file_base64"].GetString()),
            {"--json", "--format=" + format, "--for=ntpsec,ntpsec@1.2.5,classic,chrony,busybox,ntpdig,sntp"});
      if (!world.out.text.empty())
        findings();
    }
  EXPECT_GT(rules_seen.size(), 20U);
  for (const std::string &rule : rules_seen)
    EXPECT_NE(find_lint_rule(rule), nullptr) << rule;
}

} // namespace
} // namespace ntpkeygen::cli
