// `ntpkeygen entropy assess`: what it takes, what it prints, and what it says of input that is not in order.
#include "cli/progress_line.hpp"
#include "cli/run.hpp"
#include "entropy_assessments/fips140_2/fips140_2.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"
#include "mac_engines/botan/botan.hpp"

#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"

#include <gmock/gmock.h>

#include <cerrno>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Bytes from a fixed seed; "die" fails after some, "jammed" gives one byte for ever, "noise" has raw samples of four
// bits, "stuck" the same with long runs.
class Provider final : public RandomSourceProvider {
public:
  Provider(std::string name, SourceNature nature) : info_{std::move(name), "for tests", "", nature, false} {}
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    if (info_.name == "die")
      return std::make_unique<test::ScriptedSource>(std::vector<std::uint8_t>(20000));
    if (info_.name == "jammed")
      return std::make_unique<test::ScriptedSource>(std::vector<std::uint8_t>(1'000'000));
    return std::make_unique<test::SeededSource>(1);
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept override {
    return std::make_unique<Noise>(info_.name == "stuck");
  }

private:
  class Noise final : public NoiseSource {
  public:
    explicit Noise(bool stuck) : stuck_(stuck) {}
    [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return 4; }
    [[nodiscard]] double claimed_min_entropy() const noexcept override { return 1; }
    [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &control) noexcept override {
      auto filled = source_.fill(std::as_writable_bytes(out), control);
      for (std::uint8_t &sample : out)
        sample &= 15;
      if (stuck_)
        std::ranges::fill(out.first(31), std::uint8_t{3});
      return filled;
    }

  private:
    bool stuck_;
    test::SeededSource source_{2};
  };
  SourceInfo info_;
};

class EntropyAssessCommand : public ::testing::Test {
protected:
  EntropyAssessCommand() {
    world.files.add_folder(".");
    world.plugins.enroll(plugins::sp800_90b::enroll);
    world.plugins.enroll(plugins::fips140_2::enroll);
    world.plugins.enroll([](Registrar &registrar) -> Result<void> {
      return registrar.add(std::make_unique<Provider>("dice", SourceNature::os))
          .and_then([&] { return registrar.add(std::make_unique<Provider>("system", SourceNature::os)); })
          .and_then([&] { return registrar.add(std::make_unique<Provider>("die", SourceNature::drbg)); })
          .and_then([&] { return registrar.add(std::make_unique<Provider>("noise", SourceNature::raw_noise)); })
          .and_then([&] { return registrar.add(std::make_unique<Provider>("stuck", SourceNature::raw_noise)); })
          .and_then([&] { return registrar.add(std::make_unique<Provider>("jammed", SourceNature::hardware)); });
    });
    test::SeededSource bytes(7);
    std::string two_bits(6000, '\0');
    EXPECT_TRUE(bytes.fill(std::as_writable_bytes(std::span(two_bits)), world.control));
    for (char &symbol : two_bits)
      symbol = static_cast<char>(symbol & 3);
    world.files.add_file("two_bits", two_bits);
    world.files.add_file("constant", std::string(5000, '\1'));
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "assess"});
    return cli::run(arguments, world.environment, linked_commands);
  }
  void refuses(std::vector<std::string> arguments, const std::string &message) {
    world.err.text.clear();
    EXPECT_EQ(run(std::move(arguments)), 2);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + message));
    EXPECT_EQ(world.out.text, "");
  }

  test::FakeWorld world;
};

