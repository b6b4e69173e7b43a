// Whole commands in a world of fakes: what is printed, which file stands where, and that a refusal changes nothing.
#include "cli/command.hpp"
#include "cli/run.hpp"

#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/network_gear/network_gear.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_types/aes/aes.hpp"
#include "key_types/md5/md5.hpp"
#include "key_types/sha1/sha1.hpp"
#include "key_types/sha256/sha256.hpp"
#include "mac_engines/botan/botan.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <regex>
#include <sstream>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

// --source system; tape, which replays; broken, which fails on its first draw; and jammed, which gives the same block
// again and again.
class TestSource final : public RandomSourceProvider {
public:
  explicit TestSource(std::string name) {
    info_.nature = name == "jammed" ? SourceNature::drbg : name == "tape" ? SourceNature::replay : SourceNature::os;
    info_.name = std::move(name);
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    if (info_.name == "broken")
      return std::make_unique<test::ScriptedSource>(std::vector<std::uint8_t>{});
    if (info_.name == "jammed")
      return std::make_unique<test::ScriptedSource>(std::vector<std::uint8_t>(4096, 0x5a));
    return std::make_unique<test::SeededSource>(++opened_);
  }

private:
  SourceInfo info_{};
  mutable std::uint64_t opened_ = 0; // every run draws other keys
};

// --source conditioned:noise, good samples of 8 bits; conditioned:stuck, the same one for ever; and what is good until
// the keys are half made: from there on sticking gives one sample, biased the same one every other time, and dying
// fails. All claim 7 bits.
class TestNoise final : public RandomSourceProvider {
public:
  explicit TestNoise(std::string name) {
    info_.name = std::move(name);
    info_.nature = SourceNature::raw_noise;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(ErrorCode::unsupported, "this is noise");
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept override {
    constexpr std::size_t half_way = 1024 + 6 * 46; // of 20 keys' blocks, behind the start-up test
    std::vector<std::uint8_t> samples(info_.name == "dying" ? half_way : 100'000);
    std::mt19937 generator(1);
    std::size_t made = 0;
    const auto sample = [&]() -> std::uint8_t {
      const bool is_bad =
          info_.name == "stuck" ||
          (++made > half_way && (info_.name == "sticking" || (info_.name == "biased" && made % 2 == 1)));
      const auto good = static_cast<std::uint8_t>(generator() >> 24);
      return is_bad ? 7 : good;
    };
    std::ranges::generate(samples, sample);
    return std::make_unique<test::ScriptedNoise>(std::move(samples), 8, 7);
  }

private:
  SourceInfo info_{};
};

std::vector<std::string> lines_of(const std::string &text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

class GenerateCommand : public ::testing::Test {
protected:
  void SetUp() override {
    world.files.add_folder(".");
    world.files.add_folder("/etc/ntpsec");
    for (const auto enroll : {plugins::aes::enroll, plugins::md5::enroll, plugins::sha1::enroll,
                              plugins::sha256::enroll, plugins::botan::enroll, plugins::ntpsec::enroll,
                              plugins::classic::enroll, plugins::chrony::enroll, plugins::network_gear::enroll})
      world.plugins.enroll(enroll);
    world.plugins.enroll(+[](Registrar &registrar) -> Result<void> {
      for (const char *name : {"system", "tape", "broken", "jammed"})
        if (auto added = registrar.add(std::make_unique<TestSource>(name)); !added)
          return added;
      for (const char *name : {"noise", "stuck", "sticking", "biased", "dying"})
        if (auto added = registrar.add(std::make_unique<TestNoise>(name)); !added)
          return added;
      return {};
    });
  }

  int run(const std::vector<std::string> &arguments, const std::string &program = "/usr/bin/ntpkeygen") {
    world.out.text.clear();
    world.err.text.clear();
    std::vector<std::string> all{program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return cli::run(all, world.environment, linked_commands);
  }

  // The content behind a name of the current folder.
  std::string file(const std::string &name) {
    const auto *node = world.files.find(name);
    if (node == nullptr)
      return "(there is no " + name + ")";
    return node->kind == FileStatus::Kind::link ? file(node->content) : node->content;
  }
  std::vector<std::string> keys(const std::string &name) {
    auto lines = lines_of(file(name));
    std::erase_if(lines, [](const std::string &line) { return line.empty() || line.starts_with('#'); });
    return lines;
  }
  std::vector<std::string> names() {
    auto listing = world.files.listing(".");
    for (std::string &line : listing)
      line = line.substr(0, line.find(' '));
    return listing;
  }

  test::FakeWorld world;
};

constexpr auto default_name = "ntpkey_AES_clepsydra.3208988800";

TEST_F(GenerateCommand, WithoutArgumentsIsNtpsecsGenerator) {
  ASSERT_EQ(run({}), 0) << world.err.text;
  EXPECT_EQ(world.err.text, "Generating new AES file and link\nntp.keys->ntpkey_AES_clepsydra.3208988800\n");
  EXPECT_EQ(world.out.text, "");
  EXPECT_THAT(names(), ElementsAre("ntp.keys", default_name));
  EXPECT_EQ(world.files.find(default_name)->mode, 0400U);

  const auto lines = lines_of(file("ntp.keys"));
  ASSERT_EQ(lines.size(), 22U);
  EXPECT_EQ(lines[0], std::string("# ") + default_name);
  EXPECT_EQ(lines[1], "# date 1000000000");
  for (int id = 1; id <= 20; ++id) {
    const std::string number = (id < 10 ? " " : "") + std::to_string(id);
    EXPECT_TRUE(std::regex_match(lines[static_cast<std::size_t>(id) + 1],
                                 std::regex(number + (id <= 10 ? " AES [$-}]{16}" : " AES [0-9a-f]{32}"))))
        << lines[static_cast<std::size_t>(id) + 1];
  }
}

TEST_F(GenerateCommand, MakesClassicsSet) {
  for (const auto &arguments : {std::vector<std::string>{"-M"}, {"--md5key"}, {"--format", "classic"}}) {
    ++world.clock.now;
    ASSERT_EQ(run(arguments), 0) << world.err.text;
    EXPECT_THAT(world.err.text, StartsWith("Generating new md5 file and link\nntp.keys->ntpkey_MD5key_clepsydra."));
    EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: warning: "));
    EXPECT_THAT(world.err.text, HasSubstr("RFC 8573"));
    const auto lines = lines_of(file("ntp.keys"));
    ASSERT_EQ(lines.size(), 23U);
    EXPECT_EQ(lines[2], "");
    for (int id = 1; id <= 20; ++id) {
      const std::string number = (id < 10 ? " " : "") + std::to_string(id);
      EXPECT_TRUE(std::regex_match(
          lines[static_cast<std::size_t>(id) + 2],
          std::regex(number + (id <= 10 ? " MD5 [!-~]{20}  # MD5 key" : " SHA1 [0-9a-f]{40}  # SHA1 key"))))
          << lines[static_cast<std::size_t>(id) + 2];
    }
  }
}

TEST_F(GenerateCommand, StartedAsNtpKeygenItNeedsM) {
  EXPECT_EQ(run({"-M"}, "ntp-keygen"), 0);
  EXPECT_THAT(world.err.text, HasSubstr("ntp-keygen: warning: "));
  const auto before = world.files.listing(".");
  for (const auto &arguments : {std::vector<std::string>{},
                                {"--host", "a"},
                                {"-H"},
                                {"-T", "-M"},
                                {"-p", "secret"},
                                {"-psecret"},
                                {"--password=secret"},
                                {"--trusted-cert"},
                                {"-c", "RSA-SHA256"},
                                {"-cRSA-SHA256"},
                                {"--modulus=2048", "-M"},
                                {"-V", "2"},
                                {"-V2"},
                                {"-MV", "12"},
                                {"--mv-params", "2"},
                                {"-MH"},
                                {"-Mpsecret"},
                                {"-MdT"},
                                {"--pass=secret"},
                                {"--gq", "-M"},
                                {"--mv=3"},
                                {"-M", "--host", "-i"},
                                {"-M", "-x"},
                                {"-M", "--nosuch=secret"}}) {
    EXPECT_EQ(run(arguments, "/usr/sbin/ntp-keygen"), 1);
    EXPECT_THAT(world.err.text, StartsWith("ntp-keygen: error: "));
    EXPECT_THAT(world.err.text, HasSubstr("for symmetric keys, run 'ntp-keygen -M'; Autokey"));
    EXPECT_THAT(world.err.text, Not(HasSubstr("secret")));
    EXPECT_EQ(world.files.listing("."), before);
  }
}

TEST_F(GenerateCommand, StartedAsNtpKeygenItKnowsWhichOptionIsMeant) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"-V", "2"}, "'-V NUMBER' asks for Autokey"},
      {{"-V2"}, "'-V NUMBER' asks for Autokey"},
      {{"-MH"}, "'-H' asks for Autokey"},
      {{"-MdT"}, "'-T' asks for Autokey"},
      {{"-Mpsecret"}, "'-p' asks for Autokey"},
      {{"--pass=secret"}, "'--pass' asks for Autokey"},
      {{"--mv"}, "'--mv' asks for Autokey"},
      {{"-Mx"}, "unknown option '-Mx'"},
      {{"--x"}, "unknown option '--x'"},
      {{"-M", "--", "-H"}, "unexpected word '-H'"},
      {{"-M", "--cuont", "3"}, "unknown option '--cuont'\nntp-keygen: hint: did you mean '--count'? if not: for"},
  };
  for (const auto &[arguments, message] : cases) {
    EXPECT_EQ(run(arguments, "ntp-keygen"), 1);
    EXPECT_THAT(world.err.text, HasSubstr("ntp-keygen: error: " + message));
  }
  EXPECT_THAT(names(), IsEmpty());
  for (const auto &arguments : {std::vector<std::string>{"-V"}, {"-V", "-M"}, {"-MV"}}) {
    EXPECT_EQ(run(arguments, "ntp-keygen"), 0) << "the version";
    EXPECT_THAT(world.out.text, StartsWith("ntpkeygen "));
  }
  // What is a value here is none of Classic's options.
  EXPECT_EQ(run({"-M", "--host=-i"}, "ntp-keygen"), 0) << world.err.text;
  EXPECT_EQ(run({"-M", "--host", "Host"}, "ntp-keygen"), 0) << world.err.text;
}

