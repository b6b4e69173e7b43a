// `ntpkeygen check --config`: configurations of NTPsec, NTP Classic and chrony, joined with the keys that are loaded.
#include "cli/apparmor.hpp"
#include "cli/run.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_types/aes/aes.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>
#include <rapidjson/document.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string keys_1_to_3 = "1 AES 5f0c91d2e86b4a37901bc4fd263ea875\n"
                                "2 AES 6f0c92d2e86b4a37901bc4fd263ea875\n"
                                "3 AES 7f0c93d2e86b4a37901bc4fd263ea875\n";
const std::string chrony_keys = "1 AES128 HEX:5F0C91D2E86B4A37901BC4FD263EA875\n"
                                "2 AES128 HEX:6F0C91D2E86B4A37901BC4FD263EA875\n";

class CheckConfig : public ::testing::Test {
protected:
  void SetUp() override {
    for (const char *folder : {".", "/etc", "/etc/ntpsec", "/etc/ntpsec/ntp.d", "/etc/chrony", "/etc/chrony/conf.d",
                               "/etc/chrony/sources.d", "/run/chrony", "/etc/apparmor.d", "/etc/apparmor.d/local"})
      world.files.add_folder(folder);
    for (const auto enroll : {plugins::ntpsec::enroll, plugins::classic::enroll, plugins::chrony::enroll,
                              plugins::busybox::enroll, plugins::aes::enroll})
      world.plugins.enroll(enroll);
    world.files.add_file("/etc/ntpsec/ntp.keys", keys_1_to_3, 0640, {0, 38});
    world.files.add_file("/etc/chrony/chrony.keys", chrony_keys, 0640, {0, 77});
    world.host.users["_chrony"] = {77, 77};
    world.host.groups["_chrony"] = 77;
    world.host.users["ntpsec"] = {110, 38};
  }

  int check(const std::vector<std::string> &options) {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{"ntpkeygen", "check"};
    all.insert(all.end(), options.begin(), options.end());
    return cli::run(all, world.environment, linked_commands);
  }
  // "ntp.conf:2:7 error key-not-loaded", of all files.
  std::vector<std::string> findings(const std::string &config, std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--json", "--config", config});
    status = check(options);
    std::vector<std::string> found;
    rapidjson::Document document;
    document.Parse(world.out.text.c_str(), world.out.text.size());
    EXPECT_FALSE(document.HasParseError()) << world.out.text << world.err.text;
    if (document.HasParseError())
      return found;
    for (const auto &file : document["files"].GetArray()) {
      const std::string path = file["file"].GetString();
      for (const auto &each : file["findings"].GetArray())
        found.push_back(path.substr(path.rfind('/') + 1) + ":" + std::to_string(each["line"].GetUint()) + ":" +
                        std::to_string(each["column"].GetUint()) + " " + each["severity"].GetString() + " " +
                        each["rule"].GetString());
    }
    return found;
  }
  std::vector<std::string> of_ntp_conf(const std::string &content) {
    world.files.add_file("/etc/ntpsec/ntp.conf", content);
    return findings("/etc/ntpsec/ntp.conf");
  }
  std::vector<std::string> of_chrony_conf(const std::string &content) {
    world.files.add_file("/etc/chrony/chrony.conf", content);
    return findings("/etc/chrony/chrony.conf");
  }

  test::FakeWorld world;
  int status = -1;
};

TEST_F(CheckConfig, AGoodConfigurationHasNoFindings) {
  EXPECT_THAT(of_ntp_conf("# time\nkeys /etc/ntpsec/ntp.keys # here\ntrustedkey 1 2\ntrustedkey 3\ncontrolkey 3\n"
                          "server a.example key 1 iburst\npeer b.example iburst key 2\nserver c.example nts\n"),
              IsEmpty());
  EXPECT_EQ(status, 0);
  EXPECT_THAT(of_chrony_conf("! time\nkeyfile /etc/chrony/chrony.keys\nServer a.example Key 1\npool b.example iburst "
                             "key 2\n"),
              IsEmpty());
  EXPECT_EQ(status, 0);
}

