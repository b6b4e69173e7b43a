// `ntpkeygen entropy bench`: what it asks of its helper and of gnuplot, and what it makes of their answers.
#include "cli/run.hpp"

#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class BenchedSource final : public RandomSourceProvider {
public:
  BenchedSource(std::string name, SourceNature nature, std::string missing = {}) : missing_(std::move(missing)) {
    info_.name = std::move(name);
    info_.nature = nature;
    info_.argument_required = info_.name == "file";
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return missing_.empty() && (!info_.argument_required || !argument.empty())
               ? Result<void>()
               : failure(ErrorCode::unavailable, missing_.empty() ? "which file?" : missing_);
  }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(ErrorCode::unavailable, "the helper opens it");
  }

private:
  SourceInfo info_{};
  std::string missing_;
};

constexpr auto dice_line =
    R"({"name":"dice","failure":null,"open_to_first_byte_ns":1500,"twenty_keys_ns":2500000,)"
    R"("throughput":[{"request_bytes":16,"bytes_per_second":1234.5},{"request_bytes":1048576,"bytes_per_second":null}],)"
    R"("latency":[{"request_bytes":16,"requests":9,"p50_ns":999,"p99_ns":1000,"max_ns":3000000000}],"retries":7,)"
    R"("throttled_ns":20000000})";
constexpr auto system_line =
    R"({"name":"system","failure":"it's broken","open_to_first_byte_ns":null,"twenty_keys_ns":null,)"
    R"("throughput":[],"latency":[],"retries":0,"throttled_ns":0})";

class EntropyBenchCommand : public ::testing::Test {
protected:
  EntropyBenchCommand() {
    world.files.add_folder(".");
    world.plugins.enroll(+[](Registrar &registrar) -> Result<void> {
      for (auto &source : {std::tuple{"system", SourceNature::os, ""},
                           {"dice", SourceNature::raw_noise, ""},
                           {"tpm2", SourceNature::hardware, "no chip"},
                           {"file", SourceNature::replay, ""}})
        EXPECT_TRUE(
            registrar
                .add(std::make_unique<BenchedSource>(std::get<0>(source), std::get<1>(source), std::get<2>(source)))
                .has_value());
      return {};
    });
    world.programs.lines = {dice_line, system_line}; // in the order of the names
  }
  int run(std::vector<std::string> arguments) {
    world.out.text.clear();
    world.err.text.clear();
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "bench"});
    return cli::run(arguments, world.environment, linked_commands);
  }
  void refuses(std::vector<std::string> arguments, const std::string &message) {
    EXPECT_EQ(run(std::move(arguments)), 1);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + message));
    EXPECT_EQ(world.out.text, "");
  }

  test::FakeWorld world;
};

TEST_F(EntropyBenchCommand, MeasuresAllThatIsThereAndPrintsTwoTables) {
  ASSERT_EQ(run({}), 0) << world.err.text;
  EXPECT_THAT(world.programs.asked, ElementsAre(ElementsAre("/libexec/entropy-bench", "10.000", "dice", "system")));
  EXPECT_EQ(world.out.text,
            "THROUGHPUT  NATURE          16 B  1 MiB\n"
            "dice        raw-noise  1.23 kB/s      -\n"
            "system      os                 -      -\n"
            "\n"
            "LATENCY  NATURE     16 B p50  16 B p99  16 B max  first byte  20 keys  retries   waited\n"
            "dice     raw-noise    999 ns   1.00 us    3.00 s     1.50 us  2.50 ms        7  20.0 ms\n"
            "system   os                -         -         -           -        -        0        -\n"
            "\n"
            "system failed: it's broken\n"
            "tpm2 is not available: no chip\n"
            "-: there was no time left for it in 10.0 s; '--seconds' gives more\n"
            "raw noise is counted in samples, a byte for each; 20 keys are made of it when it is conditioned\n");
}

TEST_F(EntropyBenchCommand, MeasuresWhatIsNamedInTheTimeThatIsGiven) {
  world.programs.lines = {dice_line};
  ASSERT_EQ(run({"dice:6", "--seconds", "2.5", "--plugin-dir", "here"}), 0) << world.err.text;
  EXPECT_THAT(world.programs.asked,
              ElementsAre(ElementsAre("/libexec/entropy-bench", "2.500", "--plugin-dir", "here", "dice:6")));
}

TEST_F(EntropyBenchCommand, NothingIsConditionedForIt) {
  refuses({"system", "conditioned:dice:6"}, "a random source is measured as it is, without conditioning\n"
                                            "ntpkeygen: hint: write 'dice:6'\n");
}

TEST_F(EntropyBenchCommand, ANamedSourceThatFailsIsAFailure) {
  world.programs.lines = {system_line};
  for (const char *option : {"--quiet", "--json"}) {
    EXPECT_EQ(run({"system", option}), 1) << option;
    EXPECT_THAT(world.out.text, HasSubstr("it's broken"));
  }
  EXPECT_EQ(run({"system"}), 1);
  EXPECT_EQ(world.out.text,
            "THROUGHPUT  NATURE\n"
            "system      os\n"
            "\n"
            "LATENCY  NATURE  first byte  20 keys  retries  waited\n"
            "system   os               -        -        0       -\n"
            "\n"
            "system failed: it's broken\n"
            "raw noise is counted in samples, a byte for each; 20 keys are made of it when it is conditioned\n");
}

