// `ntpkeygen entropy report`: the page, the document beside it, and what it says of input that is not in order.
#include "cli/run.hpp"
#include "cli/sample_statistics.hpp"
#include "entropy_assessments/fips140_2/fips140_2.hpp"
#include "entropy_assessments/sp800_90b/sp800_90b.hpp"
#include "mac_engines/botan/botan.hpp"
#include "ntpkeygen/host/random/health_tests.hpp"

#include "plugins/entropy_assessments/sample_generator.hpp"
#include "support/fake_assessment.hpp"
#include "support/fake_environment.hpp"
#include "support/linked_commands.hpp"
#include "support/random_sources.hpp"

#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <set>

namespace ntpkeygen::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string recording(std::string_view kind, unsigned bits, std::size_t size) {
  const test::Samples samples = test::make_samples(kind, 1, bits, size);
  return {samples.begin(), samples.end()};
}

class Provider final : public RandomSourceProvider {
public:
  Provider(std::string name, SourceNature nature) : info_{std::move(name), "dice <of> bone", "", nature, false} {}
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return std::make_unique<test::SeededSource>(1);
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept override {
    return std::make_unique<Noise>();
  }

private:
  class Noise final : public NoiseSource {
  public:
    [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return 1; }
    [[nodiscard]] double claimed_min_entropy() const noexcept override { return 0.5; }
    [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &control) noexcept override {
      auto filled = source_.fill(std::as_writable_bytes(out), control);
      for (std::uint8_t &sample : out)
        sample &= 1;
      return filled;
    }

  private:
    test::SeededSource source_{2};
  };
  SourceInfo info_;
};

std::size_t count_of(const std::string &text, const std::string &part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

// As few as give the number back.
std::string digits(double value) {
  std::array<char, 40> text{};
  for (int precision = 1; precision <= 17; ++precision) {
    std::snprintf(text.data(), text.size(), "%.*g", precision, value);
    if (std::strtod(text.data(), nullptr) == value)
      break;
  }
  return text.data();
}

class EntropyReportCommand : public ::testing::Test {
protected:
  EntropyReportCommand() {
    world.files.add_folder(".");
    world.plugins.enroll(plugins::sp800_90b::enroll);
    world.plugins.enroll(plugins::botan::enroll);
    world.plugins.enroll([](Registrar &registrar) -> Result<void> {
      return registrar.add(std::make_unique<Provider>("system", SourceNature::os)).and_then([&] {
        return registrar.add(std::make_unique<Provider>("noise", SourceNature::raw_noise));
      });
    });
    world.files.add_file("two_bits", recording("biased", 2, 6000));
    world.files.add_file("constant", std::string(5000, '\1'));
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "report"});
    world.out.text.clear();
    world.err.text.clear();
    return cli::run(arguments, world.environment, linked_commands);
  }
  // The page on what these arguments name.
  std::string page(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "-"});
    EXPECT_EQ(run(std::move(arguments)), 0) << world.err.text;
    return world.out.text;
  }
  rapidjson::Document document(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    EXPECT_EQ(run(std::move(arguments)), 0) << world.err.text;
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseFullPrecisionFlag>(world.out.text.c_str());
    EXPECT_FALSE(parsed.HasParseError());
    return parsed;
  }
  void refuses(std::vector<std::string> arguments, const std::string &message) {
    EXPECT_EQ(run(std::move(arguments)), 1);
    EXPECT_THAT(world.err.text, StartsWith("ntpkeygen: error: " + message));
    EXPECT_EQ(world.out.text, "");
    EXPECT_EQ(world.files.find("report.html"), nullptr);
  }

  test::FakeWorld world;
};