TEST_F(CheckConfig, KeysThatAreUsedHaveToBeLoadedAndTrusted) {
  EXPECT_THAT(
      of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3 9\ncontrolkey 7\nserver a key 8\nserver b key 1\n"
                  "server c key 9\n"),
      ElementsAre("ntp.conf:3:12 error key-not-loaded", "ntp.conf:4:14 error key-not-loaded",
                  "ntp.conf:6:14 error key-not-loaded"));
  EXPECT_EQ(status, 1);
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1\nserver a key 2\n"),
              ElementsAre("ntp.conf:1:6 warning loaded-not-trusted", "ntp.conf:3:14 error key-not-trusted"));
  EXPECT_THAT(world.out.text, HasSubstr("key 3 is loaded and not trusted"));
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nserver a key 3\nserver b key 2\n"),
              ElementsAre("chrony.conf:2:14 error key-not-loaded"));
}

TEST_F(CheckConfig, TellsWhyAKeyIsNotLoaded) {
  world.files.add_file("/etc/ntpsec/ntp.keys", keys_1_to_3 + "4 XYZ abcdef\n", 0640, {0, 38});
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys /etc/ntpsec/ntp.keys\ntrustedkey ( 1 ... 4 )\nserver a key 4\n");
  EXPECT_EQ(check({"--config", "/etc/ntpsec/ntp.conf"}), 1);
  EXPECT_THAT(world.out.text,
              AllOf(HasSubstr("/etc/ntpsec/ntp.conf:3:14: error: ntpsec does not load key 4 from /etc/ntpsec/ntp.keys: "
                              "NTPsec has no such key type, so it skips the line [key-not-loaded]\n"),
                    HasSubstr("/etc/ntpsec/ntp.keys:4:3: error: NTPsec has no such key type")));
}

TEST_F(CheckConfig, TrustedKeysCanBeRanges) {
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey (1 ... 3)\nserver a key 2\n"), IsEmpty());
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey ( 2 ... 3 ) 1 ( 10 ... 20 ) 30\nserver a key 2\n"),
              ElementsAre("ntp.conf:2:28 warning trusted-not-loaded", "ntp.conf:2:40 warning trusted-not-loaded"));
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3 (1-3)\n"),
              ElementsAre("ntp.conf:2:22 error bad-key-reference"));
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3 (1 to 3)\n"),
              ElementsAre("ntp.conf:2:25 error bad-key-reference"));
  world.files.add_file("/etc/ntpsec/ntp.keys", "7 AES 5f0c91d2e86b4a37901bc4fd263ea875\n", 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey (5 ... 9)\n"), IsEmpty());
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey (1 ... 9) (2 ... 3)\nserver a key 7\n"),
              ElementsAre("ntp.conf:2:23 warning trusted-not-loaded"))
      << "a range within another one";
}

TEST_F(CheckConfig, OnlyTheLastTrustedKeyLineCountsForClassic) {
  world.files.add_file("/etc/ntp.keys",
                       "1 AES128CMAC 5f0c91d2e86b4a37901bc4fd263ea875\n"
                       "2 AES128CMAC 6f0c91d2e86b4a37901bc4fd263ea875\n",
                       0640, {0, 38});
  world.files.add_file("/etc/ntp.conf",
                       "keys /etc/ntp.keys\ntrustedkey 1\ntrustedkey 2\nserver a key 1\nserver b key 2\n");
  EXPECT_THAT(findings("/etc/ntp.conf", {"--format=classic"}), ElementsAre("ntp.conf:4:14 error key-not-trusted"));
  world.files.add_file("/etc/ntp.conf", "keys /etc/ntp.keys\nrequestkey 2\ntrustedkey 1\ntrustedkey 2\nserver a key 1\n"
                                        "server 127.127.1.0\n");
  EXPECT_THAT(findings("/etc/ntp.conf"), ElementsAre("ntp.conf:5:14 error key-not-trusted")) << "its own directives";
}

