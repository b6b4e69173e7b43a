// `ntpkeygen explain` in a world of fakes: what it prints for people and for programs, and its exit status.
#include "cli/run.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "mac_engines/botan/botan.hpp"
#include "support/base64.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TestSource final : public RandomSourceProvider {
public:
  TestSource() { info_.name = "system"; }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return std::make_unique<test::SeededSource>(++opened_);
  }

private:
  SourceInfo info_{};
  mutable std::uint64_t opened_ = 0; // every run draws another pepper
};

// A program for what the real ones do seldom or never: of two lines with one id either may win, and of a third nobody
// knows the key. It stops before the fourth.
class OddReader final : public KeyFileReader {
public:
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte>,
                                                 SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<Interpretation> {
      Interpretation odd;
      odd.outcome = FileOutcome::stopped_early;
      odd.decided_by = Extent{18, 5};
      odd.reason = "it is odd";
      odd.store = SecretBytes(memory, std::as_bytes(std::span("abcd", 4)));
      odd.macs = {{MacSpec::Kind::keyed_digest, "md5", 16}, {MacSpec::Kind::cmac, "aes128", 16}};
      odd.readings = {{1, 0, Certainty::one_of, {0, 5}, {0, 2}},
                      {1, 1, Certainty::one_of, {6, 5}, {2, 2}},
                      {2, 1, Certainty::indeterminate, {12, 5}, {0, 4}}};
      odd.refusals = {{4, {18, 5}, "not-read", "oddd does not come to this line"}};
      return odd;
    });
  }

private:
  ReaderInfo info_{.name = "odd", .product = "oddd", .version = "0", .format = "ntpsec"};
};

class ExplainCommand : public ::testing::Test {
protected:
  void SetUp() override {
    world.files.add_folder(".");
    for (const auto enroll : {plugins::ntpsec::enroll, plugins::classic::enroll, plugins::chrony::enroll,
                              plugins::busybox::enroll, plugins::botan::enroll})
      world.plugins.enroll(enroll);
    world.plugins.enroll(+[](Registrar &registrar) { return registrar.add(std::make_unique<TestSource>()); });
  }