TEST_F(EntropyBenchCommand, ProgressIsThatOfTheTime) {
  world.err.terminal = true;
  world.programs.on_run = [&](const std::vector<std::string> &) { world.clock.now += 3; };
  ASSERT_EQ(run({"--seconds", "4"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("measuring: 75 %"));
  ASSERT_EQ(run({"--seconds", "2"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("measuring: 99 %")); // it is not over before it is
  ASSERT_EQ(run({"--seconds", "4", "--quiet"}), 0);
  EXPECT_EQ(world.err.text, "");
}

TEST_F(EntropyBenchCommand, PrintsOneDocument) {
  ASSERT_EQ(run({"--json"}), 0) << world.err.text;
  EXPECT_THAT(
      world.out.text,
      StartsWith(
          R"({"schema":"ntpkeygen/entropy-bench/1","seconds":10.0,"sources":[{"name":"dice",)"
          R"("nature":"raw-noise","available":true,"reason":null,"failure":null,"open_to_first_byte_ns":1500,)"));
  EXPECT_THAT(world.out.text, HasSubstr(R"({"name":"tpm2","nature":"hardware","available":false,"reason":"no chip"})"));
}

TEST_F(EntropyBenchCommand, AHelperThatEndsBadlyIsAnError) {
  world.programs.lines = {dice_line};
  world.programs.status = 139;
  refuses({}, "the helper entropy-bench ended with status 139 after 1 of 2 sources");
  world.programs.status = 0;
  refuses({}, "the helper entropy-bench ended with status 0 after 1 of 2 sources");
  world.programs.lines = {dice_line, "no JSON"};
  refuses({}, "the helper entropy-bench ended with status 0 after 2 of 2 sources");
  world.programs.missing = "entropy-bench";
  refuses({}, "there is no helper entropy-bench");
  world.programs.missing = "";
  world.control.cancel = true;
  refuses({}, "interrupted");
}

TEST_F(EntropyBenchCommand, DrawsWithGnuplot) {
  ASSERT_EQ(run({"--plot", "it's.svg"}), 0) << world.err.text;
  ASSERT_EQ(world.programs.asked.size(), 3U);
  EXPECT_THAT(world.programs.asked.front(), ElementsAre("gnuplot", "--version"));
  EXPECT_THAT(world.programs.asked.back(), ElementsAre("gnuplot"));
  EXPECT_THAT(world.programs.inputs.back(),
              AllOf(HasSubstr("set terminal svg"), HasSubstr("set output './it''s.svg'"),
                    HasSubstr("$source1 << END\n16 1234.5"), HasSubstr("plot $source1 title 'dice'\n")));
}

// To gnuplot '|' begins a command for a shell, and '~' a home folder.
TEST_F(EntropyBenchCommand, APicturesNameIsNothingButAName) {
  world.files.add_folder("/pictures");
  world.files.add_folder("~");
  for (const auto &[typed, output] :
       {std::pair{"|touch mine.svg", "'./|touch mine.svg'"}, std::pair{"~/a.svg", "'./~/a.svg'"},
        std::pair{"/pictures/a.svg", "'/pictures/a.svg'"}}) {
    ASSERT_EQ(run({"--plot", typed}), 0) << world.err.text;
    EXPECT_THAT(world.programs.inputs.back(), HasSubstr(std::string("\nset output ") + output + "\n"));
  }
}

TEST_F(EntropyBenchCommand, NoHalfPictureIsLeft) {
  bool cancels = false;
  world.programs.on_run = [&](const std::vector<std::string> &words) {
    if (words.size() != 1 || words.front() != "gnuplot")
      return;
    world.files.add_file("half.svg", "<svg");
    world.programs.status = 1;
    world.control.cancel = cancels;
  };
  EXPECT_EQ(run({"--plot", "half.svg"}), 1);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: gnuplot could not draw half.svg (its exit status: 1)"));
  EXPECT_EQ(world.files.find("half.svg"), nullptr);
  world.programs.status = 0;
  cancels = true;
  EXPECT_EQ(run({"--plot", "half.svg"}), 1);
  EXPECT_EQ(world.err.text, "ntpkeygen: error: interrupted\n");
  EXPECT_EQ(world.files.find("half.svg"), nullptr);
}

TEST_F(EntropyBenchCommand, APictureThatSomebodyElseMadeMeanwhileIsLeftAlone) {
  world.programs.on_run = [&](const std::vector<std::string> &words) {
    if (words.front() != "gnuplot")
      world.files.add_file("theirs.svg", "theirs");
  };
  EXPECT_EQ(run({"--plot", "theirs.svg"}), 1);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: theirs.svg exists already"));
  EXPECT_THAT(world.programs.asked.back(), ElementsAre("/libexec/entropy-bench", "10.000", "dice", "system"));
}

TEST_F(EntropyBenchCommand, WithoutGnuplotNothingIsMeasured) {
  world.programs.missing = "gnuplot";
  refuses({"--plot", "a.png"},
          "gnuplot, which draws pictures, is not installed\nntpkeygen: hint: install Debian's package gnuplot-nox");
  EXPECT_EQ(world.programs.asked.size(), 1U);
}

TEST_F(EntropyBenchCommand, BadInput) {
  refuses({"nobody"}, "there is no 'nobody'");
  refuses({"tpm2"}, "no chip");
  refuses({"file"}, "which file?");
  refuses({"--seconds", "0"}, "'--seconds 0' is not possible");
  refuses({"--seconds", "100000"}, "'--seconds 100000' is not possible");
  refuses({"--plot", "a.gif"}, "'--plot a.gif' is not possible");
  refuses({"--plot", "missing/a.svg"}, "");
  world.files.add_file("taken.svg", "");
  refuses({"--plot", "taken.svg"}, "taken.svg exists already");
  EXPECT_THAT(world.programs.asked, IsEmpty());
}

} // namespace
} // namespace ntpkeygen::cli