TEST_F(CheckConfig, SaysWhoseConfigurationItIsTakenFor) {
  world.files.add_file("/etc/ntp.keys", keys_1_to_3, 0640, {0, 38});
  const auto said = [&](const std::string &content, const std::vector<std::string> &options = {}) {
    world.files.add_file("/etc/ntp.conf", "keys /etc/ntp.keys\ntrustedkey 1 2 3\n" + content);
    std::vector<std::string> all{"--config", "/etc/ntp.conf"};
    all.insert(all.end(), options.begin(), options.end());
    check(all);
    return world.err.text;
  };
  EXPECT_EQ(said("server 127.127.28.0\nfudge 127.127.28.0 refid PPS\n"),
            "ntpkeygen: notice: /etc/ntp.conf is taken for ntpsec's, because nothing in it is NTP Classic's alone: "
            "'--format F' says otherwise\n"
            "ntpkeygen: notice: nothing to say about 2 files\n")
      << "NTPsec takes a reference clock's address, too";
  EXPECT_THAT(said("requestkey 1\n"), HasSubstr("is taken for classic's, because only NTP Classic has the directive "
                                                "'requestkey': '--format F' says otherwise\n"));
  EXPECT_THAT(said("refclock pps\n"), HasSubstr("is taken for ntpsec's, because NTP Classic has no directive "
                                                "'refclock'"));
  EXPECT_THAT(said("", {"--format=ntpsec"}), Not(HasSubstr("is taken for")));
  EXPECT_EQ(said("", {"--json"}), "");
}

TEST_F(CheckConfig, CommentsAndQuotesAreThoseOfTheDaemon) {
  EXPECT_THAT(of_ntp_conf("keys \"/etc/ntpsec/ntp.keys\" # and so on\ntrustedkey 1 2 3\nserver a # key 9\n"),
              IsEmpty());
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\n! server a key 9\n; server a key 9\n"
                             "  # server a key 9\n% server a key 9\n"),
              IsEmpty());
}

TEST_F(CheckConfig, KeyIdsThatAreNoneAreFound) {
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3 x\nserver a key 70000\nserver b key\n"),
              ElementsAre("ntp.conf:2:18 error bad-key-reference", "ntp.conf:3:14 error bad-key-reference",
                          "ntp.conf:4:10 error bad-key-reference"));
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nserver a key 0\nserver b key 2\n"),
              ElementsAre("chrony.conf:2:14 error bad-key-reference"));
}

TEST_F(CheckConfig, WhatAConfigurationNamesDoesNotSteerTheTerminal) {
  world.files.add_file("/etc/chrony/chrony.conf", "keyfile /etc/chrony/chrony.keys\ninclude /etc/x\x1b]0;hi\afile\n");
  check({"--config", "/etc/chrony/chrony.conf"});
  EXPECT_THAT(world.out.text, HasSubstr("/etc/x\\x1b]0;hi\\x07file"));
}