  int explain(const std::string &file, std::vector<std::string> options) {
    world.files.add_file("keys", file);
    options.insert(options.begin(), {"explain", "keys"});
    return run(options);
  }
  int run(const std::vector<std::string> &arguments) {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{"ntpkeygen"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return cli::run(all, world.environment, linked_commands);
  }
  rapidjson::Document document() {
    rapidjson::Document parsed;
    parsed.Parse(world.out.text.c_str(), world.out.text.size());
    EXPECT_FALSE(parsed.HasParseError()) << world.out.text;
    return parsed;
  }
  std::string fingerprint(const std::string &program, const std::string &id) {
    return document()["implementations"][program.c_str()]["keys"][id.c_str()]["fingerprint"].GetString();
  }

  test::FakeWorld world;
};

TEST_F(ExplainCommand, PrintsATableAndSaysInWordsWhatDiffers) {
  EXPECT_EQ(explain("# lab\n"
                    "1 MD5 secret\n"
                    "2 SHA1 0123456789abcdef0123456789abcdef01234567\n"
                    "3 AES128CMAC 00112233445566778899aabbccddeeff\n"
                    "4 MD5 some#thing\n"
                    "3 SHA1 again\n",
                    {"--for", "ntpsec,classic,chrony", "--reveal"}),
            1);
  EXPECT_EQ(world.out.text,
            R"(ntpsec   NTPsec ntpd 1.2.2          loads 4 keys
classic  NTP Classic ntpd 4.2.8p15  loads 4 keys
chrony   chronyd 4.3                loads 4 keys

KEY  MAC          BYTES  KEY IN HEX                                                        LOADED BY
  1  md5              6  736563726574                                                      all
  2  sha1            20  0123456789abcdef0123456789abcdef01234567                          ntpsec, classic
     sha1            40  30313233343536373839616263646566303132333435363738396162636465663031323334353637  chrony
  3  sha1             5  616761696e                                                        ntpsec, chrony
     cmac-aes128     16  00112233445566778899aabbccddeeff                                  classic
  4  md5              4  736f6d65                                                          ntpsec, classic
     md5             10  736f6d65237468696e67                                              chrony

key 2 (line 3): chrony takes 40 text characters where ntpsec and classic take 20 bytes of hex
key 3 (line 6): classic takes line 4 where ntpsec and chrony take line 6
key 4 (line 5): chrony takes 10 text characters where ntpsec and classic take 4 text characters

ntpsec does not take line 4: a later line has the same key id, and NTPsec uses the last one [duplicate-id]
classic does not take line 6: an earlier line has the same key id, and NTP Classic uses the first one [duplicate-id]
chrony does not take line 4: chrony has no key type of exactly this name, so it skips the line [unknown-type]
)");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(ExplainCommand, WithoutAnyKeyThereIsNeitherATableNorAWordOnFingerprints) {
  EXPECT_EQ(explain("nothing\n", {"--for=chrony"}), 1);
  EXPECT_EQ(world.out.text,
            "chrony  chronyd 4.3  loads no key\n\n"
            "chrony does not take line 1: the line has one word, and chrony needs an id and a key, so it "
            "skips the line [missing-key]\n");
  EXPECT_EQ(world.err.text, "");
  EXPECT_EQ(explain("# nothing\n", {"--for=chrony"}), 1);
  EXPECT_EQ(world.out.text, "chrony  chronyd 4.3  loads no key\n");
}

TEST_F(ExplainCommand, AMinusIsStandardInput) {
  world.files.standard_input = "7 MD5 abcdef\n";
  EXPECT_EQ(run({"explain", "-", "--for=ntpsec,chrony", "--json"}), 0);
  EXPECT_EQ(document()["file"], "-");
  EXPECT_TRUE(document()["implementations"]["chrony"]["keys"].HasMember("7"));
}

TEST_F(ExplainCommand, ProgramsThatAgreeAreNamedTogether) {
  EXPECT_EQ(explain("1 MD5 secret\nx MD5 secret\n4294967295 MD5 secret\n", {"--for=ntpsec,busybox,chrony"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("\n         1  md5             6  "));
  EXPECT_THAT(world.out.text, HasSubstr("\nbusybox  busybox ntpd 1.35  loads no key, ends at line 2\n"));
  EXPECT_THAT(world.out.text, HasSubstr("\n            not loaded                           by ntpsec, busybox\n"));
}

TEST_F(ExplainCommand, HasRoomForIdsThatAreOnlyRefused) {
  EXPECT_EQ(explain("1 MD5 secret\n4294967295 MD5 secret\n", {"--for=ntpsec", "--reveal"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr("\n         1  md5             6  736563726574      ntpsec\n"
                                        "4294967295  not loaded"));
}

TEST_F(ExplainCommand, ProgramsStandInTheOrderOfTheOptionOrTheUsualOneAndOnce) {
  const auto order = [&] {
    std::string names;
    const auto parsed = document();
    for (const auto &program : parsed["implementations"].GetObject())
      names += std::string(names.empty() ? "" : " ") + program.name.GetString();
    return names;
  };
  explain("1 MD5 a\n", {"--json", "--for=chrony,NTPSEC,busybox,chrony"});
  EXPECT_EQ(order(), "chrony ntpsec busybox");
  explain("1 MD5 a\n", {"--json"});
  EXPECT_EQ(order(), "ntpsec ntpsec@1.2.5 classic chrony busybox ntpdig sntp");
}

TEST_F(ExplainCommand, LongReportsComeWhole) {
  std::string file;
  for (int id = 1; id <= 3000; ++id)
    file += std::to_string(id) + " MD5 secret\n";
  EXPECT_EQ(explain(file, {"--for=ntpsec", "--json", "--reveal"}), 0);
  const auto parsed = document();
  EXPECT_EQ(parsed["implementations"]["ntpsec"]["keys"].MemberCount(), 3000U);
  EXPECT_EQ(explain(file, {"--for=ntpsec"}), 0);
  EXPECT_EQ(std::ranges::count(world.out.text, '\n'), 3003);
}

TEST_F(ExplainCommand, AllTheSameIsGood) {
  EXPECT_EQ(explain("1 MD5 secret\n2 SHA1 00112233445566778899aabbccddeeff00112233\n", {"--for=ntpsec,classic"}), 0);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr("\n  2  sha1           20  "), HasSubstr("  all\n")));
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: fingerprints can be compared within this report only\n"
                            "ntpkeygen: hint: '--pepper-file FILE' makes those of several reports comparable\n");
}

TEST_F(ExplainCommand, TheVerdict) {
  const std::pair<const char *, int> files[] = {
      {"1 MD5 a\n2 MD5 b\n", 0}, {"", 1},                   // no key at all
      {"1 MD5 a\n2 MD5\n", 1},                              // chrony takes it, ntpsec does not
      {"1 MD5 a\nx y z\n", 1},                              // no key for either
      {"1 NOPE a\n", 1},         {"1 MD5 a\n1 MD5 a\n", 0}, // one of them wins, and they are the same
      {"1 MD5 a\r\n", 1},                                   // other keys
  };
  for (const auto &[file, status] : files)
    EXPECT_EQ(explain(file, {"--for=ntpsec,chrony"}), status) << file;
}

TEST_F(ExplainCommand, PrintsOneJsonDocument) {
  EXPECT_EQ(explain("# lab\n1 MD5 secret\n2 AES \n1 MD5 other\nx SHA1 abc\n", {"--for=ntpsec", "--reveal", "--json"}),
            1);
  const std::string digits = fingerprint("ntpsec", "1");
  EXPECT_EQ(digits.size(), 16U);
  EXPECT_EQ(
      world.out.text,
      R"({"schema":"ntpkeygen/explain/1","file":"keys","implementations":{"ntpsec":{"version":"1.2.2",)"
      R"("outcome":"loaded","loads":true,"reason":null,"line":null,"keys":{)"
      R"("1":{"mac":"md5","length":5,"fingerprint":")" +
          digits +
          R"(","key_hex":"6f74686572"},"2":null},)"
          R"("not_loaded":[)"
          R"({"id":1,"line":2,"rule":"duplicate-id","reason":"a later line has the same key id, and NTPsec uses the last one"},)"
          R"({"id":2,"line":3,"rule":"missing-key","reason":"the line has no key behind the type, so NTPsec skips it"},)"
          R"({"id":null,"line":5,"rule":"bad-key-id","reason":"the line does not begin with a key id, so NTPsec skips it"}]}}})"
          "\n");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(ExplainCommand, JsonTellsWhatEndsAProgram) {
  EXPECT_EQ(explain("1 MD5 a\n2 MD5\n3 MD5 a\n", {"--for=classic,busybox", "--json"}), 1);
  const auto parsed = document();
  for (const auto &[name, outcome] : {std::pair("classic", "rejected"), std::pair("busybox", "exits")}) {
    const rapidjson::Value &program = parsed["implementations"][name];
    EXPECT_STREQ(program["outcome"].GetString(), outcome);
    EXPECT_FALSE(program["loads"].GetBool());
    EXPECT_TRUE(program["reason"].IsString());
    EXPECT_EQ(program["line"].GetInt(), 2);
    for (const char *id : {"1", "2", "3"})
      EXPECT_TRUE(program["keys"][id].IsNull()) << name << " " << id;
  }
}

