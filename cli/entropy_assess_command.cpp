#include "cli/entropy_command.hpp"
#include "cli/progress_line.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr const char *default_assessment = "sp800-90b";

constexpr auto option_table = std::to_array<OptionSpec>({
    {"assessment", '\0', "NAME", false, "whose procedures (default: sp800-90b; or fips140-2)"},
    bits_option,
    {"iid", '\0', "", false,
     "test whether the samples are independent and identically\ndistributed, and estimate as if, where they are"},
    {"non-iid", '\0', "", false, "estimate without that condition (the default)"},
    {"conditioned", '\0', "", false, "the samples are a conditioned dataset (SP 800-90B section\n3.1.5.2)"},
    seed_option,
    threads_option,
    verbose_option,
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  if (options.words().size() != 1)
    return failure(ErrorCode::invalid_argument,
                   options.words().empty() ? "which file, or which random source?" : "one file at a time, please",
                   "write 'ntpkeygen entropy assess FILE'");
  const auto bits = read_number<std::uint8_t>(options, "bits", 1, 8);
  if (!bits)
    return failure(bits.error());
  const auto threads = read_threads(options);
  if (!threads)
    return failure(threads.error());
  auto assessment =
      call.environment.plugins.entropy_assessment(options.value("assessment").value_or(default_assessment));
  if (!assessment)
    return failure(std::move(assessment).error());
  if (auto checked = check_unconditioned(options.words().front(), "assessed"); !checked)
    return failure(std::move(checked).error());
  AssessmentReport report;
  report.verbose = options.has("verbose");
  report.assessment = (*assessment)->name();
  std::vector<NamedValue> parameters;
  if (report.assessment == default_assessment) {
    const auto track = read_track(call);
    if (!track)
      return failure(track.error());
    report.procedure = track->name();
    report.seed = track->seed;
    report.conditioned = options.has("conditioned");
    parameters.push_back({"conditioned", report.conditioned ? 1.0 : 0.0});
  } else {
    for (const char *option : {"iid", "non-iid", "conditioned", "seed"})
      if (options.has(option))
        return failure(ErrorCode::invalid_argument,
                       std::string("'--") + option + "' is for the assessment " + default_assessment);
    report.procedure = (*assessment)->procedures().front().name;
  }
  Result<Assessment> result;
  {
    ProgressLine control(call.environment, options.has("quiet"));
    auto input = read_samples(options.words().front(), *bits, samples_to_draw, call.environment, control);
    if (!input)
      return failure(std::move(input).error());
    report.input = std::move(*input);
    auto sha256 = sha256_of(report.input, *threads, call.environment, control);
    AssessmentJob job;
    job.procedure = report.procedure;
    job.samples = report.input.samples;
    job.sample_bits = report.input.bits;
    job.seed = report.seed.value_or(0);
    job.threads = *threads;
    job.parameters = parameters;
    result = (*assessment)->run(job, control);
    report.input.sha256 = sha256.get();
  }
  if (!result)
    return failure(std::move(result).error());
  report.result = std::move(*result);

  if (const std::string alarms = report.input.alarms.in_words(); !alarms.empty())
    call.messages.warning(alarms);
  // Before the other warnings, where programs read it, too.
  put_first(warnings_about(report.input, report.conditioned ? Use::conditioned_dataset : Use::sequential,
                           call.environment.plugins),
            report.result);
  return print_assessment(report, call);
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
      execute};
  return command;
}

} // namespace ntpkeygen::cli