// Nine files that each include all of them, again and again: 9! ways through them, and as many faults.
TEST_F(CheckConfig, WhatIsIncludedCrosswiseComesToAnEnd) {
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += "include /etc/chrony/x*.conf\n";
  for (int i = 1; i <= 9; ++i)
    world.files.add_file("/etc/chrony/x" + std::to_string(i) + ".conf", all);
  const auto found = of_chrony_conf("keyfile /etc/chrony/chrony.keys\n" + all);
  EXPECT_LT(found.size(), 100'000U);
  EXPECT_LT(world.files.operations().size(), 1'000'000U);
  constexpr std::string_view told = "far too much is included";
  const std::size_t first = world.out.text.find(told);
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(world.out.text.find(told, first + 1), std::string::npos) << "said once";
}

TEST_F(CheckConfig, FollowsIncludesOfNtp) {
  world.files.add_file("/etc/ntpsec/more.conf", "trustedkey 1 2 3\nincludefile deeper.conf\n");
  world.files.add_file("/etc/ntpsec/deeper.conf", "server a key 5\nincludefile more.conf\n");
  world.files.add_file("/etc/ntpsec/ntp.d/10.conf", "server b key 6\n");
  world.files.add_file("/etc/ntpsec/ntp.d/10.bak", "server b key 7\n");
  EXPECT_THAT(of_ntp_conf("includefile more.conf\nkeys /etc/ntpsec/ntp.keys\nincludefile gone.conf\n"),
              ElementsAre("ntp.conf:3:13 warning include-missing", "deeper.conf:1:14 error key-not-loaded",
                          "deeper.conf:2:13 error include-loop", "10.conf:1:14 error key-not-loaded"));
  EXPECT_THAT(of_ntp_conf("includefile ntp.d\nkeys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n"),
              ElementsAre("10.conf:1:14 error key-not-loaded"))
      << "a folder, and once";
}

TEST_F(CheckConfig, OnlyNtpsecHasAFolderBesideItsConfiguration) {
  world.files.add_folder("/etc/ntp.d");
  world.files.add_file("/etc/ntp.d/10.conf", "server b key 6\n");
  world.files.add_file("/etc/ntp.keys", "1 AES128CMAC 5f0c91d2e86b4a37901bc4fd263ea875\n", 0640, {0, 38});
  world.files.add_file("/etc/ntp.conf", "keys /etc/ntp.keys\ntrustedkey 1\n");
  EXPECT_THAT(findings("/etc/ntp.conf", {"--format=classic"}), IsEmpty());
  EXPECT_THAT(findings("/etc/ntp.conf", {"--format=ntpsec"}), ElementsAre("10.conf:1:14 error key-not-loaded"));
}

TEST_F(CheckConfig, FilesOfSeveralFoldersOfChronyAreReadByTheirNames) {
  world.files.add_folder("/run/chrony/conf.d");
  world.files.add_file("/run/chrony/conf.d/a.conf", "keyfile /nowhere\n");
  world.files.add_file("/etc/chrony/conf.d/b.conf", "keyfile /etc/chrony/chrony.keys\n");
  for (const std::string folders :
       {"/etc/chrony/conf.d /run/chrony/conf.d\n", "/run/chrony/conf.d /etc/chrony/conf.d\n"})
    EXPECT_THAT(of_chrony_conf("confdir " + folders), ElementsAre("a.conf:1:9 warning repeated-keys-file"));
}

TEST_F(CheckConfig, FollowsIncludesOfChrony) {
  world.files.add_file("/etc/chrony/conf.d/b.conf", "server b key 8\n");
  world.files.add_file("/etc/chrony/conf.d/a.conf", "server a key 9\nkeyfile /etc/chrony/chrony.keys\n");
  world.files.add_file("/etc/chrony/conf.d/c.txt", "server a key 7\n");
  world.files.add_file("/etc/chrony/sources.d/s.sources", "server s key 6\nkeyfile /nowhere\n");
  world.files.add_file("/run/chrony/s.sources", "server s key 5\n");
  world.files.add_file("/etc/chrony/extra-1.inc", "server e key 4\n");
  world.files.add_file("/etc/chrony/.extra-2.inc", "server e key 3\n");
  EXPECT_THAT(of_chrony_conf("confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d /run/chrony\n"
                             "include /etc/chrony/*extra-*.inc\n"),
              ElementsAre("a.conf:1:14 error key-not-loaded", "b.conf:1:14 error key-not-loaded",
                          "s.sources:1:14 error key-not-loaded", "extra-1.inc:1:14 error key-not-loaded"));
}

// As ntpd 4.2.8p15, NTPsec 1.2.2 and chronyd 4.3 do.
TEST_F(CheckConfig, FollowsAsManyLevelsAsTheDaemons) {
  const auto including = [&](int levels, const std::string &folder, const std::string &include) {
    const auto path_of = [&](int level) { return folder + "/level" + std::to_string(level) + ".conf"; };
    for (int level = 1; level < levels; ++level)
      world.files.add_file(path_of(level), include + " " + path_of(level + 1) + "\n");
    world.files.add_file(path_of(levels), "server a key 9\n");
    return include + " " + path_of(1) + "\n";
  };
  const std::string ntp = "keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n";
  EXPECT_THAT(of_ntp_conf(ntp + including(5, "/etc/ntpsec", "includefile")),
              ElementsAre("level5.conf:1:14 error key-not-loaded"));
  EXPECT_THAT(of_ntp_conf(ntp + including(6, "/etc/ntpsec", "includefile")),
              ElementsAre("level5.conf:1:13 error include-loop"));
  const std::string chrony = "keyfile /etc/chrony/chrony.keys\n";
  EXPECT_THAT(of_chrony_conf(chrony + including(9, "/etc/chrony", "include")),
              ElementsAre("level9.conf:1:14 error key-not-loaded"));
  EXPECT_THAT(of_chrony_conf(chrony + including(10, "/etc/chrony", "include")),
              ElementsAre("level9.conf:1:9 error include-loop"));
  world.files.add_file("/etc/chrony/conf.d/folder.conf", "server a key 9\n");
  world.files.add_file("/etc/chrony/sources.d/folder.sources", "server a key 8\n");
  world.files.add_file("/etc/chrony/level9.conf", "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n");
  EXPECT_THAT(of_chrony_conf(chrony + "include /etc/chrony/level1.conf\n"),
              ElementsAre("level9.conf:1:9 error include-loop", "folder.sources:1:14 error key-not-loaded"))
      << "sources are no further level";
}

TEST_F(CheckConfig, TheKeysFileHasToBeNamedAndThere) {
  EXPECT_THAT(of_ntp_conf("trustedkey 1\nserver a key 1\n"), ElementsAre("ntp.conf:2:14 error no-keys-file"));
  EXPECT_EQ(status, 1);
  EXPECT_THAT(of_ntp_conf("server a\nrestrict default\n"), ElementsAre("ntp.conf:1:1 advice no-keys-file"));
  EXPECT_EQ(status, 0);
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/gone.keys\nserver a key 1\n"),
              ElementsAre("ntp.conf:1:6 error keys-file-missing"));
  EXPECT_EQ(status, 1);
}