TEST_F(ExplainCommand, WhyAProgramStopsIsToldOnce) {
  EXPECT_EQ(explain("1 MD5 a\n2 MD5\n3 MD5 a\n", {"--for=classic,busybox"}), 1);
  EXPECT_THAT(world.out.text,
              EndsWith("\n\n"
                       "classic does not take lines 1, 3: another line makes NTP Classic reject the whole file "
                       "[file-rejected]\n"
                       "classic does not take line 2: a line has no key behind the type, so NTP Classic rejects the "
                       "whole file [missing-key]\n"
                       "busybox does not take line 1: another line makes busybox ntpd exit [program-exits]\n"
                       "busybox does not take line 2: a line has no key behind the type, so busybox ntpd exits "
                       "[missing-key]\n"
                       "busybox does not take line 3: busybox ntpd does not come to this line: an earlier one ends its "
                       "reading [not-read]\n"));
  EXPECT_THAT(world.out.text, AllOf(Not(HasSubstr("rejects the file at line 2:")), Not(HasSubstr("ends at line 2:"))));
}

TEST_F(ExplainCommand, WhatCannotBeKnownIsNotClaimed) {
  world.plugins.enroll(+[](Registrar &registrar) { return registrar.add(std::make_unique<OddReader>()); });
  EXPECT_EQ(explain("line1\nline2\nline3\nline4\n", {"--for=odd", "--reveal"}), 1);
  EXPECT_EQ(world.out.text, "odd  oddd 0  loads 2 keys, stops at line 4\n"
                            "\n"
                            "KEY  MAC          BYTES  KEY IN HEX        LOADED BY\n"
                            "  1  md5              2  6162              odd, perhaps\n"
                            "     cmac-aes128      2  6364              odd, perhaps\n"
                            "  2  cmac-aes128      4  cannot be known   odd\n"
                            "  4  not loaded                            \n"
                            "\n"
                            "key 1 (line 1): odd takes one of lines 1 and 2, and the file does not tell which\n"
                            "key 2 (line 3): of the key that odd takes from line 3, nobody can know all bytes\n"
                            "\n"
                            "odd stops at line 4: it is odd\n"
                            "\n"
                            "odd does not take line 4: oddd does not come to this line [not-read]\n");
  EXPECT_EQ(explain("line1\nline2\nline3\nline4\n", {"--for=odd", "--reveal", "--json"}), 1);
  const auto parsed = document();
  const rapidjson::Value &program = parsed["implementations"]["odd"];
  EXPECT_STREQ(program["outcome"].GetString(), "stopped");
  EXPECT_TRUE(program["loads"].GetBool());
  const rapidjson::Value &one = program["keys"]["1"];
  EXPECT_TRUE(one["mac"].IsNull());
  EXPECT_EQ(one["length"].GetInt(), 2);
  ASSERT_EQ(one["alternatives"].Size(), 2U);
  EXPECT_STREQ(one["alternatives"][1]["mac"].GetString(), "cmac-aes128");
  EXPECT_STREQ(one["alternatives"][1]["key_hex"].GetString(), "6364");
  const rapidjson::Value &unknown = program["keys"]["2"];
  EXPECT_EQ(unknown["length"].GetInt(), 4);
  EXPECT_TRUE(unknown["indeterminate"].GetBool());
  EXPECT_FALSE(unknown.HasMember("key_hex"));
  EXPECT_FALSE(unknown.HasMember("fingerprint"));
}