TEST_F(GenerateCommand, AnOptionIsNotTakenForTheValueOfTheOneBeforeIt) {
  for (const char *option : {"-i", "--count", "--nosuch", "--"}) {
    EXPECT_EQ(run({"--host", option}), 1);
    EXPECT_THAT(world.err.text, HasSubstr("'--host' needs a value"));
  }
  EXPECT_EQ(run({"--host", "-i"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: '--host' needs a value, and '-i' looks like an option\n"
                            "ntpkeygen: hint: if it is the value, write '--host=-i'\n");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(run({"--host=-i"}), 0) << world.err.text;
  EXPECT_THAT(names(), ::testing::Contains("ntpkey_AES_-i.3208988800"));
  EXPECT_EQ(run({"--count", "-5"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("'--count -5': expected a whole number"));
}

TEST_F(GenerateCommand, ASwitchTakesNoValue) {
  EXPECT_EQ(run({"--md5key=1"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: '--md5key' takes no value\n"
                            "ntpkeygen: hint: write '--md5key' alone\n");
}

TEST_F(GenerateCommand, HelpAndVersionGoToStandardOutput) {
  for (const char *option : {"-h", "--help"}) {
    EXPECT_EQ(run({option, "--count", "3"}), 0);
    EXPECT_THAT(world.out.text, StartsWith("usage: ntpkeygen "));
    EXPECT_EQ(world.err.text, "");
  }
  for (const char *option : {"-V", "--version"}) {
    EXPECT_EQ(run({option}), 0);
    EXPECT_TRUE(std::regex_match(world.out.text, std::regex("ntpkeygen [0-9]+\\.[0-9]+\\.[0-9]+\n")));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(GenerateCommand, SeveralSourcesAreMixed) {
  ASSERT_EQ(run({"--source", "system", "--source", "conditioned:noise", "--json"}), 0) << world.err.text;
  EXPECT_THAT(world.out.text, HasSubstr(R"("source":"system + conditioned:noise")"));
  EXPECT_EQ(keys("ntp.keys").size(), 20U);
}

TEST_F(GenerateCommand, OnlyReplayedBytesAloneMakeTheSameKeysAgain) {
  ASSERT_EQ(run({"--source", "tape", "--output", "-"}), 0) << world.err.text;
  EXPECT_EQ(world.err.text, "ntpkeygen: warning: the keys are as random and as secret as what is read from 'tape', and "
                            "read from it again they are the same keys again\n");
  ASSERT_EQ(run({"--source", "tape", "--source", "tape:2", "--output", "-"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, HasSubstr("what is read from 'tape + tape:2', and read"));
  ASSERT_EQ(run({"--source", "tape", "--source", "system", "--output", "-"}), 0) << world.err.text;
  EXPECT_EQ(world.err.text, "");
}

TEST_F(GenerateCommand, NoiseIsConditionedAndItsClaimTold) {
  const std::vector<std::string> arguments{"--source", "conditioned:noise", "--output", "-", "--count", "1"};
  ASSERT_EQ(run(arguments), 0) << world.err.text;
  EXPECT_EQ(world.err.text,
            "ntpkeygen: notice: conditioned:noise: 7 bits of min-entropy per sample of 8 are claimed by the "
            "source; 46 samples make 256 bits; health tests of SP 800-90B: 6 equal in a row, 22 of 512 "
            "equal to the first, alpha 2^-30\n");
  const std::string by_its_claim = world.out.text;
  auto claimed = arguments;
  claimed.insert(claimed.end(), {"--min-entropy", "0.5"});
  ASSERT_EQ(run(claimed), 0) << world.err.text;
  EXPECT_THAT(world.err.text,
              AllOf(HasSubstr("0.5 bits of min-entropy per sample of 8 are claimed by --min-entropy; 640 "
                              "samples make 256 bits"),
                    HasSubstr("61 equal in a row, 422 of 512 equal")));
  EXPECT_NE(world.out.text, by_its_claim);
  claimed.back() = "0.01";
  run(claimed);
  EXPECT_THAT(world.err.text, HasSubstr("3001 equal in a row, alpha 2^-30"));
}

TEST_F(GenerateCommand, HelpNamesEveryCommand) {
  ASSERT_EQ(run({"--help"}), 0);
  const std::string help = world.out.text;
  for (const std::string_view name : command_names)
    EXPECT_THAT(help, HasSubstr((name == "generate" ? "[" : "ntpkeygen ") + std::string(name)));
}

TEST_F(GenerateCommand, EveryCommandIsFoundUnderItsName) {
  std::vector<std::string_view> names{generate_command().spec.name};
  for (const Command *command : further_commands())
    names.push_back(command->spec.name);
  EXPECT_THAT(names, UnorderedElementsAreArray(command_names));
}

TEST_F(GenerateCommand, DoesNotNeedTheOtherCommands) {
  EXPECT_EQ(cli::run({"ntpkeygen", "--output", "-", "--count", "1"}, world.environment, {}), 0);
  EXPECT_EQ(world.err.text, "");
  EXPECT_EQ(cli::run({"ntpkeygen", "plugins"}, world.environment, {}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: the command 'plugins' is missing\n"
                            "ntpkeygen: hint: install ntpkeygen again\n");
  EXPECT_EQ(cli::run({"ntpkeygen", "check", "keys"}, world.environment, {}), 2); // it gives a verdict
  EXPECT_EQ(cli::run({"ntpkeygen", "plugsin"}, world.environment, {}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("did you mean 'plugins'?"));
}

TEST(CommandOf, ReadsTheFirstWords) {
  EXPECT_EQ(command_of({}), "generate");
  EXPECT_EQ(command_of({"ntpkeygen"}), "generate");
  EXPECT_EQ(command_of({"ntpkeygen", "--count", "2"}), "generate");
  EXPECT_EQ(command_of({"ntpkeygen", "generate", "check"}), "generate");
  EXPECT_EQ(command_of({"/usr/sbin/ntp-keygen", "check"}), "generate");
  EXPECT_EQ(command_of({"./ntpkeygen", "check", "keys"}), "check");
  EXPECT_EQ(command_of({"ntpkeygen", "entropy", "assess", "x"}), "entropy assess");
  for (const char *const word : {"generated", "entropy", "entropy assess x", ""})
    EXPECT_EQ(command_of({"ntpkeygen", word}), "") << word;
}

TEST_F(GenerateCommand, HelpFitsATerminalOf80Columns) {
  for (const auto &arguments : {std::vector<std::string>{"--help"}, {"plugins", "--help"}}) {
    ASSERT_EQ(run(arguments), 0);
    for (const std::string &line : lines_of(world.out.text))
      EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST_F(GenerateCommand, HelpUnderClassicsNameTellsOfNoCommands) {
  ASSERT_EQ(run({"--help"}, "ntp-keygen"), 0);
  EXPECT_THAT(world.out.text, StartsWith("usage: ntp-keygen -M [options]\n\n"));
  EXPECT_EQ(run({"plugins"}, "ntp-keygen"), 1);
  EXPECT_EQ(world.err.text, "ntp-keygen: error: ntp-keygen has no commands\n"
                            "ntp-keygen: hint: write 'ntpkeygen plugins'\n");
}

TEST_F(GenerateCommand, AFailingStandardOutputIsAnError) {
  world.out.broken = true;
  for (const auto &arguments : {std::vector<std::string>{"--help"}, {"--version"}, {"--output", "-"}, {"--json"}})
    EXPECT_EQ(run(arguments), 1);
  EXPECT_THAT(names(), IsEmpty()) << "the keys file of a lost --json";
}

TEST_F(GenerateCommand, PrintsLinesToPaste) {
  ASSERT_EQ(run({"--output", "-", "--type", "sha-1", "--count", "2", "--first-id", "9"}), 0) << world.err.text;
  EXPECT_TRUE(std::regex_match(world.out.text, std::regex(" 9 SHA1 [0-9a-f]{40}\n10 SHA1 [0-9a-f]{40}\n")))
      << world.out.text;
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(GenerateCommand, NamesAFileAfterItsTypes) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--type", "AES"}, "AES"},
      {{"--type", "aes-256"}, "AES-256"},
      {{"--type", "AES", "--bits", "256"}, "AES-256"},
      {{"--bits", "192"}, "AES-192"},
      {{"--encoding", "hex"}, "AES"},
      {{"--type", "SHA1", "--type", "AES"}, "SHA1+AES"},
      {{"--format", "classic", "--type", "MD5", "--type", "SHA1"}, "MD5key"},
  };
  for (const auto &[arguments, label] : cases) {
    ++world.clock.now;
    ASSERT_EQ(run(arguments), 0) << world.err.text;
    EXPECT_EQ(world.files.find("ntp.keys")->content,
              "ntpkey_" + label + "_clepsydra." + std::to_string(world.clock.now + 2'208'988'800));
  }
}

TEST_F(GenerateCommand, AGroupForEachTypeAndEncoding) {
  ASSERT_EQ(
      run({"--json", "--type", "AES-128", "--type", "SHA1", "--encoding", "both", "--count", "2", "--bits", "128"}), 1)
      << "AES-128 carries its bits";
  ASSERT_EQ(run({"--json", "--type", "AES", "--type", "SHA1", "--encoding", "both", "--count", "2"}), 0)
      << world.err.text;
  rapidjson::Document json;
  json.Parse(world.out.text.c_str());
  ASSERT_FALSE(json.HasParseError()) << world.out.text;
  EXPECT_STREQ(json["schema"].GetString(), "ntpkeygen/generate/1");
  EXPECT_STREQ(json["file"].GetString(), "ntpkey_AES+SHA1_clepsydra.3208988800");
  EXPECT_STREQ(json["link"].GetString(), "ntp.keys");
  EXPECT_STREQ(json["format"].GetString(), "ntpsec");
  EXPECT_STREQ(json["source"].GetString(), "system");
  ASSERT_EQ(json["groups"].Size(), 4U);
  for (unsigned i = 0; i < 4; ++i) {
    const auto &group = json["groups"][i];
    EXPECT_STREQ(group["type"].GetString(), i < 2 ? "AES" : "SHA1");
    EXPECT_EQ(group["bits"].GetUint(), i < 2 ? 128U : 160U);
    EXPECT_STREQ(group["encoding"].GetString(), i % 2 == 0 ? "ascii" : "hex");
    EXPECT_EQ(group["first_id"].GetUint(), 1 + 2 * i);
    EXPECT_EQ(group["last_id"].GetUint(), 2 + 2 * i);
  }
  for (const std::string &key : keys("ntp.keys"))
    EXPECT_THAT(world.out.text, Not(HasSubstr(key.substr(key.rfind(' ') + 1)))) << "a key in the JSON document";
}

TEST_F(GenerateCommand, QuietSilencesNoticesAndNotWarnings) {
  ASSERT_EQ(run({"--quiet"}), 0);
  EXPECT_EQ(world.err.text, "");
  ASSERT_EQ(run({"--quiet", "-M"}), 0);
  EXPECT_THAT(world.err.text,
              AllOf(StartsWith("ntpkeygen: warning: "), Not(HasSubstr("notice")), Not(HasSubstr("Generating"))));
}

TEST_F(GenerateCommand, ColoursOnATerminalOnly) {
  world.err.terminal = true;
  run({"--count", "0"});
  EXPECT_THAT(world.err.text, HasSubstr("\033[1;31merror:\033[0m"));
  world.err.terminal = false;
  run({"--count", "0"});
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: "));
}

TEST_F(GenerateCommand, HelpAskedForAsACommandIsAnOption) {
  EXPECT_EQ(run({"help"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("unknown command 'help'\nntpkeygen: hint: write '--help'\n"));
  EXPECT_EQ(run({"--out", "-"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("hint: did you mean '--output'?"));
}

TEST_F(GenerateCommand, AMessageIsOneLineWhateverItQuotes) {
  EXPECT_EQ(run({"--type", "a\nntpkeygen: notice: \x1b[32mall is well"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("'a\\nntpkeygen: notice: \\x1b[32mall is well'"));
  EXPECT_EQ(run({"c\x1b]0;t\x07"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("unknown command 'c\\x1b]0;t\\x07'"));
  world.err.terminal = true;
  run({"--count", "\x1b"});
  EXPECT_THAT(world.err.text, HasSubstr("\033[1;31merror:\033[0m '--count \\x1b'"));
  world.files.add_folder("two\nlines");
  world.err.terminal = false;
  ASSERT_EQ(run({"--directory", "two\nlines"}), 0);
  EXPECT_THAT(world.err.text, Not(HasSubstr("two\nlines")));
}

TEST_F(GenerateCommand, NoColorCountsUnlessItIsEmpty) {
  world.err.terminal = true;
  ASSERT_EQ(::setenv("NO_COLOR", "", 1), 0);
  run({"--count", "0"});
  EXPECT_THAT(world.err.text, HasSubstr("\033["));
  ASSERT_EQ(::setenv("NO_COLOR", "0", 1), 0);
  run({"--count", "0"});
  EXPECT_THAT(world.err.text, Not(HasSubstr("\033[")));
  ASSERT_EQ(::unsetenv("NO_COLOR"), 0);
}

TEST_F(GenerateCommand, InTheSameSecondItTakesTheNextFilestamp) {
  ASSERT_EQ(run({}), 0);
  ASSERT_EQ(run({}), 0);
  EXPECT_THAT(names(), ElementsAre("ntp.keys", default_name, "ntpkey_AES_clepsydra.3208988801"));
  EXPECT_EQ(world.files.find("ntp.keys")->content, "ntpkey_AES_clepsydra.3208988801");
  EXPECT_EQ(lines_of(file("ntp.keys"))[0], "# ntpkey_AES_clepsydra.3208988801");
  EXPECT_EQ(keys(default_name).size(), 20U);
}

TEST_F(GenerateCommand, SaysWhichIdsChangeAndHowADaemonReloads) {
  ASSERT_EQ(run({"--count", "2"}), 0);
  EXPECT_THAT(world.err.text, Not(HasSubstr("notice")));
  ASSERT_EQ(run({"--count", "1", "--first-id", "3"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: notice: keys 3-4 changed: peers that hold the old ones"));
  EXPECT_THAT(world.err.text, HasSubstr("SIGHUP"));
  EXPECT_THAT(world.err.text,
              HasSubstr(std::string("the old keys are still in ") + default_name +
                        "\nntpkeygen: hint: to go back to them: ln -sfn " + default_name + " ntp.keys"));
  ASSERT_EQ(run({"--first-id", "100"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: notice: keys 3-4 are no longer in the file"));
  ASSERT_EQ(run({"--keep-current", "--first-id", "auto"}), 0);
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("notice: keys 120-139 are new"), HasSubstr("restart"),
                                    Not(HasSubstr("changed")), Not(HasSubstr("no longer"))));
}

TEST_F(GenerateCommand, AnotherFormatsFileHasItsIdsToo) {
  ASSERT_EQ(run({"--count", "2"}), 0);
  ASSERT_EQ(run({"-M", "--count", "1", "--json"}), 0);
  EXPECT_THAT(world.err.text,
              AllOf(HasSubstr("notice: keys 1-2 changed"), HasSubstr("keys 3-4 are no longer"),
                    HasSubstr("NTP Classic ntpd loads none of them: does another program read this file?")));
  EXPECT_THAT(world.out.text, HasSubstr(R"("changes":{"changed":[[1,2]],"gone":[[3,4]],"added":[]})"));
  ASSERT_EQ(run({"--format", "chrony", "--count", "1", "--first-id", "2", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("changes":{"changed":[[2,2]],"gone":[[1,1]],"added":[]})"));
}

TEST_F(GenerateCommand, KeepsOnlyLinesThatTheDaemonLoads) {
  ASSERT_EQ(run({"--count", "1"}), 0);
  const auto before = world.files.listing(".");
  EXPECT_EQ(run({"-M", "--keep-current", "--first-id", "auto"}), 1);
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("NTP Classic ntpd loads no key from the replaced file (line 3: "),
                                    HasSubstr(", and 1 more line)"), HasSubstr("--format")));
  world.files.add_file("ntp.keys.old", std::string("\0\1\2\3\4\5\6\7", 8) + std::string(60, '\1'));
  world.files.add_link("picture", "ntp.keys.old");
  EXPECT_EQ(run({"--output", "picture", "--replace", "--keep-current"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("loads no key from the replaced file"));
  EXPECT_EQ(world.files.listing(".").size(), before.size() + 2);

  world.files.add_file("mixed", "1 MD5 secretkey\n2 BLAKE abcdef\n# note\n");
  ASSERT_EQ(run({"--output", "mixed", "--replace", "--keep-current", "--first-id", "auto"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, HasSubstr("warning: NTPsec ntpd does not load all of the lines that are kept: line 2: "));
}

TEST_F(GenerateCommand, KeepsNoLinesThatSomebodyElseCouldHaveWritten) {
  world.files.add_folder(".", 01777);
  world.files.add_file("planted", "1 AES attackersownkey!\n", 0644, {666, 666});
  world.files.add_link("ntp.keys", "planted", {666, 666});
  EXPECT_EQ(run({"--keep-current", "--first-id", "auto"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("the lines of ntp.keys are not carried over: somebody else"));
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(GenerateCommand, KeepsNoLinesOfAFileThatOthersCanWriteTo) {
  const auto keep = [this](std::uint32_t mode, Owner owner, bool has_access_list = false) {
    world.files.add_folder(".");
    world.files.add_file("k", "1 MD5 secretkey\n", mode, owner);
    if (has_access_list)
      world.files.give_access_list("./k");
    return run({"--output", "k", "--replace", "--keep-current", "--first-id", "auto"});
  };
  EXPECT_EQ(keep(0602, {0, 0}), 1);
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("the lines of k are not carried over: other users can write to it"),
                                    HasSubstr("hint: make sure that its lines are yours, then: chmod go-w k")));
  EXPECT_EQ(names().size(), 1U);
  EXPECT_EQ(keep(0660, {0, 110}), 1);
  EXPECT_EQ(keep(0660, {0, 0}), 0) << "the group of root alone; " << world.err.text;
  EXPECT_EQ(keep(0660, {0, 0}, true), 1) << "the group's bits are those of whom the list names";
  EXPECT_EQ(keep(0644, {0, 110}), 0) << world.err.text;
}

TEST_F(GenerateCommand, SaysWhatOfTheModeIsNotTakenOver) {
  world.files.add_file("k", "1 MD5 secretkey\n", 0640, {0, 38});
  world.files.give_access_list("./k");
  ASSERT_EQ(run({"--output", "k", "--replace"}), 0) << world.err.text;
  EXPECT_THAT(
      world.err.text,
      HasSubstr("warning: what the mode of k, the replaced file, allows a group was not taken over: an access "
                "control list decides there who is meant\nntpkeygen: hint: '--mode' says what the group may\n"));
  world.files.add_file("k", "1 MD5 secretkey\n", 0640, {0, 38});
  ASSERT_EQ(run({"--output", "k", "--replace", "--owner", "ntp:ntpsec"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, HasSubstr("allows a group was not taken over: the new file has another group\n"));
  ASSERT_EQ(run({"--output", "k", "--replace"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, Not(HasSubstr("taken over")));
}

TEST_F(GenerateCommand, SaysWhoCanStillReadTheOldKeys) {
  world.files.add_file("ntp.keys", "1 MD5 secretkey\n", 0644);
  ASSERT_EQ(run({"--adopt", "--quiet"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("warning: every user of this machine can read the old keys in "
                                        "ntp.keys.3208988800; the new file is not open to them\n"
                                        "ntpkeygen: hint: chmod o= ntp.keys.3208988800\n"));
  ASSERT_EQ(run({}), 0);
  EXPECT_THAT(world.err.text, Not(HasSubstr("every user")));
}

TEST_F(GenerateCommand, NamesTheFileWhereNoLinkLeadsToIt) {
  ASSERT_EQ(run({"--no-link"}), 0);
  EXPECT_EQ(world.err.text, std::string("Generating new AES file\n") + default_name + ": keys 1-20\n");
  ASSERT_EQ(run({"--output", "/etc/ntpsec/k", "--count", "1", "--encoding", "HEX", "--first-id", "AUTO"}), 0);
  EXPECT_THAT(world.err.text, StartsWith("Generating new AES file\n/etc/ntpsec/k: key 1\n"));
}

TEST_F(GenerateCommand, ContinuesAfterTheHighestId) {
  ASSERT_EQ(run({"--first-id", "auto", "--count", "1"}), 0);
  EXPECT_EQ(keys("ntp.keys").front().substr(0, 2), " 1");
  world.files.add_file("mine", "7 MD5 secret\n900 AES 00112233445566778899aabbccddeeff\n12 SHA1 abc\n");
  ASSERT_EQ(run({"--first-id", "auto", "--count", "1", "--output", "mine", "--replace"}), 0) << world.err.text;
  EXPECT_EQ(keys("mine").front().substr(0, 4), "901 ");
}

TEST_F(GenerateCommand, MakesChronysFile) {
  ASSERT_EQ(run({"--format", "chrony"}), 0) << world.err.text;
  EXPECT_EQ(world.err.text, "Generating new AES file and link\nntp.keys->ntpkey_AES_clepsydra.3208988800\n");
  const auto lines = lines_of(file("ntp.keys"));
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(lines[0], std::string("# ") + default_name);
  for (std::size_t id = 1; id <= 10; ++id)
    EXPECT_TRUE(std::regex_match(lines[id + 1], std::regex(std::to_string(id) + " AES128 HEX:[0-9A-F]{32}")))
        << lines[id + 1];
}

TEST_F(GenerateCommand, MakesCommandsForNetworkGear) {
  world.files.add_link("ntp.keys", "theirs");
  ASSERT_EQ(run({"--format", "cisco-ios", "--count", "1"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, StartsWith("Generating new MD5 file\nntpkey_MD5_clepsydra.3208988800: key 1\n"
                                         "ntpkeygen: warning: MD5 is deprecated"));
  EXPECT_THAT(world.err.text, HasSubstr("\nntpkeygen: notice: the commands are those of the vendor's page (Cisco IOS"));
  const auto lines = lines_of(file("ntpkey_MD5_clepsydra.3208988800"));
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "! ntpkey_MD5_clepsydra.3208988800");
  EXPECT_TRUE(std::regex_match(lines[4], std::regex("ntp authentication-key 1 md5 [A-Za-z0-9]{20}"))) << lines[4];
  EXPECT_EQ(lines[5], "ntp trusted-key 1");
  EXPECT_EQ(lines[6], "ntp authenticate");
  // The link is a daemon's.
  EXPECT_EQ(world.files.find("ntp.keys")->content, "theirs");
}

TEST_F(GenerateCommand, PrintsCommandsToPaste) {
  ASSERT_EQ(run({"--format", "junos", "--type", "SHA256", "--count", "1", "--first-id", "70000", "--output", "-"}), 0)
      << world.err.text;
  EXPECT_TRUE(std::regex_match(
      world.out.text, std::regex("set system ntp authentication-key 70000 type sha256 value \"[A-Za-z0-9]{20}\"\n"
                                 "set system ntp trusted-key 70000\n")))
      << world.out.text;
  EXPECT_THAT(world.err.text, HasSubstr("notice: the commands are those of the vendor's page (Juniper"));
}

TEST_F(GenerateCommand, LengthsThatNobodyNamesAreThoseOfTheFormat) {
  const auto digits = [&] { return world.out.text.substr(0, world.out.text.find('\n')).size(); };
  ASSERT_EQ(run({"--format", "junos", "--type", "SHA256", "--bits", "96", "--count", "1", "--output", "-"}), 0);
  const std::size_t short_key = digits();
  ASSERT_EQ(run({"--format", "junos", "--type", "SHA256", "--count", "1", "--output", "-"}), 0);
  EXPECT_EQ(digits(), short_key + 8); // 160 bits
  EXPECT_EQ(run({"--format", "junos", "--type", "SHA256", "--bits", "256", "--count", "1", "--output", "-"}), 1);
  ASSERT_EQ(run({"--format", "cisco-ios-xe", "--type", "AES", "--count", "1", "--output", "-"}), 0) << world.err.text;
  ASSERT_EQ(run({"--type", "SHA256", "--count", "1", "--output", "-"}), 0);
  EXPECT_EQ(digits(), std::string(" 1 SHA256 ").size() + 64);
}

TEST_F(GenerateCommand, KeyIdsReachAsFarAsTheFormats) {
  ASSERT_EQ(run({"--format", "chrony", "--count", "1", "--first-id", "4294967294"}), 0) << world.err.text;
  ASSERT_EQ(run({"--format", "chrony", "--count", "1", "--first-id", "auto"}), 0) << world.err.text;
  EXPECT_THAT(keys("ntp.keys"), ElementsAre(StartsWith("4294967295 ")));
  EXPECT_EQ(run({"--format", "chrony", "--count", "1", "--first-id", "auto"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("'--first-id auto' finds no free id: the replaced file has 4294967295"));
  world.files.add_file("mine", "70000 AES128 short\n");
  ASSERT_EQ(run({"--format", "chrony", "--count", "1", "--first-id", "auto", "--output", "mine", "--replace"}), 0);
  EXPECT_THAT(keys("mine"), ElementsAre(StartsWith("70001 ")));
}

TEST_F(GenerateCommand, KeepsCurrentLinesByteForByte) {
  const std::string old = "# mine\n 5 AES 00112233445566778899aabbccddeeff # backup\n\n\t6\tMD5  secretkey1";
  world.files.add_file("ntp.keys.old", old, 0640, {0, 38});
  world.files.add_link("ntp.keys", "ntp.keys.old");
  ASSERT_EQ(run({"--keep-current", "--count", "1"}), 0) << world.err.text;
  EXPECT_THAT(file("ntp.keys"), StartsWith(old + "\n# " + default_name + "\n# date 1000000000\n 1 AES "));
  EXPECT_EQ(file("ntp.keys.old"), old);

  EXPECT_EQ(run({"--keep-current", "--count", "1", "--first-id", "4"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("key 5 is among the lines to be kept"));
  EXPECT_THAT(world.err.text, HasSubstr("--first-id auto"));
}

TEST_F(GenerateCommand, InheritsModeAndOwnerWithoutOthersBits) {
  world.files.add_file("target", "1 MD5 x\n", 0644, {0, 38});
  world.files.add_link("ntp.keys", "target");
  ASSERT_EQ(run({}), 0) << world.err.text;
  EXPECT_EQ(world.files.find(default_name)->mode, 0640U);
  EXPECT_EQ(world.files.find(default_name)->owner, (Owner{0, 38}));
  ASSERT_EQ(run({"--mode", "0600", "--owner", "ntp:ntpsec"}), 0) << world.err.text;
  EXPECT_EQ(world.files.find("ntpkey_AES_clepsydra.3208988801")->mode, 0600U);
  EXPECT_EQ(world.files.find("ntpkey_AES_clepsydra.3208988801")->owner, (Owner{38, 110}));
}

TEST_F(GenerateCommand, SaysWhenOwnerAndModeAreNotTakenOver) {
  world.files.add_file("target", "1 MD5 x\n", 0644, {0, 38});
  world.files.add_link("ntp.keys", "target", {7, 7});
  ASSERT_EQ(run({}), 0) << world.err.text;
  EXPECT_EQ(world.files.find(default_name)->mode, 0400U);
  EXPECT_THAT(world.err.text, HasSubstr("warning: owner and mode of the replaced file were not taken over"));
}

TEST_F(GenerateCommand, AdoptKeepsARegularFile) {
  world.files.add_file("ntp.keys", "1 MD5 somebody\n", 0600);
  ASSERT_EQ(run({"--adopt"}), 0) << world.err.text;
  EXPECT_EQ(file("ntp.keys.3208988800"), "1 MD5 somebody\n");
  EXPECT_EQ(world.files.find("ntp.keys")->content, default_name);
  EXPECT_THAT(world.err.text, HasSubstr("the old file is kept as ntp.keys.3208988800"));
}

TEST_F(GenerateCommand, OutputIsExactlyThisFile) {
  ASSERT_EQ(run({"--output", "/etc/ntpsec/my.keys"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, StartsWith("Generating new AES file\n"));
  EXPECT_THAT(file("/etc/ntpsec/my.keys"), StartsWith("# my.keys\n"));
  EXPECT_EQ(world.files.listing("/etc/ntpsec").size(), 1U);
  EXPECT_EQ(run({"--output", "/etc/ntpsec/my.keys"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("--replace"));
  const std::string old = file("/etc/ntpsec/my.keys");
  ASSERT_EQ(run({"--output", "/etc/ntpsec/my.keys", "--replace", "--json"}), 0);
  EXPECT_EQ(file("/etc/ntpsec/my.keys.3208988800"), old);
  EXPECT_NE(file("/etc/ntpsec/my.keys"), old);
  EXPECT_THAT(world.out.text,
              HasSubstr(R"("file":"/etc/ntpsec/my.keys","link":null,"kept_as":"/etc/ntpsec/my.keys.3208988800")"));
}

TEST_F(GenerateCommand, HintsAtWhatASystemFolderNeeds) {
  world.host.paths = {"/etc/apparmor.d/usr.sbin.ntpd", "/sys/fs/selinux/enforce"};
  ASSERT_EQ(run({}), 0);
  EXPECT_THAT(world.err.text, Not(HasSubstr("hint"))) << "a folder of the user's own";
  ASSERT_EQ(run({"--directory", "/etc/ntpsec"}), 0);
  EXPECT_THAT(world.err.text,
              AllOf(HasSubstr("root:ntpsec"), HasSubstr("0640"), HasSubstr("--output /etc/ntpsec/ntp.keys --replace"),
                    HasSubstr("restorecon"), Not(HasSubstr("--remove-destination"))));
  ASSERT_EQ(run({"--directory", "/etc/ntpsec", "--mode", "0640", "--owner", "ntp:ntpsec"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, Not(HasSubstr("dropped its privileges"))) << "the group may read it";
  world.files.add_folder("/etc/my keys");
  ASSERT_EQ(run({"--output", "/etc/my keys/a'b"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("chown root:ntpsec '/etc/my keys/a'\\''b' && chmod 0640 '/etc/my keys/"));
  world.host.working_folder = "/etcetera";
  ASSERT_EQ(run({"--output", "draft"}), 0);
  EXPECT_THAT(world.err.text, Not(HasSubstr("hint")));
}

// Each line: what is typed, and what the message has to say. Nothing may change on the disk.
struct Refusal {
  std::vector<std::string> arguments;
  std::string says;
  friend void PrintTo(const Refusal &refusal, std::ostream *out) {
    *out << ::testing::PrintToString(refusal.arguments);
  }
};

class Refused : public GenerateCommand, public ::testing::WithParamInterface<Refusal> {};

TEST_P(Refused, WithOneErrorAndNothingWritten) {
  world.files.add_folder(".", 0755, {1000, 1000});
  world.files.add_file("exists", "1 MD5 x\n", 0400, {1000, 1000});
  world.files.add_folder("readonly", 0555, {5, 5});
  world.files.act_as({1000, 1000});
  world.host.user_id = 1000;
  const auto before = world.files.listing(".");
  EXPECT_EQ(run(GetParam().arguments), 1);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: "));
  EXPECT_THAT(world.err.text, HasSubstr(GetParam().says));
  EXPECT_EQ(std::ranges::count(world.err.text, '\n'), world.err.text.find("hint: ") == std::string::npos ? 1 : 2);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(world.files.listing("."), before);
  EXPECT_EQ(world.secrets.outstanding(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    BadInput, Refused,
    ::testing::Values(
        Refusal{{"--cuont", "3"}, "hint: did you mean '--count'?"}, Refusal{{"-z"}, "unknown option '-z'"},
        Refusal{{"--cou", "3"}, "unknown option '--cou'"}, Refusal{{"genrate"}, "hint: did you mean 'generate'?"},
        Refusal{{"frobnicate"}, "the commands are generate, "}, Refusal{{"generate", "now"}, "unexpected word 'now'"},
        Refusal{{"--quiet", "plugins"}, "the command 'plugins' has to stand before all options"},
        Refusal{{"--quiet", "plugins"}, "hint: write 'ntpkeygen plugins [options]'"},
        Refusal{{"--count"}, "'--count' needs a value"}, Refusal{{"--count", "0"}, "expected a whole number"},
        Refusal{{"--count", "-3"}, "expected a whole number"}, Refusal{{"--count", "ten"}, "expected a whole number"},
        Refusal{{"--count", "1e3"}, "expected a whole number"}, Refusal{{"--count", ""}, "expected a whole number"},
        Refusal{{"--count", "99999999999"}, "expected a whole number"},
        Refusal{{"--count", "32768"}, "65536 keys from id 1 on would pass the last id, 65535"},
        Refusal{{"--format", "chrony", "--count", "1000001"}, "1000001 keys are too many for one file"},
        Refusal{{"--format", "chrony", "--count", "4294967295", "--first-id", "2"}, "would pass the last id"},
        Refusal{{"--format", "chrony", "--type", "AES-192"}, "chrony's ciphers are AES128 and AES256"},
        Refusal{{"--format", "cisco-ios", "--type", "AES"}, "it holds MD5"},
        Refusal{{"--format", "cisco-ios", "--encoding", "hex"}, "takes them as text"},
        Refusal{{"--format", "arista-eos", "--first-id", "65535"},
                "key ids of the format arista-eos go from 1 to 65534"},
        Refusal{{"--format", "junos", "--first-id", "auto"}, "files of the format junos cannot be read back"},
        Refusal{{"--format", "junos", "--keep-current"}, "files of the format junos cannot be read back"},
        Refusal{{"--format", "junos", "--adopt"}, "files of the format junos are not linked: no daemon reads them"},
        Refusal{{"--count", "2", "--count", "3"}, "'--count' is given twice"},
        Refusal{{"--first-id", "0"}, "the first key id 0 is out of range"},
        Refusal{{"--first-id", "65536"}, "the first key id 65536 is out of range"},
        Refusal{{"--first-id", "65530"}, "would pass the last id"}, Refusal{{"--first-id", "x"}, "expected a key id"},
        Refusal{{"--type", "rot13"}, "there is no 'rot13'"}, Refusal{{"--format", "sundial"}, "there is no 'sundial'"},
        Refusal{{"--source", "noise"},
                "the random source 'noise' gives raw noise, which must not become keys as it is"},
        Refusal{{"--source", "conditioned:system"}, "gives no raw noise: there is nothing to condition"},
        Refusal{{"--source", "conditioned:"}, "expected NAME"},
        Refusal{{"--source", "system", "--source", "system"}, "the random source 'system' is given twice"},
        Refusal{{"--source", "system", "--source", "SYSTEM"}, "the random source 'SYSTEM' is given twice"},
        Refusal{{"--source", "jammed", "--type", "AES-128", "--encoding", "hex", "--count", "1"}, "it is stuck"},
        Refusal{{"--min-entropy", "1"}, "'--min-entropy' is for conditioned noise"},
        Refusal{{"--source", "conditioned:noise", "--min-entropy", "0"}, "'--min-entropy 0': expected the bits"},
        Refusal{{"--source", "conditioned:noise", "--min-entropy", "8.5"}, "'--min-entropy 8.5': expected the bits"},
        Refusal{{"--source", "conditioned:noise", "--min-entropy", "-1"}, "'--min-entropy -1': expected the bits"},
        Refusal{{"--source", "conditioned:noise", "--min-entropy", "0x1"}, "'--min-entropy 0x1': expected the bits"},
        Refusal{{"--quiet", "--source", "conditioned:stuck"}, "'conditioned:stuck' fails: 6 equal samples in a row"},
        Refusal{{"--quiet", "--source", "conditioned:sticking"}, "'conditioned:sticking' fails: 6 equal samples in a"},
        Refusal{{"--quiet", "--source", "conditioned:biased"},
                "'conditioned:biased' fails: 22 of at most 512 samples equal (adaptive proportion test, cutoff 22)"},
        Refusal{{"--quiet", "--source", "conditioned:dying"}, "the script is over"},
        Refusal{{"--source", "system", "--source", "broken"}, "the script is over"},
        Refusal{{"--source", "jammed"}, "the random source 'jammed' fails: it is stuck"},
        Refusal{{"--source", "dice"}, "there is no 'dice'"}, Refusal{{"--source", ""}, "expected NAME"},
        Refusal{{"--source", "broken"}, "the script is over"}, Refusal{{"--bits", "136"}, "cannot have 136 bits"},
        Refusal{{"--bits", "100"}, "whole bytes"}, Refusal{{"--bits", "none"}, "whole bytes"},
        Refusal{{"--type", "AES-128", "--bits", "256"}, "exclude each other"},
        Refusal{{"--type", "AES-256", "--encoding", "ascii"}, "AES"},
        Refusal{{"--format", "classic", "--type", "AES-256"}, "AES"},
        Refusal{{"--type", "AES-256", "--type", "aes256"}, "'--type aes256': keys of type AES-256 are asked for twice"},
        Refusal{{"--encoding", "base64"}, "expected 'ascii', 'hex' or 'both'"},
        Refusal{{"--directory", "missing"}, "missing"}, Refusal{{"--directory", "exists"}, "exists"},
        Refusal{{"--directory", "readonly"}, "readonly"}, Refusal{{"--directory", ""}, "--directory"},
        Refusal{{"--output", "exists"}, "hint: --replace"}, Refusal{{"--output", ""}, "--output"},
        Refusal{{"--output", "missing/"}, "'--output missing/' names a folder"},
        Refusal{{"--output", ".."}, "'--output ..' names a folder"}, Refusal{{"--output", "missing/x"}, "missing"},
        Refusal{{"--host", "a/b"}, "cannot be part of a file name"}, Refusal{{"--host", ""}, "'--host' is empty"},
        Refusal{{"--host", std::string(300, 'h')}, "300 characters long"},
        Refusal{{"--host", "a\nb"}, "cannot be part of a file name"},
        Refusal{{"--output", "my\rkeys"}, "the file's name has a control character"},
        Refusal{{"--host", "a\n1 MD5 x"}, "cannot be part of a file name"},
        Refusal{{"--owner", "nobody-here"}, "there is no user 'nobody-here'"},
        Refusal{{"--owner", "ntp:nobody-here"}, "there is no group 'nobody-here'"},
        Refusal{{"--owner", "ntp:"}, "expected USER or USER:GROUP"}, Refusal{{"--owner", "ntp"}, "owner"},
        Refusal{{"--mode", "0644"}, "every user of this machine"}, Refusal{{"--mode", "0000"}, "does not suit"},
        Refusal{{"--mode", "0700"}, "nobody runs it"}, Refusal{{"--mode", "4400"}, "nobody runs it"},
        Refusal{{"--mode", "0200"}, "the owner has to read it"}, Refusal{{"--mode", "0888"}, "expected an octal mode"},
        Refusal{{"--replace"}, "'--replace' is for '--output FILE'"},
        Refusal{{"-M", "--format", "ntpsec"}, "Classic's format"},
        Refusal{{"-M", "--type", "AES"}, "exclude each other"},
        Refusal{{"--output", "x", "--directory", "."}, "exclude each other"},
        Refusal{{"--output", "-", "--json"}, "exclude each other"},
        Refusal{{"--output", "-", "--mode", "0400"}, "exclude each other"},
        Refusal{{"--output", "-", "--adopt"}, "'--adopt' and '--output -' exclude each other"},
        Refusal{{"--output", "-", "--first-id", "auto"}, "no file is replaced"},
        Refusal{{"--no-link", "--first-id", "auto"}, "exclude each other"},
        Refusal{{"--no-link", "--adopt"}, "exclude each other"},
        Refusal{{"--no-link", "--keep-current"}, "exclude each other"}, Refusal{{"--json=yes"}, "takes no value"}));

TEST_F(GenerateCommand, ARegularFileOrFolderInTheLinksPlaceIsLeftAlone) {
  world.files.add_file("ntp.keys", "1 MD5 somebody\n");
  EXPECT_EQ(run({}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("puts the link in its place: /usr/bin/ntpkeygen --adopt\n"));
  EXPECT_EQ(run({}, "ntpkeygen"), 1) << "found by the shell, it is found again";
  EXPECT_THAT(world.err.text, HasSubstr("puts the link in its place: ntpkeygen --adopt\n"));
  EXPECT_EQ(run({"-M", "--host", "$HOST"}, "ntpkeygen"), 1);
  EXPECT_THAT(world.err.text, HasSubstr(": ntpkeygen -M --host '$HOST' --adopt\n"));
  EXPECT_EQ(file("ntp.keys"), "1 MD5 somebody\n");
  EXPECT_THAT(names(), ElementsAre("ntp.keys"));
  EXPECT_EQ(run({"--no-link"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text, Not(HasSubstr("link")));
}

TEST_F(GenerateCommand, AnInterruptionLeavesNothing) {
  world.control.cancel = true;
  EXPECT_EQ(run({}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("interrupted"));
  EXPECT_THAT(names(), IsEmpty());
}

} // namespace
} // namespace ntpkeygen::cli