TEST_F(CheckConfig, ARelativePathBeginsAtTheDaemonsWorkingFolder) {
  world.files.add_folder("/");
  EXPECT_THAT(of_ntp_conf("keys ntp.keys\ntrustedkey 1 2 3\nserver a key 9\n"),
              ElementsAre("ntp.conf:1:6 warning relative-path", "ntp.conf:1:6 error keys-file-missing",
                          "ntp.conf:3:14 error key-not-loaded"))
      << "the one beside the configuration is not what a service reads, but most likely what is meant";
  check({"--config", "/etc/ntpsec/ntp.conf"});
  EXPECT_THAT(
      world.out.text,
      AllOf(HasSubstr("/etc/ntpsec/ntp.conf:1:6: warning: the path begins at the daemon's working folder, which "
                      "is / for a service, and not at the folder of this file [relative-path]\n"
                      "    hint: write the whole path\n"),
            HasSubstr("error: there is no keys file /ntp.keys, so no key is loaded [keys-file-missing]\n"
                      "    hint: write 'keys /etc/ntpsec/ntp.keys': this file is looked at in its place\n"),
            HasSubstr("there is no key 9 in /etc/ntpsec/ntp.keys")));
  EXPECT_THAT(of_ntp_conf("keys gone.keys\n"),
              ElementsAre("ntp.conf:1:6 warning relative-path", "ntp.conf:1:6 error keys-file-missing"));
  EXPECT_THAT(of_chrony_conf("keyfile chrony.keys\nmakestep 1 3\n"),
              ElementsAre("chrony.conf:1:9 warning relative-path", "chrony.conf:1:9 error keys-file-missing"));
  EXPECT_THAT(world.out.text, HasSubstr("write 'keyfile /etc/chrony/chrony.keys'"));
  world.files.add_file("mine", keys_1_to_3);
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys ntp.keys\ntrustedkey 1 2 3\n");
  EXPECT_THAT(findings("/etc/ntpsec/ntp.conf", {"mine"}),
              ElementsAre("ntp.conf:1:6 warning relative-path", "ntp.conf:1:6 warning other-keys-file"))
      << "what the command line names, and not what is beside";
  world.files.add_file("/ntp.keys", keys_1_to_3, 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys ntp.keys\ntrustedkey 1 2 3\n"), ElementsAre("ntp.conf:1:6 warning relative-path"));
  EXPECT_THAT(world.out.text, HasSubstr("\"file\":\"/ntp.keys\""));
}

TEST_F(CheckConfig, OnlyNtpsecLooksForIncludesBesideTheFileThatNamesThem) {
  world.files.add_folder("/");
  world.files.add_file("/more.conf", "server a key 7\n");
  world.files.add_file("/etc/more.conf", "server a key 8\n");
  world.files.add_file("/etc/chrony/more.conf", "server a key 9\n");
  world.files.add_file("/etc/chrony/conf.d/b.conf", "server b key 5\n");
  world.files.add_file("/etc/ntp.keys", "1 AES128CMAC 5f0c91d2e86b4a37901bc4fd263ea875\n", 0640, {0, 38});
  world.files.add_file("/etc/ntp.conf", "keys /etc/ntp.keys\ntrustedkey 1\nincludefile more.conf\n");
  EXPECT_THAT(findings("/etc/ntp.conf", {"--format=ntpsec"}), ElementsAre("more.conf:1:14 error key-not-loaded"));
  EXPECT_THAT(world.out.text, HasSubstr("/etc/more.conf"));
  EXPECT_THAT(findings("/etc/ntp.conf", {"--format=classic"}),
              ElementsAre("ntp.conf:3:13 warning relative-path", "more.conf:1:14 error key-not-loaded"));
  EXPECT_THAT(world.out.text, HasSubstr("\"file\":\"/more.conf\""));
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\ninclude more.conf\nconfdir conf.d /etc/chrony/conf.d\n"),
              ElementsAre("chrony.conf:2:9 warning relative-path", "chrony.conf:3:9 warning relative-path",
                          "more.conf:1:14 error key-not-loaded", "b.conf:1:14 error key-not-loaded"));
}

