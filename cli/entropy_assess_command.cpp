#include "cli/assessment_report.hpp"
#include "cli/command.hpp"
#include "cli/progress_line.hpp"
#include "ntpkeygen/host/numbers.hpp"

#include <array>
#include <limits>
#include <thread>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t drawn_samples = 1'000'000; // SP 800-90B section 3.1.1
constexpr unsigned most_threads = 1024;

constexpr auto option_table = std::to_array<OptionSpec>({
    {"bits", '\0', "N", false, "the width of a sample, 1 to 8 (default: as many as the\nlargest sample has)"},
    {"iid", '\0', "", false,
     "test whether the samples are independent and identically\ndistributed, and estimate as if, where they are"},
    {"non-iid", '\0', "", false, "estimate without that condition (the default)"},
    {"conditioned", '\0', "", false, "the samples are a conditioned dataset (SP 800-90B section\n3.1.5.2)"},
    {"seed", '\0', "N", false, "make the same permutations as a run that printed this seed"},
    {"threads", '\0', "N", false, "compute on so many processors (default: all)"},
    {"verbose", '\0', "", false, "print intermediate values, too"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

template <class Number> Result<std::optional<Number>> read_number(const ParsedOptions &options, std::string_view name,
                                                                  Number least, Number most) {
  const auto typed = options.value(name);
  if (!typed)
    return std::nullopt;
  const auto number = parse_number<Number>(*typed);
  if (!number || *number < least || *number > most)
    return failure(ErrorCode::invalid_argument, "'--" + std::string(name) + " " + *typed + "' is not possible",
                   "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

std::string_view nature_in_words(SourceNature nature) {
  switch (nature) {
  case SourceNature::os:
    return "the operating system's generator";
  case SourceNature::drbg:
    return "a deterministic generator";
  case SourceNature::hardware:
    return "a device that conditions its noise";
  case SourceNature::raw_noise:
  case SourceNature::replay:
    break;
  }
  return {};
}

// A seed that every JSON reader keeps: below 2^48.
Result<std::uint64_t> draw_seed(Environment &environment) {
  auto provider = environment.plugins.random_source("system");
  if (!provider)
    return failure(std::move(provider).error());
  auto source = (*provider)->open("");
  if (!source)
    return failure(std::move(source).error());
  std::array<std::byte, 6> bytes{};
  if (auto filled = (*source)->fill(bytes, environment.control); !filled)
    return failure(std::move(filled).error());
  std::uint64_t seed = 0;
  for (const std::byte byte : bytes)
    seed = seed << 8 | std::to_integer<std::uint64_t>(byte);
  return seed;
}

// What a user is not to conclude from high figures.
void warn_of_conditioned_output(const SamplesInput &input, const Invocation &call) {
  if (!input.from_source)
    return;
  const auto provider = call.environment.plugins.random_source(input.name.substr(0, input.name.find(':')));
  if (!provider)
    return;
  if (const std::string_view nature = nature_in_words((*provider)->info().nature); !nature.empty())
    call.messages.warning("these samples come out of " + std::string(nature) +
                          ": whatever they are assessed at, it says nothing about the noise behind it");
}

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  if (options.words().size() != 1)
    return failure(ErrorCode::invalid_argument,
                   options.words().empty() ? "which file, or which random source?" : "one file at a time, please",
                   "write 'ntpkeygen entropy assess FILE'");
  const auto bits = read_number<std::uint8_t>(options, "bits", 1, 8);
  if (!bits)
    return failure(bits.error());
  const auto threads = read_number<unsigned>(options, "threads", 1, most_threads);
  if (!threads)
    return failure(threads.error());

  const bool iid = options.has("iid");
  if (iid && options.has("non-iid"))
    return failure(ErrorCode::invalid_argument, "'--iid' and '--non-iid' exclude each other", "give one of them");
  const auto seed = read_number<std::uint64_t>(options, "seed", 0, std::numeric_limits<std::uint64_t>::max());
  if (!seed)
    return failure(seed.error());
  if (*seed && !iid)
    return failure(ErrorCode::invalid_argument, "'--seed' is for '--iid': nothing else draws anything",
                   "leave it out, or add '--iid'");

  AssessmentReport report;
  report.verbose = options.has("verbose");
  report.procedure = iid ? "iid" : "non-iid";
  report.seed = *seed;
  if (iid && !report.seed) {
    auto drawn = draw_seed(call.environment);
    if (!drawn)
      return failure(std::move(drawn).error());
    report.seed = *drawn;
  }
  auto assessment = call.environment.plugins.entropy_assessment("sp800-90b");
  if (!assessment)
    return failure(std::move(assessment).error());
  report.assessment = (*assessment)->name();
  Result<Assessment> result;
  {
    ProgressLine control(call.environment, options.has("quiet"));
    auto input = read_samples(options.words().front(), *bits, drawn_samples, call.environment, control);
    if (!input)
      return failure(std::move(input).error());
    report.input = std::move(*input);
    const std::array parameters{NamedValue{"conditioned", options.has("conditioned") ? 1.0 : 0.0}};
    AssessmentJob job;
    job.procedure = report.procedure;
    job.samples = report.input.samples;
    job.sample_bits = report.input.bits;
    job.seed = report.seed.value_or(0);
    job.threads = threads->value_or(std::max(std::thread::hardware_concurrency(), 1U));
    job.parameters = parameters;
    result = (*assessment)->run(job, control);
  }
  if (!result)
    return failure(std::move(result).error());
  report.result = std::move(*result);

  warn_of_conditioned_output(report.input, call);
  for (const std::string &warning : report.result.warnings)
    call.messages.warning(warning);
  auto written = call.environment.out.write(options.has("json") ? assessment_json(report) : assessment_table(report));
  if (!written)
    return failure(std::move(written).error());
  return report.result.verdict == Verdict::fail ? 1 : 0;
}

} // namespace

const Command &entropy_assess_command() {
  static const Command command{
      {.name = "entropy assess",
       .synopsis = "entropy assess FILE|SOURCE [options]",
       .summary = "Estimate the min-entropy of samples of a noise source as NIST SP 800-90B says:\n"
                  "of a recording with one sample a byte, or of 1,000,000 samples that are drawn\n"
                  "from a random source.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "exit status: 0; 1 when the samples failed a test; 2 when they could not be assessed\n"},
      execute,
      2};
  return command;
}

} // namespace ntpkeygen::cli