TEST_F(ExplainCommand, NoKeyIsShownUnlessAskedFor) {
  for (const std::vector<std::string> &options : {std::vector<std::string>{}, {"--json"}}) {
    explain("1 MD5 verysecret\n2 MD5 very#secret\n3 SHA1 7665727973656372657476657279736563726574\n", options);
    for (const char *text : {"very", "7665727973", "secret"})
      EXPECT_THAT(world.out.text + world.err.text, Not(HasSubstr(text)));
  }
}

TEST_F(ExplainCommand, FingerprintsTellKeysAndMacsApartWithinAReport) {
  explain("1 MD5 secret\n2 MD5 secret\n3 SHA1 secret\n4 MD5 secreu\n", {"--for=ntpsec,chrony", "--json"});
  const std::string first = fingerprint("ntpsec", "1");
  EXPECT_EQ(fingerprint("ntpsec", "2"), first);
  EXPECT_EQ(fingerprint("chrony", "2"), first);
  EXPECT_NE(fingerprint("ntpsec", "3"), first);
  EXPECT_NE(fingerprint("ntpsec", "4"), first);
  explain("1 MD5 secret\n", {"--for=ntpsec", "--json"});
  EXPECT_NE(fingerprint("ntpsec", "1"), first) << "with another pepper";
}

// HMAC-SHA-256 under 32 bytes `p`, computed with Python's hmac module.
TEST_F(ExplainCommand, APepperFileMakesReportsComparable) {
  world.files.add_file("pepper", std::string(32, 'p'), 0600);
  explain("1 MD5 secret\n2 AES 00112233445566778899aabbccddeeff\n", {"--for=ntpsec", "--json", "--pepper-file=pepper"});
  EXPECT_EQ(fingerprint("ntpsec", "1"), "1686cc7d8071ce03");
  EXPECT_EQ(fingerprint("ntpsec", "2"), "c164aeabaca2216d");
  EXPECT_EQ(world.err.text, "");
}

TEST_F(ExplainCommand, APepperFileHasToBeASecret) {
  world.files.add_file("open", std::string(32, 'p'), 0640);
  world.files.add_file("short", std::string(31, 'p'), 0600);
  world.files.add_file("theirs", std::string(32, 'p'), 0600, {12345, 0});
  world.files.add_special("device", FileStatus::Kind::other);
  const std::pair<const char *, const char *> files[] = {
      {"open", "open can be used by others than its owner, so it is no secret"},
      {"short", "short has 31 bytes, and a pepper has to have 32 at least"},
      {"theirs", "theirs belongs to somebody else, who knows what is in it"},
      {"device", "device is a device, FIFO or socket, and not a regular file"},
      {"none", "there is no file none"},
  };
  for (const auto &[file, message] : files) {
    EXPECT_EQ(explain("1 MD5 a\n", {"--pepper-file", file}), 2);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + std::string(message) + "\n"));
    EXPECT_EQ(world.out.text, "");
  }
}