TEST_F(CheckConfig, OfSeveralKeysFilesTheLastOneCounts) {
  world.files.add_file("/etc/ntpsec/old.keys", "9 AES 5f0c91d2e86b4a37901bc4fd263ea875\n", 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/old.keys\nkeys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\nserver a key 9\n"),
              ElementsAre("ntp.conf:1:6 warning repeated-keys-file", "ntp.conf:4:14 error key-not-loaded"));
  EXPECT_THAT(world.out.text, HasSubstr("a later line names /etc/ntpsec/ntp.keys, and only the last keys file that is "
                                        "named is read"));
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\nkeys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n"), IsEmpty());
  world.files.add_file("/etc/chrony/old.keys", "9 AES128 HEX:5F0C91D2E86B4A37901BC4FD263EA875\n", 0640, {0, 77});
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/old.keys\nkeyfile /etc/chrony/chrony.keys\nserver a key 9\n"),
              ElementsAre("chrony.conf:1:9 warning repeated-keys-file", "chrony.conf:3:14 error key-not-loaded"));
  // NTPsec reads ntp.d behind ntp.conf.
  world.files.add_file("/etc/ntpsec/ntp.d/keys.conf", "keys /etc/ntpsec/old.keys\ntrustedkey 9\n");
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\nserver a key 9\n"),
              ElementsAre("ntp.conf:1:6 warning repeated-keys-file"));
}

TEST_F(CheckConfig, OfSeveralKeysOfAServerOrOfControlTheLastOneCounts) {
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\nserver a key 9 iburst key 1\ncontrolkey 9\n"
                          "controlkey 2\n"),
              IsEmpty());
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\nserver a key 1 iburst key 9\ncontrolkey 1\n"
                          "controlkey 9\n"),
              ElementsAre("ntp.conf:3:27 error key-not-loaded", "ntp.conf:5:12 error key-not-loaded"));
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nserver a key 9 key 2\n"), IsEmpty());
}

TEST_F(CheckConfig, NtpsecTakesNoKey65535OfAServerAndNoRequestKey) {
  world.files.add_file("/etc/ntpsec/ntp.keys", "65535 AES 5f0c91d2e86b4a37901bc4fd263ea875\n", 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 65535\ncontrolkey 65535\nserver a key 65535\n"),
              ElementsAre("ntp.conf:4:14 error bad-key-reference"));
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 65535\nrequestkey 9\n"), IsEmpty());
}

TEST_F(CheckConfig, AKeysFileIsNoConfiguration) {
  for (const std::string file : {"# keys\n\n1 AES 5f0c91d2e86b4a37901bc4fd263ea875\n2 MD5 abc\nsomething else\n",
                                 "\xEF\xBB\xBF# with a mark\n 1 AES abc\n", "! signs\n; of\n % chrony\n1 AES abc\n",
                                 "\xEF\xBB\xBF"
                                 "1 AES abc\n2 AES abc\n"}) {
    world.files.add_file("/etc/my keys", file);
    for (const char *format : {"", "--format=classic", "--format=chrony"}) {
      std::vector<std::string> options{"--config", "/etc/my keys"};
      if (*format != '\0')
        options.emplace_back(format);
      EXPECT_EQ(check(options), 2);
      EXPECT_EQ(world.out.text, "");
      EXPECT_EQ(world.err.text, "ntpkeygen: error: /etc/my keys looks like a keys file, and not like a configuration\n"
                                "ntpkeygen: hint: check it with 'ntpkeygen check FILE'\n");
    }
  }
  EXPECT_THAT(of_ntp_conf("# 1 MD5 abc\nkeys /etc/ntpsec/ntp.keys\n4711\ntrustedkey 1 2 3\n"), IsEmpty());
}

