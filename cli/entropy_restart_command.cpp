#include "cli/entropy_command.hpp"
#include "cli/progress_line.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr std::size_t restart_samples = 1'000'000; // SP 800-90B section 3.1.4.1

constexpr auto option_table = std::to_array<OptionSpec>({
    {"initial-entropy", '\0', "H", false,
     "the initial entropy estimate of a sample, in bits: what 'entropy\nassess' says of a sequential recording"},
    {"sequential", '\0', "FILE", false,
     "assess this sequential recording to have that estimate\n(default: the restart data itself, restart after "
     "restart)"},
    bits_option,
    {"iid", '\0', "", false,
     "the estimate is for samples that are independent and\nidentically distributed: test that"},
    {"non-iid", '\0', "", false, "it is not (the default)"},
    seed_option,
    threads_option,
    verbose_option,
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

struct Options {
  std::optional<double> initial_entropy{};
  std::optional<std::string> sequential{};
  std::optional<std::uint8_t> bits{};
  Track track{};
  unsigned threads = 1;
};

Result<Options> read_options(const Invocation &call) {
  const ParsedOptions &parsed = call.options;
  if (parsed.words().size() != 1)
    return failure(ErrorCode::invalid_argument, parsed.words().empty() ? "which file?" : "one file at a time, please",
                   "write 'ntpkeygen entropy restart FILE'");
  Options options;
  const auto bits = read_number<std::uint8_t>(parsed, "bits", 1, 8);
  if (!bits)
    return failure(bits.error());
  options.bits = *bits;
  const auto entropy = read_real(parsed, "initial-entropy", 0, 8);
  if (!entropy)
    return failure(entropy.error());
  options.initial_entropy = *entropy;
  options.sequential = parsed.value("sequential");
  if (options.initial_entropy && options.sequential)
    return failure(ErrorCode::invalid_argument, "'--initial-entropy' and '--sequential' exclude each other",
                   "give one of them");
  const auto threads = read_threads(parsed);
  if (!threads)
    return failure(threads.error());
  options.threads = *threads;
  auto track = read_track(call);
  if (!track)
    return failure(std::move(track).error());
  options.track = *track;
  return options;
}

AssessmentJob job_for(const Options &options, const char *procedure, const SamplesInput &input) {
  AssessmentJob job;
  job.procedure = procedure;
  job.samples = input.samples;
  job.sample_bits = input.bits;
  job.seed = options.track.seed.value_or(0);
  job.threads = options.threads;
  return job;
}

// The initial entropy estimate H_I of section 3.1.3, from a sequential dataset.
Result<double> initial_entropy(const Options &options, const SamplesInput &input, const EntropyAssessment &assessment,
                               RunControl &control, std::vector<std::string> &warnings) {
  auto result = assessment.run(job_for(options, options.track.name(), input), control);
  if (!result)
    return failure(std::move(result).error());
  for (const std::string &warning : result->warnings)
    warnings.push_back(input.name + ": " + warning);
  if (!result->min_entropy)
    return failure(ErrorCode::invalid_argument,
                   "there is no initial entropy estimate: " + input.name + " failed the tests of the track '" +
                       options.track.name() + "'",
                   "leave out '--iid'");
  return *result->min_entropy;
}

// The names are those of SP 800-90B section 3.1.4.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> explained{{
    {"x_r", "times that a restart's most frequent sample occurs, at most"},
    {"x_c", "the same for what stands at one place in all restarts"},
    {"x_cutoff", "most times that pass"},
    {"x_max", "the larger one of x_r and x_c"},
    {"alpha", "chance that a good source has more"},
    {"h_i", "the initial entropy estimate, bits a sample"},
    {"h_r", "the estimate of the rows: restart after restart"},
    {"h_c", "the estimate of the columns: all first samples, all second ones, ..."},
}};

Result<int> execute(const Invocation &call) {
  auto options = read_options(call);
  if (!options)
    return failure(std::move(options).error());
  auto assessment = call.environment.plugins.entropy_assessment("sp800-90b");
  if (!assessment)
    return failure(std::move(assessment).error());
  AssessmentReport report;
  report.verbose = call.options.has("verbose");
  report.assessment = (*assessment)->name();
  report.procedure = "restart";
  report.words = explained;
  report.seed = options->track.seed;
  Result<Assessment> result;
  std::vector<std::string> warnings;
  {
    ProgressLine control(call.environment, call.options.has("quiet"));
    auto input = read_recording(call.options.words().front(), options->bits, call.environment, control);
    if (!input)
      return failure(std::move(input).error());
    report.input = std::move(*input);
    auto sha256 = sha256_of(report.input, options->threads, call.environment, control);
    auto parameters = std::to_array<NamedValue>(
        {{"h_i", options->initial_entropy.value_or(0)}, {"iid", options->track.iid ? 1.0 : 0.0}});
    AssessmentJob job = job_for(*options, "restart", report.input);
    job.parameters = parameters;
    // Other data is refused below, and need not be assessed before.
    if (!options->initial_entropy && report.input.samples.size() == restart_samples) {
      std::optional<SamplesInput> sequential;
      if (options->sequential) {
        auto other = read_recording(*options->sequential, options->bits, call.environment, control);
        if (!other)
          return failure(std::move(other).error());
        if (other->bits != report.input.bits)
          return failure(ErrorCode::invalid_argument,
                         report.input.name + " has samples of " + counted(report.input.bits, "bit") + ", and " +
                             other->name + " of " + counted(other->bits, "bit"),
                         "'--bits N' gives the width of both");
        sequential = std::move(*other);
        for (const std::string &warning : warnings_about(*sequential, Use::sequential, call.environment.plugins))
          warnings.push_back(sequential->name + ": " + warning);
        if (sequential->samples == report.input.samples)
          warnings.push_back(same_samples(report.input, *sequential));
      } else {
        warnings.emplace_back("the initial entropy is that of the restart data itself, which then has to pass only its "
                              "own measure: SP 800-90B section 3.1.3 takes it from a sequential recording, which "
                              "'--sequential FILE' assesses");
      }
      auto estimated =
          initial_entropy(*options, sequential ? *sequential : report.input, **assessment, control, warnings);
      if (!estimated)
        return failure(std::move(estimated).error());
      parameters.front().value = *estimated;
    }
    result = (*assessment)->run(job, control);
    report.input.sha256 = sha256.get();
  }
  if (!result)
    return failure(std::move(result).error());
  report.result = std::move(*result);
  put_first(std::move(warnings), report.result);
  put_first(warnings_about(report.input, Use::restart_data, call.environment.plugins), report.result);
  return print_assessment(report, call);
}

} // namespace

const Command &entropy_restart_command() {
  static const Command command{
      {.name = "entropy restart",
       .synopsis = "entropy restart FILE [options]",
       .summary = "The restart tests of NIST SP 800-90B section 3.1.4: FILE holds the first 1000\n"
                  "samples after each of 1000 restarts of a noise source, one sample a byte, one\n"
                  "restart after another.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "exit status: 0; 1 when the tests were failed; 2 when there is no result\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
