// `ntpkeygen entropy record`: samples and their description, both or neither.
#include "cli/run.hpp"
#include "mac_engines/botan/botan.hpp"

#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"

#include <cerrno>

#include <gmock/gmock.h>
#include <rapidjson/document.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// dice: noise of 4 bits that claims 3, other samples after each opening; stuck: always 9; short: fails after 5000
// samples.
class Dice final : public RandomSourceProvider {
public:
  explicit Dice(std::string name) {
    info_.name = std::move(name);
    info_.summary = "a fixture";
    info_.nature = SourceNature::raw_noise;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(ErrorCode::unsupported, "this is noise");
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view argument) const noexcept override {
    if (!argument.empty())
      return failure(ErrorCode::invalid_argument, "dice take no '" + std::string(argument) + "'");
    std::vector<std::uint8_t> samples(info_.name == "short" ? 5000 : 60'000, 9);
    std::mt19937 generator(++opened_);
    if (info_.name != "stuck")
      std::ranges::generate(samples, [&] { return static_cast<std::uint8_t>(generator() >> 28); });
    return std::make_unique<test::ScriptedNoise>(std::move(samples), 4, 3);
  }

private:
  SourceInfo info_{};
  mutable std::uint32_t opened_ = 0;
};

// drbg, a generator; jammed, a device that gives the same block again and again; tape, a recording.
class Generator final : public RandomSourceProvider {
public:
  Generator(const char *name, SourceNature nature) {
    info_.name = name;
    info_.nature = nature;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    if (info_.name == "jammed")
      return std::make_unique<test::ScriptedSource>(std::vector<std::uint8_t>(40'000, 0x5a));
    return std::make_unique<test::SeededSource>(1);
  }

private:
  SourceInfo info_{.name = {}, .summary = "a generator", .argument = {}, .nature = {}};
};

class EntropyRecordCommand : public ::testing::Test {
protected:
  EntropyRecordCommand() {
    world.files.add_folder(".");
    world.plugins.enroll(plugins::botan::enroll);
    world.plugins.enroll(+[](Registrar &registrar) -> Result<void> {
      for (const char *name : {"dice", "stuck", "short"})
        EXPECT_TRUE(registrar.add(std::make_unique<Dice>(name)).has_value());
      for (const auto &[name, nature] :
           {std::pair{"drbg", SourceNature::drbg}, {"jammed", SourceNature::hardware}, {"tape", SourceNature::replay}})
        EXPECT_TRUE(registrar.add(std::make_unique<Generator>(name, nature)).has_value());
      return {};
    });
  }
  int run(std::vector<std::string> arguments) {
    world.out.text.clear();
    world.err.text.clear();
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "record"});
    return cli::run(arguments, world.environment, linked_commands);
  }
  std::string file(const std::string &name) { return world.files.find(name)->content; }
  rapidjson::Document description(const std::string &name) {
    rapidjson::Document document;
    document.Parse(file(name).c_str());
    EXPECT_FALSE(document.HasParseError());
    return document;
  }
  void refuses(std::vector<std::string> arguments, const std::string &message) {
    const auto before = world.files.listing(".");
    EXPECT_EQ(run(std::move(arguments)), 1);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + message));
    EXPECT_EQ(world.files.listing("."), before);
  }

  test::FakeWorld world;
};