TEST_F(EntropyAssessCommand, PrintsATableWithTheLimitingEstimateMarked) {
  EXPECT_EQ(run({"two_bits"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("sp800-90b non-iid: two_bits, 6,000 samples of 2 bits, 4 different symbols\n\n"
                                         "                           bitstring         literal\n"
                                         "most common value "));
  EXPECT_THAT(world.out.text, HasSubstr("\nmarkov "));
  EXPECT_THAT(world.out.text, HasSubstr("\nmin-entropy "));
  const auto marked = world.out.text.find(" *");
  ASSERT_NE(marked, std::string::npos);
  EXPECT_EQ(world.out.text.find(" *", marked + 1), std::string::npos);
  EXPECT_THAT(world.out.text, Not(HasSubstr("p_hat")));
  EXPECT_EQ(
      world.err.text,
      "ntpkeygen: warning: nothing says whether these are raw samples: if they are conditioned, or the output of a "
      "deterministic generator, what they are assessed at says nothing about the noise behind them\n"
      "ntpkeygen: warning: there are 6,000 samples; SP 800-90B section 3.1.1 asks for at least 1,000,000\n");
}

TEST_F(EntropyAssessCommand, ASourceIsWatchedWhileItIsDrawnFrom) {
  // 62 requests of 16,384 samples, each with a run of 31 to begin with: as many as the repetition count test takes.
  EXPECT_EQ(run({"stuck", "--assessment", "fips140-2", "--json"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("warning: the health tests of SP 800-90B alarmed: repetition count 62 times, "
                                        "adaptive proportion 0 times\n"));
  EXPECT_THAT(world.out.text, AllOf(HasSubstr(R"("repetition_count_alarms":62)"), HasSubstr(R"("stuck_check":null)")));
  world.err.text.clear();
  world.out.text.clear();
  EXPECT_EQ(run({"jammed", "--assessment", "fips140-2", "--json"}), 1);
  EXPECT_THAT(world.err.text,
              HasSubstr("warning: the stuck check alarmed 62499 times: 16 bytes came twice in a row\n"));
  EXPECT_THAT(world.out.text, HasSubstr(R"("health_tests":null,"stuck_check":{"block_bytes":16,"alarms":62499})"));
  world.out.text.clear();
  EXPECT_EQ(run({"dice", "--assessment", "fips140-2", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("health_tests":null,"stuck_check":null)"));
}

TEST_F(EntropyAssessCommand, PrintsIntermediateValuesWhenAsked) {
  EXPECT_EQ(run({"two_bits", "--verbose"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr("\nliteral, lag: n = 5999, c = "));
  EXPECT_THAT(world.out.text, HasSubstr("\nliteral, collision: for bit strings only\n"));
}

TEST_F(EntropyAssessCommand, PrintsOneJsonDocument) {
  EXPECT_EQ(run({"two_bits", "--json", "--threads", "1"}), 0);
  EXPECT_THAT(world.out.text,
              StartsWith(R"({"schema":"ntpkeygen/entropy-assessment/1","assessment":"sp800-90b","procedure":"non-iid",)"
                         R"("file":"two_bits","source":null,"samples":6000,"bits":2,"symbols":4,"sha256":null,)"
                         R"("seed":null,"conditioned":false,"verdict":null,"passed":null,"min_entropy":)"));
  EXPECT_THAT(world.out.text, HasSubstr(R"(,"literal":{"most_common_value":)"));
  EXPECT_THAT(world.out.text, HasSubstr(R"("collision":null,"markov":null,)"));
  EXPECT_THAT(world.out.text, HasSubstr(R"("rows":{"bitstring":{"most_common_value":{"value":)"));
  EXPECT_THAT(world.out.text, HasSubstr(R"("details":{"mode":)"));
}

TEST_F(EntropyAssessCommand, LeavesOutInJsonWhatWasNotAssessed) {
  EXPECT_EQ(run({"two_bits", "--json", "--conditioned"}), 0);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr(R"("h_original":null)"), HasSubstr(R"("literal":null)")));
  world.out.text.clear();
  EXPECT_EQ(run({"constant", "--json"}), 0);
  EXPECT_THAT(world.out.text, AllOf(HasSubstr(R"("min_entropy":0,)"), HasSubstr(R"("bitstring":null,"literal":null)")));
}

TEST_F(EntropyAssessCommand, TestsAndRepeatsThatFromASeed) {
  EXPECT_EQ(run({"two_bits", "--iid", "--seed", "5"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr("\nseed 5\n\npermutation:\n  excursion "));
  EXPECT_THAT(world.out.text, ContainsRegex("\npermutations +[0-9]+\n"));
  EXPECT_THAT(world.out.text, HasSubstr("\nverdict                         pass\n"));
  const std::string first = world.out.text;
  world.out.text.clear();
  EXPECT_EQ(run({"two_bits", "--iid", "--seed", "5", "--threads", "3"}), 0);
  EXPECT_EQ(world.out.text, first);
  world.out.text.clear();
  EXPECT_EQ(run({"two_bits", "--iid", "--json"}), 0);
  EXPECT_THAT(
      world.out.text,
      HasSubstr(R"("seed":37531353962985,"conditioned":false,"verdict":"pass","passed":true,"min_entropy":1.)"));
}

TEST_F(EntropyAssessCommand, AFailedTestIsAnExitStatus) {
  std::string repeated(5000, '\0');
  test::SeededSource bytes(8);
  EXPECT_TRUE(bytes.fill(std::as_writable_bytes(std::span(repeated)), world.control));
  std::ranges::copy(repeated.substr(0, 100), repeated.end() - 100);
  world.files.add_file("repeated", repeated);
  EXPECT_EQ(run({"repeated", "--iid", "--json"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr(R"("verdict":"fail","passed":false,"min_entropy":null,)"));
  EXPECT_THAT(world.err.text, HasSubstr("warning: the samples are not independent and identically distributed"));
}

TEST_F(EntropyAssessCommand, AnotherAssessmentHasProceduresOfItsOwn) {
  world.files.add_file("bytes", std::string(5004, '\x5a'));
  EXPECT_EQ(run({"bytes", "--assessment", "fips140-2", "--bits", "8"}), 1);
  EXPECT_THAT(world.out.text, StartsWith("fips140-2 blocks: bytes, 5,004 samples of 8 bits, 1 symbol\n\n"
                                         "blocks failed:\n  monobit "));
  EXPECT_THAT(world.out.text, HasSubstr("\nverdict                         FAIL\n"));
  world.out.text.clear();
  EXPECT_EQ(run({"dice", "--assessment", "FIPS140-2", "--json"}), 0);
  EXPECT_THAT(world.out.text,
              HasSubstr(R"("assessment":"fips140-2","procedure":"blocks","file":null,"source":"dice",)"));
  EXPECT_THAT(
      world.out.text,
      HasSubstr(
          R"("verdict":"pass","passed":true,"min_entropy":null,"blocks":399,"passed_blocks":399,"failed_blocks":0,)"));
  world.out.text.clear();
  refuses({"bytes", "--assessment", "fips140-2", "--iid"}, "'--iid' is for the assessment sp800-90b");
  refuses({"bytes", "--assessment", "fips140-3"}, "");
}

TEST_F(EntropyAssessCommand, DrawsFromASourceWhereThereIsNoFile) {
  EXPECT_EQ(run({"dice", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("file":null,"source":"dice","samples":1000000,"bits":8,)"));
  EXPECT_THAT(world.err.text, HasSubstr("warning: these samples come out of the operating system's generator"));
  world.out.text.clear();
  world.err.text.clear();
  world.files.add_file("dice", std::string(5000, '\2') + '\3');
  EXPECT_EQ(run({"dice", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("file":"dice","source":null,"samples":5001,"bits":2,)"));
  world.out.text.clear();
  world.err.text.clear();
  EXPECT_EQ(run({"noise", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("source":"noise","samples":1000000,"bits":4,"symbols":16,)"));
  EXPECT_EQ(world.err.text, "");
}

TEST_F(EntropyAssessCommand, SamplesAreAsWideAsTheirDescriptionSays) {
  const auto describe = [&](const std::string &text) {
    world.out.text.clear();
    world.err.text.clear();
    world.files.add_file("two_bits.json", text);
  };
  describe(R"({"sample_bits": 4})");
  EXPECT_EQ(run({"two_bits", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("samples":6000,"bits":4,"symbols":4,)"));
  EXPECT_THAT(world.err.text, HasSubstr("given as 4 bits wide, but none needs more than 2"));
  describe(R"({"sample_bits": 4})");
  EXPECT_EQ(run({"two_bits", "--json", "--bits", "3"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("samples":6000,"bits":3,"symbols":4,)"));
  for (const char *none : {"0", "9", "-1", "2.5", "\"4\"", "null", "4294967298"}) {
    describe(std::string(R"({"sample_bits": )") + none + "}");
    EXPECT_EQ(run({"two_bits", "--json"}), 0);
    EXPECT_THAT(world.out.text, HasSubstr(R"("samples":6000,"bits":2,"symbols":4,)")) << none;
  }
  describe(R"({"sample_bits": 1})");
  refuses({"two_bits"}, "some samples need 2 bits, and two_bits.json says that two_bits has samples of 1 bit\n"
                        "ntpkeygen: hint: is it the description of this recording? '--bits' gives the width");
}

TEST_F(EntropyAssessCommand, WarnsOfWhatTheDescriptionSays) {
  world.plugins.enroll(plugins::botan::enroll);
  world.files.add_file("two_bits.json", R"({"nature": "drbg", "sha256": "00"})");
  EXPECT_EQ(run({"two_bits"}), 0);
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("warning: these samples come out of a deterministic generator: "),
                                    HasSubstr("warning: two_bits is not the recording that two_bits.json describes: "
                                              "its SHA-256 is another\n")));
  const auto digest = world.out.text.find("SHA-256 ");
  ASSERT_NE(digest, std::string::npos);
  world.files.add_file("two_bits.json",
                       R"({"nature": "raw-noise", "sha256": ")" + world.out.text.substr(digest + 8, 64) + "\"}");
  world.err.text.clear();
  EXPECT_EQ(run({"two_bits"}), 0);
  EXPECT_THAT(world.err.text, Not(AnyOf(HasSubstr("these samples"), HasSubstr("SHA-256"))));
}

// A program that reads the document alone is warned, too.
TEST_F(EntropyAssessCommand, TheDocumentHasTheCautionAboutConditionedOutput) {
  EXPECT_EQ(run({"system", "--json"}), 0);
  EXPECT_THAT(world.out.text,
              HasSubstr(R"("warnings":["these samples come out of the operating system's generator: )"));
  EXPECT_THAT(world.err.text, HasSubstr("warning: these samples come out of the operating system's generator: "));
  world.out.text.clear();
  world.files.add_file("two_bits.json", R"({"nature": "hardware"})");
  EXPECT_EQ(run({"two_bits", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("warnings":["these samples come out of a device that conditions)"));
}

TEST_F(EntropyAssessCommand, SaysWhatAFileWithoutASizeIs) {
  world.files.add_file("endless", "");
  world.files.before("read endless", [this] { world.files.add_file("endless", std::string(6000, '\1')); });
  refuses({"endless"}, "endless says that it has 0 bytes, and has more");
}

TEST_F(EntropyAssessCommand, RefusesWhatCannotBeAssessed) {
  world.files.add_file("empty", "");
  world.files.add_file("short", std::string(4999, 'x'));
  world.files.add_special("fifo", FileStatus::Kind::other);
  refuses({}, "which file, or which random source?");
  refuses({"two_bits", "two_bits"}, "one file at a time");
  refuses({"empty"}, "empty is empty\n");
  refuses({"short"}, "4,999 samples are too few");
  refuses({"."}, ". is a folder");
  refuses({"fifo"}, "fifo is a device");
  refuses({"nothing"}, "there is no file nothing, and ");
  refuses({"-"}, "there is no file -\nntpkeygen: hint: standard input is not read: write it into a file first\n");
  refuses({"folder/nothing"}, "");
  refuses({"two_bits", "--bits", "1"}, "sample 1 is 3, which does not fit in 1 bits");
  for (const char *bits : {"0", "9", "-1", "x", ""})
    refuses({"two_bits", std::string("--bits=") + bits}, "'--bits");
  refuses({"two_bits", "--threads", "0"}, "'--threads 0' is not possible");
  refuses({"two_bits", "--iid", "--non-iid"}, "'--iid' and '--non-iid' exclude each other");
  refuses({"two_bits", "--seed", "1"}, "'--seed' is for '--iid'");
  refuses({"two_bits", "--iid", "--seed", "-1"}, "'--seed -1' is not possible");
  refuses({"die"}, "after 16384 of 1000000 samples, the source failed: the script is over");
}

TEST_F(EntropyAssessCommand, RefusesAFileThatItMayNotReadOrThatShrinks) {
  world.files.fail_on("read two_bits", EACCES);
  refuses({"two_bits"}, "");
  world.files.forget_faults();
  world.files.before("read two_bits", [&] { world.files.add_file("two_bits", std::string(5500, '\1')); });
  refuses({"two_bits"}, "two_bits had 6000 bytes, and 5500 when it was read");
}

TEST_F(EntropyAssessCommand, EndsWhenItIsInterrupted) {
  world.control.cancel = true;
  refuses({"two_bits"}, "interrupted");
  refuses({"dice"}, "interrupted while drawing samples");
}

// What lies beside a recording, and what of it is said: on standard error and in the document.
TEST_F(EntropyAssessCommand, WarnsOfDescriptionsThatDoNotFit) {
  for (const auto &[description, warning] :
       {std::pair{"nonsense", "two_bits.json is no JSON object"},
        {R"({"nature": "raw-noise", "sample_bits": 16})",
         "two_bits.json says that samples have a width ('sample_bits') that "
         "is not one of 1 to 8 bits"},
        {R"({"nature": "raw-noise", "sample_bits": "8"})", "two_bits.json says that samples have a width"},
        {R"({"nature": "banana"})", "nothing says whether these are raw samples"},
        {R"({"nature": "raw-noise", "restarts": 1000})",
         "two_bits.json says that these samples were recorded after 1,000 restarts"}}) {
    SCOPED_TRACE(description);
    world.files.add_file("two_bits.json", description);
    world.out.text.clear();
    world.err.text.clear();
    EXPECT_EQ(run({"two_bits", "--json"}), 0);
    EXPECT_THAT(world.err.text, HasSubstr(std::string("ntpkeygen: warning: ") + warning));
    EXPECT_THAT(world.out.text, HasSubstr(warning));
  }
  world.files.add_file("two_bits.json", R"({"nature": "raw-noise", "sample_bits": 2, "restarts": null})");
  world.err.text.clear();
  EXPECT_EQ(run({"two_bits"}), 0);
  EXPECT_THAT(world.err.text, Not(AnyOf(HasSubstr("two_bits.json"), HasSubstr("raw samples"))));
}

TEST_F(EntropyAssessCommand, SaysThatSamplesWereTakenForConditionedOnes) {
  EXPECT_EQ(run({"two_bits", "--conditioned"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("sp800-90b non-iid, conditioned: two_bits, "));
  EXPECT_THAT(world.err.text, HasSubstr("warning: these samples are conditioned: whatever they are assessed at"));
  world.files.add_file("two_bits.json", R"({"nature": "raw-noise"})");
  world.err.text.clear();
  EXPECT_EQ(run({"two_bits", "--conditioned"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("warning: these samples are raw noise, and were assessed as if"));
  world.out.text.clear();
  world.err.text.clear();
  refuses({"conditioned:dice"}, "a random source is assessed as it is, without conditioning");
}

TEST_F(EntropyAssessCommand, ANameDoesNotSteerTheTerminal) {
  world.files.add_file("a\x1b[31m\nb", std::string(6000, '\1'));
  EXPECT_EQ(run({"a\x1b[31m\nb"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("sp800-90b non-iid: a\\x1b[31m\\nb, 6,000 samples"));
}

TEST_F(EntropyAssessCommand, ItsFirstWordHasHelp) {
  for (const char *help : {"--help", "-h"}) {
    world.out.text.clear();
    EXPECT_EQ(cli::run({"ntpkeygen", "entropy", help}, world.environment, linked_commands), 0);
    EXPECT_THAT(world.out.text, StartsWith("usage: ntpkeygen entropy COMMAND [options]\n"));
    for (const Command *command : linked_commands)
      if (command->spec.name.starts_with("entropy ")) {
        EXPECT_THAT(world.out.text, HasSubstr("  " + std::string(command->spec.name) + " "));
      }
  }
  EXPECT_EQ(world.err.text, "");
}

TEST_F(EntropyAssessCommand, IsNamedByTwoWords) {
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "asess", "x"}, world.environment, linked_commands), 1);
  EXPECT_THAT(world.err.text, HasSubstr("unknown command 'entropy asess'\nntpkeygen: hint: did you mean 'entropy "
                                        "assess'?"));
  world.err.text.clear();
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy"}, world.environment, linked_commands), 1);
  EXPECT_THAT(world.err.text,
              AllOf(HasSubstr("'entropy' is the first word of several commands"), HasSubstr("entropy assess")));
}

class ProgressLineTest : public ::testing::Test {
protected:
  static ProgressLine::Time now() { return ProgressLine::Time(time); }
  static inline std::chrono::milliseconds time{0};
  test::FakeWorld world;
};

TEST_F(ProgressLineTest, EstimatesAndGoesAway) {
  world.err.terminal = true;
  time = std::chrono::hours(1);
  {
    ProgressLine line(world.environment, false, now);
    line.progress("work", 0, 1000);
    time += std::chrono::milliseconds(50);
    line.progress("work", 10, 1000); // too early to be seen
    time += std::chrono::seconds(10);
    line.progress("work", 250, 1000);
    time += std::chrono::minutes(20);
    line.progress("work", 500, 1000);
  }
  EXPECT_EQ(world.err.text, "\rwork: 0 %\033[K"
                            "\rwork: 25 %, about 31 s left\033[K"
                            "\rwork: 50 %, about 20 min 11 s left\033[K"
                            "\r\033[K");
}

TEST_F(ProgressLineTest, IsForTerminalsOnly) {
  {
    ProgressLine(world.environment, false, now).progress("work", 1, 2);
  }
  world.err.terminal = true;
  {
    ProgressLine(world.environment, true, now).progress("work", 1, 2);
  }
  EXPECT_THAT(world.err.text, IsEmpty());
}

} // namespace
} // namespace ntpkeygen::cli