TEST_F(EntropyReportCommand, WritesOnePageThatNeedsNothingElse) {
  EXPECT_EQ(run({"two_bits", "--output", "report.html"}), 0);
  EXPECT_EQ(world.out.text, "");
  EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: notice: report.html has the report on 1 source\n"));
  const auto *file = world.files.find("report.html");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->mode, 0644U);
  EXPECT_THAT(file->content, StartsWith("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_TRUE(file->content.ends_with("</html>\n"));
  for (const char *outside :
       {"<script", "<link", "<img", "<iframe", "http:", "https:", "//", "src=", "url(", "@import", "onload"})
    EXPECT_THAT(file->content, Not(HasSubstr(outside)));
  EXPECT_THAT(file->content, AllOf(HasSubstr("@media (prefers-color-scheme: dark)"), HasSubstr("@media print"),
                                   HasSubstr("charset=\"utf-8\""), HasSubstr("name=\"viewport\"")));
}

TEST_F(EntropyReportCommand, HasEveryPart) {
  const std::string html = page({"two_bits"});
  std::vector<std::string> headings;
  for (std::size_t at = html.find("<h"); at != std::string::npos; at = html.find("<h", at + 1))
    if (html[at + 2] == '2' || html[at + 2] == '3')
      headings.push_back(html.substr(at + 4, html.find("</h", at) - at - 4));
  EXPECT_THAT(headings, ElementsAre("<bdi>two_bits</bdi>", "What was assessed", "Estimates", "Restart test",
                                    "Cutoffs for the continuous health tests", "Throughput and latency", "Pictures",
                                    "Provenance", "What these numbers cannot show", "How this report was made"));
  EXPECT_EQ(count_of(html, "<tr class=\"limiting\">"), 1U);
  EXPECT_EQ(count_of(html, "<svg "), 2U);
  EXPECT_EQ(count_of(html, "<tr"), count_of(html, "</tr>"));
  EXPECT_EQ(count_of(html, "<table"), count_of(html, "</table>"));
  EXPECT_THAT(html, AllOf(HasSubstr("No restart test was given."),
                          HasSubstr("Not measured: the samples come from a recording."),
                          HasSubstr("nothing says whether these are raw samples: "),
                          HasSubstr("there are 6,000 samples; SP 800-90B section 3.1.1 asks for at least 1,000,000."),
                          HasSubstr("6,000 of 2 bits, 4 different values"), HasSubstr("date 1000000000")));
}

TEST_F(EntropyReportCommand, HasTheFiguresOfTheDocument) {
  EXPECT_EQ(run({"two_bits", "--json", "--output", "report.html"}), 0);
  const std::string html = world.files.find("report.html")->content;
  rapidjson::Document json;
  json.Parse<rapidjson::kParseFullPrecisionFlag>(world.out.text.c_str());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_STREQ(json["schema"].GetString(), "ntpkeygen/entropy-report/1");
  const auto &source = json["sources"][0];
  const auto &assessment = source["assessment"];
  std::size_t figures = 0;
  double lowest = 2;
  for (const char *group : {"bitstring", "literal"})
    for (const auto &member : assessment[group].GetObject())
      if (member.value.IsNumber()) {
        EXPECT_THAT(html, HasSubstr("<data value=\"" + digits(member.value.GetDouble()) + "\">"))
            << member.name.GetString();
        lowest = std::min(lowest, member.value.GetDouble() * (std::string_view(group) == "bitstring" ? 2 : 1));
        ++figures;
      }
  EXPECT_EQ(figures, 17U);
  EXPECT_EQ(assessment["min_entropy"].GetDouble(), lowest);
  EXPECT_THAT(html, HasSubstr("<strong><data value=\"" + digits(lowest) + "\">"));
  EXPECT_EQ(source["limiting"].Size(), 1U);
  EXPECT_EQ(source["histogram"].Size(), 4U);
  EXPECT_EQ(source["autocorrelation"].Size(), most_lags);
  EXPECT_TRUE(source["measured"].IsNull());
  EXPECT_TRUE(source["restart"].IsNull());
  EXPECT_TRUE(source["provenance"].IsNull());
  // The assessment is the document that `entropy assess` prints.
  const std::string report = world.out.text;
  world.out.text.clear();
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "assess", "two_bits", "--json"}, world.environment, linked_commands), 0);
  EXPECT_THAT(report, HasSubstr("\"assessment\":" + world.out.text.substr(0, world.out.text.size() - 1) + ","));
}

TEST_F(EntropyReportCommand, CutoffsAreThoseOfTheAssessedMinEntropy) {
  const auto json = document({"two_bits"});
  const auto &source = json["sources"][0];
  const double h = source["assessment"]["min_entropy"].GetDouble();
  ASSERT_EQ(source["health_tests"].Size(), 3U);
  for (rapidjson::SizeType i = 0; i < 3; ++i) {
    const auto &test = source["health_tests"][i];
    const unsigned exponent = test["alpha_exponent"].GetUint();
    EXPECT_EQ(exponent, 20 + 10 * i);
    EXPECT_EQ(test["repetition_count"].GetDouble(), 1 + std::ceil(exponent / h)); // section 4.4.1
    const auto cutoffs = health_cutoffs(h, 2, exponent);
    ASSERT_TRUE(cutoffs);
    EXPECT_EQ(test["adaptive_proportion"].GetUint(), cutoffs->proportion);
    EXPECT_EQ(test["window"].GetUint(), 512U);
    EXPECT_THAT(page({"two_bits"}),
                HasSubstr("<td class=\"number\">" + std::to_string(cutoffs->repetition) + "</td><td class=\"number\">" +
                          std::to_string(cutoffs->proportion) + "</td>"));
  }
}

TEST_F(EntropyReportCommand, NothingFromOutsideBecomesMarkup) {
  const std::string name = "<b onclick='x'>&\"\x1b\xe2\x80\xae\xff<b>";
  world.files.add_file(name, recording("biased", 2, 6000));
  world.files.add_file(name + ".json",
                       R"({"<i>name": "</table><script>alert(1)</script>", "nature": "<u>", "sha256": "<s>"})");
  const std::string html = page({name});
  for (const char *markup :
       {"<b onclick", "<b>", "<i>", "</table><s", "<script", "<u>", "<s>", "onclick='", "\x1b", "\xe2\x80\xae", "\xff"})
    EXPECT_THAT(html, Not(HasSubstr(markup)));
  EXPECT_THAT(html, AllOf(HasSubstr("<title>Entropy assessment of &lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\\x1b"),
                          HasSubstr("<th scope=\"row\">&lt;i&gt;name</th><td>&lt;/table&gt;&lt;script&gt;alert(1)"),
                          HasSubstr("its SHA-256 is another.")));
  EXPECT_THAT(page({"system"}), HasSubstr("<td>dice &lt;of&gt; bone</td>"));
  // Nor does a name end a document's string.
  EXPECT_EQ(count_of(document({name})["sources"][0]["name"].GetString(), "\""), 1U);
}

