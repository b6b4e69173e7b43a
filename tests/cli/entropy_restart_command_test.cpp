// `ntpkeygen entropy restart`, `conditioning` and `transpose`: what they take, what they print, and what they say of
// input that is not in order.
#include "cli/run.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"
#include "mac_engines/botan/botan.hpp"

#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/fake_assessment.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"

#include <gmock/gmock.h>

#include <cerrno>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string recording(std::string_view kind, unsigned bits, std::size_t size) {
  const test::Samples samples = test::make_samples(kind, 1, bits, size);
  return {samples.begin(), samples.end()};
}

class EntropyRestartCommand : public ::testing::Test {
protected:
  EntropyRestartCommand() {
    world.files.add_folder(".");
    world.plugins.enroll(plugins::sp800_90b::enroll);
  }
  int run(std::vector<std::string> arguments) {
    world.out.text.clear();
    world.err.text.clear();
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy"});
    return cli::run(arguments, world.environment, linked_commands);
  }
  void refuses(std::vector<std::string> arguments, const std::string &message, int status = 2) {
    EXPECT_EQ(run(std::move(arguments)), status);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + message));
    EXPECT_EQ(world.out.text, "");
  }

  test::FakeWorld world;
};

TEST_F(EntropyRestartCommand, PrintsChecksAndEstimatesSideBySide) {
  world.files.add_file("bits", recording("uniform", 1, 1'000'000));
  EXPECT_EQ(run({"restart", "bits", "--initial-entropy", "0.9"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("sp800-90b restart: bits, 1,000,000 samples of 1 bit, 2 different symbols\n\n"
                                         "sanity check:\n  x r "));
  EXPECT_THAT(world.out.text, HasSubstr("\n                                 row          column\nmost common value "));
  EXPECT_THAT(world.out.text, ContainsRegex("\n  x r +[0-9]+  pass  times that a restart's most frequent"));
  EXPECT_THAT(world.out.text, ContainsRegex("\n  x c +[0-9]+  pass  the same for what stands at one place"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nx_cutoff +605  most times that pass\n"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nh_i +0.900000  the initial entropy estimate, bits a sample\n"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nh_r +0.[0-9]+  the estimate of the rows"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nh_c +0.[0-9]+  the estimate of the columns"));
  EXPECT_THAT(world.out.text, HasSubstr("\nverdict                         pass\n"));
  EXPECT_THAT(world.err.text, IsEmpty());

  EXPECT_EQ(run({"restart", "bits", "--initial-entropy", "0.9", "--json"}), 0);
  EXPECT_THAT(world.out.text, StartsWith(R"({"schema":"ntpkeygen/entropy-assessment/1","assessment":"sp800-90b",)"
                                         R"("procedure":"restart","file":"bits",)"));
  EXPECT_THAT(world.out.text,
              AllOf(HasSubstr(R"("verdict":"pass","passed":true,"min_entropy":0.)"), HasSubstr(R"("x_cutoff":605,)"),
                    HasSubstr(R"("h_i":0.9,"h_r":0.)"), HasSubstr(R"("row":{"most_common_value":{"value":0.)")));
}

TEST_F(EntropyRestartCommand, TakesTheInitialEntropyFromARecording) {
  world.files.add_file("bits", recording("uniform", 1, 1'000'000));
  world.files.add_file("sequential", recording("biased", 1, 20'000));
  EXPECT_EQ(run({"restart", "bits", "--sequential", "sequential"}), 0);
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: warning: sequential: there are 20,000 samples"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nh_i +0.[23]"));
  // The next best thing, and said to be no more.
  EXPECT_EQ(run({"restart", "bits"}), 0);
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: warning: the initial entropy is that of the restart data itself"));
  EXPECT_THAT(world.out.text, ContainsRegex("\nh_i +0.[89]"));
}

TEST_F(EntropyRestartCommand, SamplesAreAsWideAsTheirDescriptionsSay) {
  world.files.add_file("bits", recording("uniform", 1, 1'000'000));
  world.files.add_file("bits.json", R"({"sample_bits": 2})");
  world.files.add_file("sequential", recording("biased", 1, 20'000));
  world.files.add_file("sequential.json", R"({"sample_bits": 3})");
  refuses(
      {"restart", "bits", "--sequential", "sequential"},
      "bits has samples of 2 bits, and sequential of 3 bits\nntpkeygen: hint: '--bits N' gives the width of both\n");
  EXPECT_EQ(run({"restart", "bits", "--sequential", "sequential", "--bits", "3"}), 0);
  world.files.add_file("bits.json", R"({"sample_bits": 3})");
  EXPECT_EQ(run({"restart", "bits", "--sequential", "sequential"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr("1,000,000 samples of 3 bits, 2 different symbols\n"));
  EXPECT_THAT(world.err.text,
              HasSubstr("sequential: the samples are given as 3 bits wide, but none needs more than 1"));
}

TEST_F(EntropyRestartCommand, AFailedTestIsAnExitStatus) {
  world.files.add_file("constant", std::string(1'000'000, '\1'));
  EXPECT_EQ(run({"restart", "constant", "--initial-entropy", "0.5", "--json"}), 1);
  EXPECT_THAT(world.out.text, HasSubstr(R"("verdict":"fail","passed":false,"min_entropy":null,)"));
  EXPECT_THAT(world.err.text, HasSubstr("warning: a symbol occurs too often in one row or column"));
}

TEST_F(EntropyRestartCommand, RefusesWhatIsNoRestartData) {
  world.files.add_file("short", std::string(999'999, '\1'));
  world.files.add_file("long", std::string(1'000'001, '\1'));
  world.files.add_file("empty", "");
  refuses({"restart"}, "which file?");
  refuses({"restart", "short", "long"}, "one file at a time");
  refuses({"restart", "none", "--initial-entropy", "1"}, "there is no file none");
  refuses({"restart", "empty", "--initial-entropy", "1"}, "empty is empty");
  refuses({"restart", ".", "--initial-entropy", "1"}, ". is a folder");
  refuses({"restart", "short", "--initial-entropy", "1"},
          "999,999 samples are too few: the procedure 'restart' needs at least 1,000,000\n"
          "ntpkeygen: hint: it is for the restart tests of section 3.1.4, of 1000 samples after each of 1000 restarts");
  refuses({"restart", "short"}, "999,999 samples are too few");
  refuses({"restart", "long", "--initial-entropy", "1"}, "restart data has 1,000,000 samples");
  refuses({"restart", "long", "--initial-entropy", "1", "--sequential", "short"}, "'--initial-entropy' and");
  for (const char *entropy : {"8.1", "-1", "x", "1e0", "nan"})
    refuses({"restart", "long", std::string("--initial-entropy=") + entropy},
            "'--initial-entropy " + std::string(entropy));
  refuses({"restart", "long", "--bits", "9"}, "'--bits 9' is not possible");
}

TEST_F(EntropyRestartCommand, ConditioningOfAVettedComponent) {
  EXPECT_EQ(run({"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "256"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("sp800-90b conditioning\n\n"));
  EXPECT_THAT(world.out.text, HasSubstr("\nnw                               256\n"));
  EXPECT_THAT(world.out.text, HasSubstr("\nmin-entropy               255.000000  bits a block of output\n"));
  EXPECT_EQ(run({"conditioning", "--n-in", "512", "--n-out", "256", "--nw", "128", "--h-in", "256", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("samples":null,"bits":null,"symbols":null,"sha256":null,)"));
  EXPECT_THAT(world.out.text, AllOf(HasSubstr(R"("min_entropy":128,)"), HasSubstr(R"("full_entropy":0,)")));
}

TEST_F(EntropyRestartCommand, ConditioningOfAnotherComponentNeedsItsOutputAssessed) {
  const std::vector<std::string> block{"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "400"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), block.begin(), block.end());
    return more;
  };
  EXPECT_EQ(run(with({"--non-vetted", "--h-prime", "0.5", "--json"})), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("h_prime":0.5,"h_out":128,)"));
  world.files.add_file("output", recording("uniform", 4, 20'000));
  EXPECT_EQ(run(with({"--non-vetted", "output", "--json"})), 0);
  EXPECT_THAT(world.out.text, ContainsRegex(R"("h_prime":0\.[89][0-9]+,"h_out":2[0-9]+\.)"));
  EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: warning: output: there are 20,000 samples"));
  world.files.add_file("constant", std::string(5000, '\1'));
  EXPECT_EQ(run(with({"--non-vetted", "constant"})), 2);
  EXPECT_THAT(world.err.text, HasSubstr("error: constant has no entropy"));
  refuses(with({"--non-vetted"}), "what is the output assessed at?");
  refuses(with({"--non-vetted", "output", "--h-prime", "0.5"}), "'--h-prime' and FILE exclude each other");
  refuses(with({"--h-prime", "0.5"}), "the output of a vetted conditioning component is not assessed");
  refuses(with({"output"}), "the output of a vetted conditioning component is not assessed");
  refuses({"conditioning", "512", "256", "256", "256"},
          "one file at a time, please\nntpkeygen: hint: numbers are options: '--n-in N --n-out N --h-in H'\n");
  refuses({"conditioning", "--n-in", "512", "--n-out", "256"}, "'--h-in' is missing");
  refuses({"conditioning", "--n-in", "512", "--n-out", "0", "--h-in", "3"}, "'--n-out 0' is not possible");
  refuses({"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "513"}, "n_in bits cannot have more");
}

TEST_F(EntropyRestartCommand, ConditioningNamesWhatItAssessed) {
  world.plugins.enroll(plugins::botan::enroll);
  world.files.add_file("output", recording("uniform", 4, 20'000));
  EXPECT_EQ(
      run({"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "400", "--non-vetted", "output", "--json"}), 0);
  EXPECT_THAT(world.out.text,
              AllOf(HasSubstr(R"("file":"output","source":null,"samples":20000,"bits":4,"symbols":16,)"),
                    ContainsRegex(R"("sha256":"[0-9a-f]+")"),
                    HasSubstr(R"("warnings":["output: there are 20,000 samples)")));
}

TEST_F(EntropyRestartCommand, ConditioningAssessesItsOutputAsConditioned) {
  auto &script = test::FakeAssessment::script() = {};
  script.answers["non-iid"].figures = {{"h_bitstring", 0.75}};
  script.answers["conditioning"].min_entropy = 192;
  test::FakeWorld other;
  other.files.add_folder(".");
  other.files.add_file("output", std::string(6000, '\1'));
  other.plugins.enroll(test::FakeAssessment::enroll);
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "400",
                      "--non-vetted", "output"},
                     other.environment, linked_commands),
            0)
      << other.err.text;
  ASSERT_EQ(script.asked.size(), 2U);
  EXPECT_EQ(script.asked[0].procedure, "non-iid");
  EXPECT_EQ(script.asked[0].parameters.at("conditioned"), 1);
  EXPECT_EQ(script.asked[1].procedure, "conditioning");
  EXPECT_EQ(script.asked[1].parameters.at("h_prime"), 0.75);
}

TEST_F(EntropyRestartCommand, ConditioningRefusesOptionsThatDoNothing) {
  const std::vector<std::string> block{"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "400"};
  for (const auto &[more, message] :
       {std::pair<std::vector<std::string>, std::string>{{"--threads", "0"}, "'--threads 0' is not possible"},
        {{"--bits", "99"}, "'--bits 99' is not possible"},
        {{"--bits", "8"}, "'--bits' is for FILE"},
        {{"--non-vetted", "--h-prime", "0.5", "--bits", "8"}, "'--bits' is for FILE"}}) {
    std::vector<std::string> arguments(block);
    arguments.insert(arguments.end(), more.begin(), more.end());
    refuses(arguments, message);
  }
}

TEST_F(EntropyRestartCommand, SelftestIsShortUnlessAsked) {
  EXPECT_EQ(run({"selftest"}), 0);
  EXPECT_THAT(world.out.text, StartsWith("uniform: 40 of 40 figures are the reference's\n"));
  EXPECT_THAT(world.out.text, EndsWith("\npass\n"));
  EXPECT_EQ(run({"selftest", "--verbose"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr("\nuniform, literal lag: reference = 6.97"));
  EXPECT_EQ(run({"selftest", "--json"}), 0);
  EXPECT_THAT(world.out.text, HasSubstr(R"("procedure":"selftest","file":null,)"));
  refuses({"selftest", "file"}, "unexpected word 'file'");
}

// What a wrong build would say.
TEST_F(EntropyRestartCommand, SelftestNamesTheFiguresThatDiffer) {
  auto &script = test::FakeAssessment::script() = {};
  Assessment &answer = script.answers["selftest"];
  answer.verdict = Verdict::fail;
  answer.rows = {{"uniform", "lag", 1, Verdict::pass, {}, {}},
                 {"uniform", "lrs", 2, Verdict::fail, {}, {}},
                 {"other", "lag", 3, Verdict::pass, {}, {}}};
  answer.warnings = {"one figure is another"};
  test::FakeWorld other;
  other.plugins.enroll(test::FakeAssessment::enroll);
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "selftest"}, other.environment, linked_commands), 1);
  EXPECT_EQ(other.out.text, "uniform: 1 of 2 figures are the reference's\n  lrs is another\n"
                            "other: 1 of 1 figures are the reference's\nFAIL\n");
  EXPECT_EQ(other.err.text, "ntpkeygen: warning: one figure is another\n");
  for (const char *option : {"--json", "--verbose"})
    EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "selftest", option}, other.environment, linked_commands), 1);
}

TEST_F(EntropyRestartCommand, TransposingLeavesNoHalfFile) {
  world.files.add_file("rows", recording("uniform", 1, 1'000'000));
  for (const char *operation : {"write", "sync_file", "publish", "sync_folder"}) {
    world.files.fail_on(operation, ENOSPC);
    EXPECT_EQ(run({"transpose", "rows", "--output", "columns"}), 1);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: ")) << operation;
    EXPECT_TRUE(world.files.has_failed()) << operation;
    EXPECT_EQ(world.files.find("columns"), nullptr) << operation;
    world.files.forget_faults();
  }
  EXPECT_EQ(run({"transpose", "rows", "--output", "-"}), 0);
  EXPECT_EQ(world.out.text.size(), 1'000'000U);
  world.out.broken = true;
  EXPECT_EQ(run({"transpose", "rows"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("error: cannot write: it is broken"));
}

// Reading alone may take longer than anybody waits for Ctrl-C.
TEST_F(EntropyRestartCommand, ReadingEndsWhenItIsInterrupted) {
  world.files.add_file("rows", recording("uniform", 1, 1'000'000));
  world.control.cancel = true;
  refuses({"transpose", "rows", "--output", "columns"}, "interrupted while rows was read", 1);
  EXPECT_EQ(world.files.find("columns"), nullptr);
  refuses({"restart", "rows", "--initial-entropy", "0.5"}, "interrupted while rows was read");
}

TEST_F(EntropyRestartCommand, TransposesIntoANewFileOrToStandardOutput) {
  std::string rows(1'000'000, '\0'), columns = rows;
  for (std::size_t row = 0; row < 1000; ++row)
    for (std::size_t column = 0; column < 1000; ++column)
      rows[row * 1000 + column] = columns[column * 1000 + row] = static_cast<char>((row * 7 + column) % 251);
  world.files.add_file("rows", rows);
  EXPECT_EQ(run({"transpose", "rows"}), 0);
  EXPECT_TRUE(world.out.text == columns);
  EXPECT_EQ(run({"transpose", "rows", "--output", "columns"}), 0);
  EXPECT_EQ(world.out.text, "");
  EXPECT_EQ(run({"transpose", "columns"}), 0);
  EXPECT_TRUE(world.out.text == rows);
  refuses({"transpose", "rows", "--output", "columns"}, "columns exists already", 1);
  refuses({"transpose", "rows", "--output", "./"}, "./ is a folder", 1);
  refuses({"transpose"}, "which file?", 1);
  world.files.add_file("short", std::string(1000, '\1'));
  refuses({"transpose", "short"}, "short has 1,000 samples", 1);
  world.out.terminal = true;
  refuses({"transpose", "rows"}, "the samples would go to the terminal", 1);
}

} // namespace
} // namespace ntpkeygen::cli