TEST_F(CheckConfig, AConfigurationIsNoKeysFile) {
  for (const std::string config :
       {"driftfile /var/lib/ntpsec/ntp.drift\nkeys /etc/ntpsec/ntp.keys\ntrustedkey 1\n",
        "pool 2.debian.pool.ntp.org iburst\nkeyfile /etc/chrony/chrony.keys\nlog tracking\n"}) {
    world.files.add_file("/etc/some.conf", config);
    EXPECT_EQ(check({"/etc/some.conf"}), 2);
    EXPECT_EQ(world.out.text, "");
    EXPECT_EQ(world.err.text,
              "ntpkeygen: error: /etc/some.conf looks like a daemon's configuration, and not like a keys "
              "file\n"
              "ntpkeygen: hint: check it, and the keys file that it names, with 'ntpkeygen check --config "
              "FILE'\n");
  }
  world.files.add_file("keys", "server a key 1\n1 AES 5f0c91d2e86b4a37901bc4fd263ea875\n");
  EXPECT_EQ(check({"keys"}), 1) << "with a key in it, it is one";
}

TEST_F(CheckConfig, KeysFilesOfTheCommandLineAreCheckedToo) {
  world.files.add_file("mine", keys_1_to_3);
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n");
  EXPECT_THAT(findings("/etc/ntpsec/ntp.conf", {"mine"}), ElementsAre("ntp.conf:1:6 warning other-keys-file"));
  EXPECT_THAT(findings("/etc/ntpsec/ntp.conf", {"/etc/ntpsec/ntp.keys"}), IsEmpty());
  check({"--config", "/etc/ntpsec/ntp.conf", "/etc/ntpsec/ntp.keys"});
  EXPECT_THAT(world.err.text, HasSubstr("nothing to say about 2 files")) << "each once";
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys /elsewhere/ntp.keys\ntrustedkey 1 2 3\nserver a key 4\n");
  EXPECT_THAT(findings("/etc/ntpsec/ntp.conf", {"mine"}),
              ElementsAre("ntp.conf:1:6 warning other-keys-file", "ntp.conf:3:14 error key-not-loaded"));
}

TEST_F(CheckConfig, WithoutAVerdictTheStatusIs2) {
  EXPECT_EQ(check({"--config", "/etc/gone.conf"}), 2);
  EXPECT_THAT(world.err.text, HasSubstr("there is no file /etc/gone.conf"));
  world.files.add_special("/etc/ntpsec/fifo", FileStatus::Kind::other);
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys /etc/ntpsec/fifo\n");
  EXPECT_EQ(check({"--config", "/etc/ntpsec/ntp.conf"}), 2);
  EXPECT_THAT(world.err.text, HasSubstr("/etc/ntpsec/fifo is a device, FIFO or socket"));
  world.files.add_file("/etc/ntpsec/ntp.conf", "keys /etc/ntpsec/ntp.keys\n");
  EXPECT_EQ(check({"--config", "/etc/ntpsec/ntp.conf", "--format=busybox"}), 2);
}