TEST_F(EntropyReportCommand, TellsWhereARecordingComesFrom) {
  world.files.add_file("two_bits.json",
                       R"({"nature": "raw-noise", "cpu": {"model": "Z80", "cores": [1, 2.5, true]}, "none": null})");
  std::string html = page({"two_bits"});
  EXPECT_THAT(html, AllOf(HasSubstr("<th scope=\"row\">cpu.model</th><td>Z80</td>"),
                          HasSubstr("<th scope=\"row\">cpu.cores.2</th><td>2.5</td>"),
                          HasSubstr("raw samples of a noise source"), HasSubstr("SHA-256, which it does not have"),
                          Not(HasSubstr("Nothing says"))));
  world.files.add_file("two_bits.json", R"({"nature": "drbg"})");
  html = page({"two_bits"});
  EXPECT_THAT(html, HasSubstr("<strong>Warning:</strong> these samples come out of a deterministic generator: "));
  EXPECT_THAT(world.err.text, HasSubstr("warning: two_bits: these samples come out of a deterministic generator"));
  const std::string digest = document({"two_bits"})["sources"][0]["assessment"]["sha256"].GetString();
  world.files.add_file("two_bits.json", R"({"sha256": ")" + digest + "\"}");
  EXPECT_THAT(page({"two_bits"}),
              AllOf(HasSubstr("nothing of it was checked but the SHA-256."), Not(HasSubstr("is another"))));
  world.files.add_file("two_bits.json", R"({"sample_bits": 4})");
  EXPECT_EQ(document({"two_bits"})["sources"][0]["assessment"]["bits"].GetUint(), 4U);
  for (const std::string &bad :
       {std::string("{"), std::string("[]"), std::string(500'000, '['), std::string("{\"a\":\"\xff\"}")}) {
    world.files.add_file("two_bits.json", bad);
    EXPECT_THAT(page({"two_bits"}), HasSubstr("two_bits.json is no JSON object."));
  }
  world.files.add_file("two_bits.json", "{\"a\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}");
  EXPECT_THAT(page({"two_bits"}), HasSubstr("two_bits.json says more than is shown here."));
}

TEST_F(EntropyReportCommand, MeasuresWhileItDraws) {
  const auto json = document({"system", "noise"});
  EXPECT_THAT(world.err.text, HasSubstr("warning: system: these samples come out of the operating system's generator"));
  EXPECT_THAT(world.err.text, Not(HasSubstr("noise: ")));
  for (rapidjson::SizeType i = 0; i < 2; ++i) {
    const auto &source = json["sources"][i];
    const auto &measured = source["measured"];
    EXPECT_EQ(measured["request_samples"].GetUint(), 16384U);
    EXPECT_EQ(measured["requests"].GetUint(), 61U);
    EXPECT_LE(measured["p50_ns"].GetDouble(), measured["p99_ns"].GetDouble());
    EXPECT_LE(measured["p99_ns"].GetDouble(), measured["max_ns"].GetDouble());
  }
  // What an operating system's generator is assessed at is nothing to multiply with.
  EXPECT_TRUE(json["sources"][0]["assessed_bits_per_second"].IsNull());
  EXPECT_EQ(json["sources"][0]["health_tests"].Size(), 0U);
  const auto &noise = json["sources"][1];
  EXPECT_DOUBLE_EQ(noise["assessed_bits_per_second"].GetDouble(), noise["measured"]["samples_per_second"].GetDouble() *
                                                                      noise["assessment"]["min_entropy"].GetDouble());
  EXPECT_STREQ(json["sources"][0]["nature"].GetString(), "os");
  EXPECT_STREQ(json["sources"][1]["nature"].GetString(), "raw-noise");
  EXPECT_EQ(json["sources"][1]["health_tests"][0]["window"].GetUint(), 1024U); // samples of one bit
  const std::string html = page({"system", "noise"});
  EXPECT_THAT(html, AllOf(HasSubstr("<h1>Entropy assessment</h1>"), HasSubstr("href=\"#source-2\""),
                          HasSubstr("id=\"source-2\""), HasSubstr("A request of 16,384 samples"),
                          HasSubstr("of assessed min-entropy, as fast as the samples were drawn")));
  EXPECT_EQ(count_of(html, "<strong>Warning:</strong>"), 1U);
}

TEST_F(EntropyReportCommand, SaysWhatDoesNotExist) {
  const std::string html = page({"constant"});
  EXPECT_THAT(html, AllOf(HasSubstr("There are none: they follow from a min-entropy above 0."),
                          HasSubstr("There is no autocorrelation: all samples are the same."),
                          HasSubstr("5,000 of 1 bit, 1 value"), HasSubstr("<strong><data value=\"0\">0.000000</data>"),
                          Not(HasSubstr(">nan")), Not(HasSubstr("\"nan")), Not(HasSubstr("-nan"))));
  EXPECT_THAT(page({"two_bits", "--conditioned"}),
              HasSubstr("these samples are conditioned: whatever they are assessed at"));
}

TEST_F(EntropyReportCommand, ATrackThatWasFailedGivesNoMinEntropy) {
  std::string repeated = recording("uniform", 8, 5000);
  std::ranges::copy(repeated.substr(0, 100), repeated.end() - 100);
  world.files.add_file("repeated", repeated);
  const std::string html = page({"repeated", "--iid", "--seed", "5", "--restart", "two_bits"});
  EXPECT_THAT(html, AllOf(HasSubstr("There is no min-entropy: the samples failed the tests of the track “iid”."),
                          HasSubstr("<td class=\"fail\">FAIL</td>"), HasSubstr("<td class=\"pass\">pass</td>"),
                          HasSubstr("Seed of the permutations</th><td>5</td>"),
                          HasSubstr("The restart data was not tested: there is no initial entropy estimate")));
  EXPECT_EQ(count_of(html, "<tr class=\"limiting\">"), 0U);
}

TEST_F(EntropyReportCommand, HasTheRestartTest) {
  world.files.add_file("restarts", recording("uniform", 1, 1'000'000));
  world.files.add_file("bits", recording("uniform", 1, 100'000));
  const auto json = document({"bits", "--restart", "restarts"});
  const auto &restart = json["sources"][0]["restart"];
  EXPECT_STREQ(restart["procedure"].GetString(), "restart");
  EXPECT_STREQ(restart["verdict"].GetString(), "pass");
  EXPECT_EQ(restart["h_i"].GetDouble(), json["sources"][0]["assessment"]["min_entropy"].GetDouble());
  const std::string html = page({"bits", "--restart", "restarts"});
  EXPECT_THAT(html,
              AllOf(HasSubstr("<bdi class=\"mono\">restarts</bdi>"), HasSubstr("<span class=\"pass\">passed</span>"),
                    Not(HasSubstr("No restart test")), Not(HasSubstr("Without a restart test"))));
  refuses({"two_bits", "--restart", "constant", "--output", "report.html"},
          "5,000 samples are too few: the procedure 'restart' needs at least 1,000,000");
}

TEST_F(EntropyReportCommand, TheRestartTestIsAskedForAsTheEstimateWasMade) {
  auto &script = test::FakeAssessment::script() = {};
  Assessment &track = script.answers["iid"];
  track.min_entropy = 1.25;
  Assessment &restart = script.answers["restart"];
  restart.verdict = Verdict::fail;
  restart.warnings = {"a symbol occurs too often"};
  test::FakeWorld other;
  other.files.add_folder(".");
  other.plugins.enroll(plugins::botan::enroll);
  other.plugins.enroll(test::FakeAssessment::enroll);
  other.files.add_file("wide", std::string(4000, '\4') + std::string(2000, '\1'));
  other.files.add_file("narrow", std::string(6000, '\1'));
  const auto report = [&](const char *way) {
    other.out.text.clear();
    std::vector<std::string> arguments{"ntpkeygen", "entropy", "report", "wide",   "--restart", "narrow",
                                       "--iid",     "--seed",  "7",      "--json", "--threads", "2"};
    if (std::string_view(way) == "-") {
      arguments.erase(arguments.begin() + 9);
      arguments.insert(arguments.end(), {"--output", "-"});
    }
    EXPECT_EQ(cli::run(arguments, other.environment, linked_commands), 0) << other.err.text;
    return other.out.text;
  };
  const std::string html = report("-");
  ASSERT_EQ(script.asked.size(), 2U);
  EXPECT_EQ(script.asked[0].procedure, "iid");
  EXPECT_EQ(script.asked[1].procedure, "restart");
  EXPECT_EQ(script.asked[1].sample_bits, 3U); // as wide as the sequential samples
  EXPECT_EQ(script.asked[1].seed, 7U);
  EXPECT_EQ(script.asked[1].parameters, (std::map<std::string, double>{{"h_i", 1.25}, {"iid", 1}}));
  EXPECT_THAT(html, AllOf(HasSubstr("<span class=\"fail\">FAILED</span>"), HasSubstr("a symbol occurs too often.")));
  rapidjson::Document json;
  json.Parse(report("json").c_str());
  ASSERT_FALSE(json.HasParseError());
  const auto &tested = json["sources"][0]["restart"];
  EXPECT_EQ(tested["bits"].GetUint(), 3U);
  EXPECT_EQ(tested["seed"].GetUint(), 7U);
  ASSERT_TRUE(tested["sha256"].IsString());
  EXPECT_STRNE(tested["sha256"].GetString(), json["sources"][0]["assessment"]["sha256"].GetString());
}

// A world in which the assessment says what a test wants it to.
class ScriptedReport : public ::testing::Test {
protected:
  ScriptedReport() {
    script = {};
    script.answers["non-iid"].min_entropy = 0.75;
    script.answers["non-iid"].rows = {{"literal", "lag", 0.75, Verdict::none, {{"r", 1.0 / 3}}, {}}};
    Assessment &restart = script.answers["restart"];
    restart.verdict = Verdict::pass;
    restart.min_entropy = 0.75;
    restart.figures = {{"h_i", 0.75}, {"h_r", 0.8}, {"h_c", 0.9}};
    world.files.add_folder(".");
    world.plugins.enroll(plugins::botan::enroll);
    world.plugins.enroll(test::FakeAssessment::enroll);
    world.plugins.enroll([](Registrar &registrar) -> Result<void> {
      return registrar.add(std::make_unique<Provider>("noise", SourceNature::raw_noise));
    });
    world.files.add_file("bits", recording("uniform", 1, 6000));
    world.files.add_file("restarts", recording("uniform", 1, 5000));
  }
  std::string report(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy", "report"});
    world.out.text.clear();
    world.err.text.clear();
    EXPECT_EQ(cli::run(arguments, world.environment, linked_commands), 0) << world.err.text;
    return world.out.text;
  }
  rapidjson::Document document(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseFullPrecisionFlag>(report(std::move(arguments)).c_str());
    EXPECT_FALSE(parsed.HasParseError());
    return parsed;
  }

  test::FakeAssessment::Script &script = test::FakeAssessment::script();
  test::FakeWorld world;
};

TEST_F(ScriptedReport, AFailedRestartTestAwardsNothing) {
  Assessment &restart = script.answers["restart"];
  restart.verdict = Verdict::fail;
  restart.min_entropy.reset();
  restart.warnings = {"a symbol occurs too often"};
  const auto json = document({"noise", "--restart", "restarts"});
  const auto &source = json["sources"][0];
  ASSERT_TRUE(source.HasMember("min_entropy"));
  EXPECT_TRUE(source["min_entropy"].IsNull());
  EXPECT_TRUE(source["assessed_bits_per_second"].IsNull());
  EXPECT_EQ(source["health_tests"].Size(), 0U);
  EXPECT_EQ(source["limiting"].Size(), 0U);
  EXPECT_EQ(source["assessment"]["min_entropy"].GetDouble(), 0.75);
  EXPECT_THAT(world.err.text, AllOf(HasSubstr("warning: noise: the restart test was FAILED: no min-entropy is awarded "
                                              "(SP 800-90B section 3.1.4)\n"),
                                    HasSubstr("warning: restarts: a symbol occurs too often\n")));
  const std::string html = report({"noise", "--restart", "restarts", "--output", "-"});
  EXPECT_THAT(html, AllOf(HasSubstr("<p class=\"fail\">There is no min-entropy: the restart test was failed.</p>"),
                          HasSubstr("There are none: they follow from a min-entropy above 0."),
                          Not(HasSubstr("(assessed)")), Not(HasSubstr("Limited by")),
                          Not(HasSubstr("of assessed min-entropy")), Not(HasSubstr(">Assessed min-entropy<"))));
  // Before the result, where nobody overlooks it.
  const auto box = html.find("<div class=\"result\">");
  EXPECT_LT(html.find("the restart test was FAILED"), box);
  EXPECT_LT(html.find("restarts: a symbol occurs too often."), box);
}

TEST_F(ScriptedReport, TheLowestOfRowsAndColumnsIsWhatIsAwarded) {
  Assessment &restart = script.answers["restart"];
  restart.min_entropy = 0.5;
  restart.figures = {{"h_i", 0.75}, {"h_r", 0.8}, {"h_c", 0.5}};
  const auto json = document({"noise", "--restart", "restarts"});
  const auto &source = json["sources"][0];
  ASSERT_TRUE(source.HasMember("min_entropy"));
  EXPECT_EQ(source["min_entropy"].GetDouble(), 0.5);
  EXPECT_DOUBLE_EQ(source["assessed_bits_per_second"].GetDouble(),
                   source["measured"]["samples_per_second"].GetDouble() * 0.5);
  EXPECT_EQ(source["health_tests"][0]["min_entropy"].GetDouble(), 0.5);
  EXPECT_EQ(source["limiting"].Size(), 0U);
  EXPECT_THAT(report({"noise", "--restart", "restarts", "--output", "-"}),
              AllOf(HasSubstr("<strong><data value=\"0.5\">0.500000</data></strong>"),
                    HasSubstr("Limited by: <span class=\"lowest\">the columns of the restart data</span>")));
  restart.figures = {{"h_i", 0.75}, {"h_r", 0.5}, {"h_c", 0.8}};
  EXPECT_THAT(report({"noise", "--restart", "restarts", "--output", "-"}), HasSubstr(">the rows of the restart data<"));
  // As long as they are not lower, the estimates limit it.
  restart.min_entropy = 0.75;
  restart.figures = {{"h_i", 0.75}, {"h_r", 0.75}, {"h_c", 0.8}};
  EXPECT_THAT(report({"noise", "--restart", "restarts", "--output", "-"}),
              HasSubstr(">lag prediction of the samples<"));
}

TEST_F(ScriptedReport, TheLowerOfTheClaimAndTheAssessmentIsTheInitialEstimate) {
  for (const auto &[claim, lowest] : {std::pair{"0.25", 0.25}, {"0.875", 0.75}}) {
    SCOPED_TRACE(claim);
    script.asked.clear();
    const auto json = document({"noise", "--claim", claim});
    const auto &source = json["sources"][0];
    EXPECT_EQ(source["claim"].GetDouble(), std::stod(claim));
    EXPECT_EQ(source["min_entropy"].GetDouble(), lowest);
    EXPECT_EQ(source["assessment"]["min_entropy"].GetDouble(), 0.75);
    EXPECT_EQ(source["health_tests"][0]["min_entropy"].GetDouble(), lowest);
    EXPECT_EQ(source["limiting"].Size(), lowest == 0.75 ? 1U : 0U);
    report({"noise", "--claim", claim, "--restart", "restarts", "--json"});
    EXPECT_EQ(script.asked.back().procedure, "restart");
    EXPECT_EQ(script.asked.back().parameters.at("h_i"), lowest);
  }
  EXPECT_THAT(report({"noise", "--claim", "0.25", "--output", "-"}),
              AllOf(HasSubstr("<strong><data value=\"0.25\">0.250000</data></strong>"),
                    HasSubstr("Limited by: <span class=\"lowest\">what is claimed</span>"),
                    HasSubstr("Claimed</th><td><data value=\"0.25\">")));
  EXPECT_EQ(cli::run({"ntpkeygen", "entropy", "report", "noise", "bits", "--claim", "1", "--json"}, world.environment,
                     linked_commands),
            1);
  EXPECT_THAT(world.err.text, HasSubstr("error: '--claim' is for a report on one source"));
}

TEST_F(ScriptedReport, WhatIsNotThereIsSaidBeforeAnythingIsAssessed) {
  for (const std::vector<std::string> &names :
       {std::vector<std::string>{"bits", "nothing"}, {"bits", "./nothing"}, {"bits", "--restart", "nothing"}}) {
    std::vector<std::string> arguments{"ntpkeygen", "entropy", "report", "--json"};
    arguments.insert(arguments.end(), names.begin(), names.end());
    world.err.text.clear();
    EXPECT_EQ(cli::run(arguments, world.environment, linked_commands), 1);
    EXPECT_THAT(world.err.text, HasSubstr("error: there is no file " + names.back()));
    EXPECT_EQ(script.asked.size(), 0U);
  }
}

TEST_F(ScriptedReport, ARecordingCannotBeHeldAgainstItself) {
  world.files.add_file("bits.json", R"({"nature": "raw-noise", "restarts": null})");
  document({"bits", "--restart", "bits"});
  EXPECT_THAT(
      world.err.text,
      AllOf(HasSubstr("warning: bits: bits.json says that these samples are consecutive: a restart test of them "
                      "says nothing\n"),
            HasSubstr("warning: bits: bits and bits are the same samples: ")));
  world.err.text.clear();
  document({"bits", "--restart", "restarts"});
  EXPECT_EQ(world.err.text, "");
}

TEST_F(ScriptedReport, TellsOfTheRestartDataWhatItTellsOfTheRecording) {
  world.files.add_file("restarts.json", R"({"nature": "drbg", "sha256": "00", "board": "<b>"})");
  const auto json = document({"bits", "--restart", "restarts"});
  const std::string digest = json["sources"][0]["restart"]["sha256"].GetString();
  ASSERT_EQ(json["sources"][0]["restart"]["warnings"].Size(), 2U);
  EXPECT_THAT(json["sources"][0]["restart"]["warnings"][0].GetString(),
              StartsWith("these samples come out of a deterministic generator"));
  EXPECT_THAT(
      world.err.text,
      AllOf(HasSubstr("warning: restarts: these samples come out of a deterministic generator"),
            HasSubstr("warning: restarts: restarts is not the recording that restarts.json describes: its SHA-256 is "
                      "another\n")));
  EXPECT_THAT(report({"bits", "--restart", "restarts", "--output", "-"}),
              AllOf(HasSubstr("SHA-256 of the samples</th><td><span class=\"mono\">" + digest + "</span>"),
                    HasSubstr("<th scope=\"row\">board</th><td>&lt;b&gt;</td>"),
                    HasSubstr("restarts: these samples come out of a deterministic generator: "),
                    HasSubstr("restarts is not the recording that restarts.json describes: its SHA-256 is another.")));
}

TEST_F(ScriptedReport, EveryFigureOfAnAssessmentHasAllItsDigits) {
  EXPECT_THAT(report({"bits", "--output", "-"}), HasSubstr("r = <data value=\"" + digits(1.0 / 3) + "\">"));
}

TEST_F(ScriptedReport, ADigestMayBeInCapitals) {
  std::string digest = document({"bits"})["sources"][0]["assessment"]["sha256"].GetString();
  std::ranges::transform(digest, digest.begin(), [](unsigned char digit) { return std::toupper(digit); });
  world.files.add_file("bits.json", R"({"sha256": ")" + digest + "\"}");
  EXPECT_FALSE(document({"bits"})["sources"][0]["provenance"]["digest_differs"].GetBool());
}

// What a description calls its samples may be a word that nobody here knows.
TEST_F(ScriptedReport, AnUnknownNatureIsNone) {
  for (const auto &[nature, warned] : {std::pair{"raw-noise", 0U}, {"whitened", 1U}, {"replay", 1U}, {"drbg", 0U}}) {
    world.files.add_file("bits.json", std::string(R"({"nature": ")") + nature + "\"}");
    EXPECT_EQ(count_of(report({"bits", "--output", "-"}), "nothing says whether these are raw samples: "), warned)
        << nature;
  }
}

TEST_F(EntropyReportCommand, KeepsWhatItReplaces) {
  world.files.add_file("report.html", "old", 0600);
  EXPECT_EQ(run({"two_bits", "--output", "report.html"}), 1);
  EXPECT_THAT(world.err.text, HasSubstr("error: report.html exists\nntpkeygen: hint: --replace "));
  EXPECT_EQ(world.files.find("report.html")->content, "old");
  EXPECT_EQ(run({"two_bits", "--output", "report.html", "--replace"}), 0) << world.err.text;
  EXPECT_THAT(world.files.find("report.html")->content, StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(world.files.find("report.html")->mode, 0600U);
  EXPECT_EQ(world.files.find("report.html.3208988800")->content, "old");
}

TEST_F(EntropyReportCommand, RefusesWhatItCannotReportOn) {
  world.files.add_file("empty", "");
  world.files.add_file("short", std::string(4999, 'x'));
  const std::vector<std::string> output{"--output", "report.html"};
  const auto with_output = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), output.begin(), output.end());
    return arguments;
  };
  refuses(with_output({}), "which files, or which random sources?");
  refuses({"two_bits"}, "where does the report go?");
  refuses({"two_bits", "--output", "-", "--json"}, "'--output -' and '--json' would both write to standard output");
  refuses({"two_bits", "--json", "--replace"}, "'--replace' is for '--output FILE'");
  refuses({"two_bits", "--output", "two_bits", "--replace"}, "two_bits is what the report would be about");
  refuses({"two_bits", "--output", "two_bits.json"}, "two_bits.json is what the report would be about");
  refuses({"two_bits", "--restart", "constant", "--output", "constant", "--replace"},
          "constant is what the report would be about");
  refuses({"two_bits", "--output", "./"}, "./ is a folder");
  refuses({"two_bits", "--output", "nowhere/report.html"}, "");
  refuses(with_output({"two_bits", "constant", "--restart", "two_bits"}), "'--restart' is for a report on one source");
  refuses(with_output({"empty"}), "empty is empty\n");
  refuses(with_output({"two_bits", "short"}), "short: 4,999 samples are too few");
  refuses(with_output({"."}), ". is a folder");
  refuses(with_output({"nothing"}), "there is no file nothing, and ");
  refuses(with_output({"two_bits", "--bits", "1"}), "sample 0 is ");
  refuses(with_output({"two_bits", "--bits", "9"}), "'--bits 9' is not possible");
  world.files.fail_on("read two_bits", EACCES);
  refuses(with_output({"two_bits"}), "");
}

TEST_F(EntropyReportCommand, AFullDiskLeavesNoHalfReport) {
  for (const char *operation : {"write", "sync", "publish"}) {
    world.files.fail_on(operation, ENOSPC);
    EXPECT_EQ(run({"two_bits", "--output", "report.html"}), 1);
    EXPECT_THAT(world.err.text, HasSubstr("ntpkeygen: error: "));
    EXPECT_TRUE(world.files.has_failed()) << operation;
    EXPECT_EQ(world.files.find("report.html"), nullptr) << operation;
    // No document without the page that was asked for, too.
    EXPECT_EQ(run({"two_bits", "--output", "report.html", "--json"}), 1);
    EXPECT_EQ(world.out.text, "") << operation;
    world.files.forget_faults();
  }
  world.out.broken = true;
  EXPECT_EQ(run({"two_bits", "--output", "report.html", "--json"}), 1);
  EXPECT_EQ(world.files.find("report.html"), nullptr) << "nor a page without the document";
  for (const std::vector<std::string> &to_stdout : {std::vector<std::string>{"--output", "-"}, {"--json"}}) {
    std::vector<std::string> arguments{"two_bits"};
    arguments.insert(arguments.end(), to_stdout.begin(), to_stdout.end());
    EXPECT_EQ(run(arguments), 1);
    EXPECT_THAT(world.err.text, HasSubstr("error: cannot write: it is broken"));
  }
}

TEST_F(EntropyReportCommand, EndsWhenItIsInterrupted) {
  world.control.cancel = true;
  refuses({"two_bits", "--output", "report.html"}, "interrupted");
}

// Which types each member of a JSON document was seen with, by its path.
class MemberTypes {
public:
  void add(const rapidjson::Value &value, const std::string &path, bool is_report) {
    if (!path.empty())
      seen_[path].insert(type_name(value));
    if (is_report && (path == "sources[].assessment" || path == "sources[].restart"))
      return; // documents of their own
    if (value.IsArray())
      for (const auto &element : value.GetArray())
        add(element, path + "[]", is_report);
    if (!value.IsObject())
      return;
    const auto depth = std::ranges::count(path, '.');
    const bool of_rows = path == "rows" || (path.starts_with("rows.") && depth == 1);
    for (const auto &member : value.GetObject()) {
      std::string name = member.name.GetString();
      if (of_rows)
        name = depth == 0 ? "GROUP" : "NAME";
      else if (path == "bitstring" || path == "literal")
        name = "ESTIMATOR";
      else if (path.ends_with(".details"))
        name = "NAME";
      add(member.value, path.empty() ? name : path + "." + name, is_report);
    }
  }
  // As the page has them: "number or null". What is there only to hold other members is not told of.
  [[nodiscard]] std::map<std::string, std::set<std::string>> all() const {
    auto all = seen_;
    for (const char *holder : {"rows.GROUP", "rows.GROUP.NAME", "sources[]", "sources[].health_tests[]"})
      all.erase(holder);
    return all;
  }

private:
  static std::string type_name(const rapidjson::Value &value) {
    return value.IsNull()     ? "null"
           : value.IsBool()   ? "boolean"
           : value.IsNumber() ? "number"
           : value.IsString() ? "string"
           : value.IsArray()  ? "array"
                              : "object";
  }
  std::map<std::string, std::set<std::string>> seen_;
};

// The rows "| `member` | type or null | ..." below the heading of a schema.
std::map<std::string, std::set<std::string>> described_members(const std::string &schema) {
  std::ifstream page(NTPKEYGEN_JSON_PAGE);
  std::map<std::string, std::set<std::string>> members;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## "))
      here = line == "## " + schema;
    if (!here || !line.starts_with("| `"))
      continue;
    const auto name_end = line.find("` | "), type_end = line.find(" |", name_end + 4);
    std::string type = line.substr(name_end + 4, type_end - name_end - 4);
    auto &types = members[line.substr(3, name_end - 3)];
    if (const auto or_null = type.find(" or null"); or_null != std::string::npos) {
      type.erase(or_null);
      types.insert("null");
    }
    types.insert(type);
  }
  return members;
}