TEST_F(ExplainCommand, WithoutAVerdictTheStatusIs2) {
  world.files.add_file("keys", "1 MD5 a\n");
  world.files.add_file("binary", std::string(4096, '\1'));
  world.files.add_folder("folder");
  world.files.add_special("fifo", FileStatus::Kind::other);
  const std::pair<std::vector<std::string>, const char *> lines[] = {
      {{"explain"}, "which file?"},
      {{"explain", "keys", "keys"}, "one file at a time, please"},
      {{"explain", "none"}, "there is no file none"},
      {{"explain", "binary"}, "binary is not a text file"},
      {{"explain", "fifo"}, "fifo is a device, FIFO or socket, and not a regular file"},
      {{"explain", "folder/"}, "folder/ is a folder"},
      {{"explain", "keys", "--for=nope"}, "there is no 'nope'"},
      {{"explain", "keys", "--for=ntpsec,,chrony"}, "'--for ntpsec,,chrony': a name is missing"},
      {{"explain", "keys", "--reveal", "--pepper-file=keys"}, "'--pepper-file' and '--reveal' exclude each other"},
      {{"explain", "keys", "--pepper"}, "unknown option '--pepper'"},
  };
  for (const auto &[arguments, message] : lines) {
    EXPECT_EQ(run(arguments), 2) << message;
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + std::string(message) + "\n"));
    EXPECT_EQ(world.out.text, "");
  }
}

TEST_F(ExplainCommand, AFileThatMayNotBeReadIsAnError) {
  world.files.add_file("keys", "1 MD5 a\n", 0400, {0, 0});
  world.files.act_as({1000, 1000});
  EXPECT_EQ(run({"explain", "keys"}), 2);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: cannot read keys: Permission denied\n");
}

TEST_F(ExplainCommand, LostOutputIsAnError) {
  world.out.broken = true;
  for (const char *option : {"--quiet", "--json"})
    EXPECT_EQ(explain("1 MD5 a\n", {option}), 2);
}

TEST_F(ExplainCommand, FileNamesAreValidUtf8InJson) {
  world.files.add_file("k\xe9ys \xc3\xa9", "1 MD5 a\n");
  EXPECT_EQ(run({"explain", "--json", "--for=ntpsec", "k\xe9ys \xc3\xa9"}), 0);
  EXPECT_STREQ(document()["file"].GetString(), "k\xef\xbf\xbdys \xc3\xa9");
}

// Every case of tests/vectors/dialects/observed.json, through the whole command.
TEST_F(ExplainCommand, AgreesWithWhatTheRealProgramsLoaded) {
  std::ifstream file(NTPKEYGEN_VECTORS "/dialects/observed.json");
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document observations;
  observations.ParseStream(stream);
  ASSERT_FALSE(observations.HasParseError());
  std::size_t compared = 0;
  for (const rapidjson::Value &each : observations["cases"].GetArray()) {
    SCOPED_TRACE(each["case"].GetString());
    ASSERT_LE(explain(test::from_base64(each["file_base64"].GetString()), {"--reveal", "--json"}), 1) << world.err.text;
    const auto parsed = document();
    for (const auto &program : parsed["implementations"].GetObject()) {
      const std::string name = program.name.GetString();
      SCOPED_TRACE(name);
      const rapidjson::Value &seen = each["observed"][name == "ntpsec@1.2.5" ? "ntpsec-git" : name.c_str()]["keys"];
      for (const auto &key : seen.GetObject()) {
        ++compared;
        const auto found = program.value["keys"].FindMember(key.name);
        if (!key.value.IsObject()) { // null, or "nomac": a client asked without a MAC
          // An id that was tried on suspicion need not be one that anybody would find in the file.
          EXPECT_TRUE(found == program.value["keys"].MemberEnd() || found->value.IsNull()) << key.name.GetString();
          continue;
        }
        ASSERT_TRUE(found != program.value["keys"].MemberEnd() && found->value.IsObject()) << key.name.GetString();
        const rapidjson::Value &said = found->value;
        EXPECT_EQ(said["mac"], key.value["mac"]);
        EXPECT_EQ(said["length"], key.value["length"]);
        if (said.HasMember("indeterminate")) {
          EXPECT_TRUE(key.value.HasMember("padded") || key.value.HasMember("indeterminate"));
          continue;
        }
        std::string expected = key.value["key_hex"].GetString(), got = said["key_hex"].GetString();
        if (expected.ends_with("...")) {
          expected.resize(expected.size() - 3);
          got.resize(expected.size());
        }
        EXPECT_EQ(got, expected);
      }
    }
  }
  EXPECT_GT(compared, 490U);
}

} // namespace
} // namespace ntpkeygen::cli