TEST_F(EntropyRecordCommand, WritesSamplesAndWhatTheyAre) {
  ASSERT_EQ(run({"dice", "--samples", "20000", "--output", "samples"}), 0) << world.err.text;
  std::mt19937 generator(1);
  std::string expected(20'000, '\0');
  std::ranges::generate(expected, [&] { return static_cast<char>(generator() >> 28); });
  EXPECT_EQ(file("samples"), expected);
  EXPECT_EQ(world.err.text, "ntpkeygen: notice: 20000 samples of 4 bits are in samples, told of in samples.json\n"
                            "ntpkeygen: hint: to assess them: ntpkeygen entropy assess samples\n");
  const auto json = description("samples.json");
  EXPECT_STREQ(json["schema"].GetString(), "ntpkeygen/entropy-recording/1");
  EXPECT_STREQ(json["source"].GetString(), "dice");
  EXPECT_STREQ(json["nature"].GetString(), "raw-noise");
  EXPECT_EQ(json["samples"].GetUint64(), 20'000U);
  EXPECT_TRUE(json["restarts"].IsNull());
  EXPECT_EQ(json["sample_bits"].GetUint(), 4U);
  EXPECT_EQ(json["claimed_min_entropy"].GetDouble(), 3.0);
  // As sha256sum(1) has it.
  EXPECT_STREQ(json["sha256"].GetString(), "e0be556cf305d9b52943ccb30591f45e9e5441bea026c87b9d13080700b5398f");
  EXPECT_EQ(json["health_tests"]["repetition_count_cutoff"].GetUint(), 11U);
  EXPECT_EQ(json["health_tests"]["repetition_count_alarms"].GetUint(), 0U);
  EXPECT_EQ(json["health_tests"]["adaptive_proportion_alarms"].GetUint(), 0U);
  EXPECT_EQ(world.files.find("samples")->mode, 0600U);
}

TEST_F(EntropyRecordCommand, RestartsOpenTheSourceAnew) {
  ASSERT_EQ(run({"dice", "--restarts", "3", "--output", "rows"}), 0) << world.err.text;
  std::string expected;
  for (std::uint32_t row = 1; row <= 3; ++row) {
    std::mt19937 generator(row);
    for (int i = 0; i < 1000; ++i)
      expected += static_cast<char>(generator() >> 28);
  }
  EXPECT_EQ(file("rows"), expected);
  EXPECT_EQ(description("rows.json")["restarts"].GetUint(), 3U);
  EXPECT_THAT(world.err.text, HasSubstr("hint: restart tests take 1000 restarts of 1000 samples"));
}

TEST_F(EntropyRecordCommand, AlarmsAreCountedAndTheRecordingGoesOn) {
  ASSERT_EQ(run({"stuck", "--samples", "1100", "--output", "samples"}), 0) << world.err.text;
  EXPECT_EQ(file("samples"), std::string(1100, 9));
  const auto json = description("samples.json");
  EXPECT_EQ(json["health_tests"]["repetition_count_alarms"].GetUint(), 100U);
  EXPECT_THAT(world.err.text,
              AllOf(HasSubstr("warning: the health tests of SP 800-90B alarmed: repetition count 100 times"),
                    HasSubstr("no keys should be made of it")));
}

// What is no raw noise has a stuck check, which is no health test of SP 800-90B.
TEST_F(EntropyRecordCommand, StuckBlocksAreCountedAndTheRecordingGoesOn) {
  ASSERT_EQ(run({"jammed", "--samples", "33000", "--output", "samples"}), 0) << world.err.text;
  EXPECT_EQ(file("samples"), std::string(33'000, 0x5a));
  const auto json = description("samples.json");
  EXPECT_TRUE(json["health_tests"].IsNull());
  EXPECT_EQ(json["stuck_check"]["block_bytes"].GetUint(), 16U);
  EXPECT_EQ(json["stuck_check"]["alarms"].GetUint(), 33'000U / 16 - 1);
  EXPECT_THAT(world.err.text, HasSubstr("warning: the stuck check alarmed 2061 times: 16 bytes came twice in a row\n"));
  // Every row begins anew: the one block of each has nothing before it.
  ASSERT_EQ(run({"jammed", "--samples", "16", "--restarts", "3", "--output", "rows"}), 0) << world.err.text;
  EXPECT_EQ(description("rows.json")["stuck_check"]["alarms"].GetUint(), 0U);
  ASSERT_EQ(run({"tape", "--samples", "5000", "--output", "good"}), 0) << world.err.text;
  EXPECT_EQ(description("good.json")["stuck_check"]["alarms"].GetUint(), 0U);
  EXPECT_THAT(world.err.text, Not(HasSubstr("warning")));
}

TEST_F(EntropyRecordCommand, WhatCannotBeRestartedIsNotOrIsWarnedOf) {
  refuses({"tape", "--restarts", "3", "--output", "rows"},
          "'--restarts' is for what can be restarted, and 'tape' replays what was recorded");
  ASSERT_EQ(run({"drbg", "--restarts", "3", "--output", "rows"}), 0) << world.err.text;
  EXPECT_THAT(world.err.text,
              HasSubstr("warning: a generator may go on where it was when it is opened anew: these rows "
                        "are no restarts of it\n"));
}

TEST_F(EntropyRecordCommand, ThePluginsVersionIsTold) {
  ASSERT_EQ(run({"dice", "--samples", "5000", "--output", "samples"}), 0) << world.err.text;
  EXPECT_TRUE(description("samples.json")["plugin_version"].IsNull());
  world.plugins.listed.plugins.push_back({.kind = PluginKind::random_source, .name = "dice", .version = "1.2-six"});
  ASSERT_EQ(run({"dice", "--samples", "5000", "--output", "more"}), 0) << world.err.text;
  EXPECT_STREQ(description("more.json")["plugin_version"].GetString(), "1.2-six");
}

TEST_F(EntropyRecordCommand, TheClaimCanBeReplaced) {
  ASSERT_EQ(run({"dice", "--samples", "1000", "--min-entropy", "1", "--output", "samples"}), 0) << world.err.text;
  const auto json = description("samples.json");
  EXPECT_EQ(json["claimed_min_entropy"].GetDouble(), 3.0);
  EXPECT_EQ(json["health_tests"]["min_entropy"].GetDouble(), 1.0);
  EXPECT_EQ(json["health_tests"]["repetition_count_cutoff"].GetUint(), 31U);
}

TEST_F(EntropyRecordCommand, WhatIsNoNoiseIsRecordedWithAWarning) {
  ASSERT_EQ(run({"drbg", "--samples", "5000", "--output", "samples"}), 0) << world.err.text;
  EXPECT_EQ(file("samples").size(), 5000U);
  EXPECT_TRUE(description("samples.json")["health_tests"].IsNull());
  EXPECT_THAT(world.err.text, HasSubstr("warning: these samples come out of a deterministic generator"));
  refuses({"drbg", "--output", "more", "--min-entropy", "1"},
          "'--min-entropy' is for raw noise, and 'drbg' gives none");
}

TEST_F(EntropyRecordCommand, NothingIsLeftOfARecordingThatFails) {
  refuses({"short", "--samples", "20000", "--output", "samples"}, "the script is over");
  world.control.cancel = true;
  refuses({"dice", "--output", "samples"}, "interrupted: nothing was written");
  world.control.cancel = false;
  for (const char *operation : {"write", "sync_file", "publish samples.json", "publish samples", "sync_folder"}) {
    world.files.fail_on(operation, ENOSPC);
    refuses({"dice", "--samples", "20000", "--output", "samples"}, "");
    EXPECT_TRUE(world.files.has_failed()) << operation;
    world.files.forget_faults();
  }
}

TEST_F(EntropyRecordCommand, BothFilesReachTheDiskBeforeEitherHasAName) {
  ASSERT_EQ(run({"dice", "--samples", "1000", "--output", "samples"}), 0) << world.err.text;
  const std::vector<std::string> &done = world.files.operations();
  const auto named = std::ranges::find_if(done, [](const auto &each) { return each.starts_with("publish "); });
  EXPECT_EQ(std::count(done.begin(), named, "sync_file"), 2);
  EXPECT_EQ(done.back(), "sync_folder");
}

TEST_F(EntropyRecordCommand, NothingIsOverwritten) {
  world.files.add_file("taken", "mine");
  world.files.add_file("free.json", "mine, too");
  refuses({"dice", "--output", "taken"}, "taken exists already");
  refuses({"dice", "--output", "free"}, "free.json exists already");
}

TEST_F(EntropyRecordCommand, BadInput) {
  refuses({"--output", "samples"}, "which source?");
  refuses({"dice", "stuck", "--output", "samples"}, "one source at a time, please");
  refuses({"dice"}, "where to? '--output FILE' is missing");
  refuses({"dice", "--output", "-"}, "where to?");
  refuses({"dice", "--output", "folder/"}, "");
  refuses({"dice", "--output", "missing/samples"}, "");
  refuses({"dice", "--output", "samples", "--samples", "0"}, "'--samples 0' is not possible");
  refuses({"dice", "--output", "samples", "--samples", "1000000001"}, "'--samples 1000000001' is not possible");
  refuses({"dice", "--output", "samples", "--restarts", "0"}, "'--restarts 0' is not possible");
  refuses({"dice", "--output", "samples", "--restarts", "1000000", "--samples", "1001"},
          "'--samples 1001' is not possible");
  refuses({"dice", "--output", "samples", "--min-entropy", "9"}, "'--min-entropy 9' is not possible");
  refuses({"dice", "--output", "samples", "--min-entropy", "5"},
          "a min-entropy of 5.000000 bits per sample of 4 is not possible");
  refuses({"conditioned:dice", "--output", "samples"},
          "a random source is recorded as it is, without conditioning\nntpkeygen: hint: write 'dice'");
  refuses({"dice:x", "--output", "samples"}, "dice take no 'x'");
  refuses({"nobody", "--output", "samples"}, "there is no 'nobody'");
}

} // namespace
} // namespace ntpkeygen::cli