void expect_described(const MemberTypes &types, const std::string &schema, const std::set<std::string> &not_made_here) {
  auto described = described_members(schema);
  EXPECT_GT(described.size(), 30U);
  for (const auto &[member, seen] : types.all()) {
    const auto found = described.find(member);
    if (found == described.end()) {
      ADD_FAILURE() << schema << ": " << member << " is not described";
      continue;
    }
    for (const std::string &type : seen)
      EXPECT_TRUE(found->second.contains(type)) << schema << ": " << member << " is of type " << type;
    described.erase(found);
  }
  for (const auto &[member, unused] : described)
    EXPECT_TRUE(not_made_here.contains(member)) << schema << ": there is no " << member;
}

TEST_F(EntropyReportCommand, ItsDocumentsAreDescribed) {
  world.plugins.enroll(plugins::fips140_2::enroll);
  world.files.add_file("restarts", recording("uniform", 1, 1'000'000));
  world.files.add_file("bits", recording("uniform", 1, 100'000));
  world.files.add_file("bits.json", R"({"sample_bits": 1, "nature": "drbg"})");
  MemberTypes reports, assessments;
  const auto add_report = [&](std::vector<std::string> arguments) {
    const auto json = document(std::move(arguments));
    reports.add(json, "", true);
    for (const auto &source : json["sources"].GetArray()) {
      assessments.add(source["assessment"], "", false);
      if (!source["restart"].IsNull())
        assessments.add(source["restart"], "", false);
    }
  };
  add_report({"bits", "--restart", "restarts"});
  add_report({"two_bits", "--iid"});
  add_report({"constant", "noise"});
  const auto add_assessment = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ntpkeygen", "entropy"});
    arguments.emplace_back("--json");
    world.out.text.clear();
    cli::run(arguments, world.environment, linked_commands);
    rapidjson::Document json;
    json.Parse<rapidjson::kParseFullPrecisionFlag>(world.out.text.c_str());
    ASSERT_FALSE(json.HasParseError()) << arguments[2] << world.err.text;
    assessments.add(json, "", false);
  };
  add_assessment({"assess", "two_bits", "--conditioned"});
  add_assessment({"assess", "bits", "--assessment", "fips140-2"});
  add_assessment({"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "256"});
  add_assessment(
      {"conditioning", "--n-in", "512", "--n-out", "256", "--h-in", "256", "--non-vetted", "--h-prime", "0.5"});
  add_assessment({"selftest"});
  expect_described(assessments, "ntpkeygen/entropy-assessment/1",
                   {"row_permutations", "column_permutations", "stuck_check.block_bytes", "stuck_check.alarms"});
  expect_described(reports, "ntpkeygen/entropy-report/1", {});
}

TEST(SampleStatistics, AreThoseOfTheDefinition) {
  test::RecordingControl control;
  const test::Samples samples = test::make_samples("walk", 3, 4, 1000);
  const auto statistics = sample_statistics(samples, 4, control);
  ASSERT_TRUE(statistics);
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / 1000;
  const auto covariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < samples.size(); ++i)
      sum += (samples[i] - mean) * (samples[i - lag] - mean);
    return sum;
  };
  ASSERT_EQ(statistics->autocorrelation.size(), most_lags);
  for (std::size_t lag = 1; lag <= most_lags; ++lag)
    EXPECT_NEAR(statistics->autocorrelation[lag - 1], covariance(lag) / covariance(0), 1e-12) << lag;
  ASSERT_EQ(statistics->histogram.size(), 16U);
  for (std::size_t value = 0; value < 16; ++value)
    EXPECT_EQ(statistics->histogram[value],
              static_cast<std::uint64_t>(std::ranges::count(samples, static_cast<std::uint8_t>(value))));
  EXPECT_THAT(sample_statistics(test::Samples(1000, 7), 3, control)->autocorrelation, IsEmpty());
  control.cancel = true;
  EXPECT_FALSE(sample_statistics(samples, 4, control));
}

} // namespace
} // namespace ntpkeygen::cli