TEST_F(CheckConfig, TheDaemonsUserHasToReadTheKeys) {
  const std::string config = "keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n";
  world.files.add_file("/etc/ntpsec/ntp.keys", keys_1_to_3, 0400);
  EXPECT_THAT(of_ntp_conf(config), ElementsAre("ntp.conf:1:6 warning daemon-cannot-read"));
  world.files.add_file("/etc/ntpsec/ntp.keys", keys_1_to_3, 0400, {110, 38});
  EXPECT_THAT(of_ntp_conf(config), IsEmpty());
  world.files.add_file("/etc/chrony/chrony.keys", chrony_keys, 0400);
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\n"),
              ElementsAre("chrony.conf:1:9 warning daemon-cannot-read"));
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nuser root\nmakestep 1 3\n"), IsEmpty())
      << "a user whom this machine does not know says nothing";
  world.host.users["root"] = {0, 0};
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nuser root\nmakestep 1 3\n"), IsEmpty());
  world.files.add_file("/etc/chrony/chrony.keys", chrony_keys, 0400, {110, 38});
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\nuser root\nmakestep 1 3\n"),
              ElementsAre("chrony.keys:1:1 warning foreign-owner"))
      << "root reads what is anybody's";
  world.files.add_folder("/etc/closed", 0700);
  world.files.add_file("/etc/closed/ntp.keys", keys_1_to_3, 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys /etc/closed/ntp.keys\ntrustedkey 1 2 3\n"),
              ElementsAre("ntp.conf:1:6 warning daemon-cannot-read"));
  EXPECT_THAT(world.out.text, HasSubstr("cannot get into /etc/closed"));
}

TEST_F(CheckConfig, AppArmorHasToLetTheDaemonReadTheKeys) {
  world.files.add_file("/etc/apparmor.d/usr.sbin.ntpd",
                       "/usr/sbin/ntpd flags=(attach_disconnected) {\n  /etc/ntpsec/ntp.conf r,\n"
                       "  /etc/ntpsec/ntp.keys r,\n  #include <local/usr.sbin.ntpd>\n}\n");
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/ntp.keys\ntrustedkey 1 2 3\n"), IsEmpty());
  world.files.add_file("/etc/ntpsec/other.keys", keys_1_to_3, 0640, {0, 38});
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/other.keys\ntrustedkey 1 2 3\n"),
              ElementsAre("ntp.conf:1:6 error apparmor-denies"));
  world.files.add_file("/etc/apparmor.d/local/usr.sbin.ntpd", "/etc/ntpsec/*.keys rw,\n");
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/other.keys\ntrustedkey 1 2 3\n"), IsEmpty());
  world.files.add_file("/etc/apparmor.d/local/usr.sbin.ntpd", "/etc/ntpsec/*.keys rw,\ndeny /etc/ntpsec/o* r,\n");
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/other.keys\ntrustedkey 1 2 3\n"),
              ElementsAre("ntp.conf:1:6 error apparmor-denies"));
  world.files.add_file("/etc/apparmor.d/usr.sbin.chronyd", "/usr/sbin/chronyd {\n  /etc/chrony/chrony.keys r,\n}\n");
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/chrony.keys\n"), IsEmpty());
  world.files.add_file("/etc/chrony/other.keys", chrony_keys, 0640, {0, 77});
  EXPECT_THAT(of_chrony_conf("keyfile /etc/chrony/other.keys\n"), ElementsAre("chrony.conf:1:9 error apparmor-denies"));
  world.files.add_file("/etc/apparmor.d/usr.sbin.ntpd", "/usr/sbin/ntpd flags=(complain) {\n}\n");
  EXPECT_THAT(of_ntp_conf("keys /etc/ntpsec/other.keys\ntrustedkey 1 2 3\n"), IsEmpty());
}

TEST(AppArmor, PatternsFitAsItReadsThem) {
  EXPECT_TRUE(apparmor_pattern_fits("/etc/chrony/{,**}", "/etc/chrony/a/b.keys"));
  EXPECT_TRUE(apparmor_pattern_fits("/etc/chrony.*", "/etc/chrony.keys"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/chrony.*", "/etc/chrony.d/keys"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/*", "/etc/a/b"));
  EXPECT_TRUE(apparmor_pattern_fits("/{,var/}run/x", "/var/run/x"));
  EXPECT_TRUE(apparmor_pattern_fits("/{,var/}run/x", "/run/x"));
  EXPECT_TRUE(apparmor_pattern_fits("/etc/k[0-9]?", "/etc/k3x"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/k[0-9]?", "/etc/kax"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/k[0-9]?", "/etc/k3/"));
  EXPECT_TRUE(apparmor_pattern_fits("@{run}/k", "/run/k"));
  EXPECT_FALSE(apparmor_pattern_fits("@{run}/k", "/run/l"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/k", "/etc/keys"));
  EXPECT_FALSE(apparmor_pattern_fits("/etc/keys", "/etc/k"));
}

} // namespace
} // namespace ntpkeygen::cli
