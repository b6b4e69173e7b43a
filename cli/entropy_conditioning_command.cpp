#include "cli/entropy_command.hpp"
#include "cli/progress_line.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr double most_bits = 4294967295.0;

constexpr auto option_table = std::to_array<OptionSpec>({
    {"n-in", '\0', "N", false, "bits of an input block"},
    {"n-out", '\0', "N", false, "bits of an output block"},
    {"nw", '\0', "N", false, "bits at the narrowest place inside the component (default:\nn-out)"},
    {"h-in", '\0', "H", false, "the entropy of an input block, in bits"},
    {"non-vetted", '\0', "", false,
     "the component is not in the list of section 3.1.5.1.1: its\noutput has to be assessed, too"},
    {"h-prime", '\0', "H", false, "what that was assessed at, for each bit of the output, 0 to 1"},
    {"bits", '\0', "N", false,
     "the width of a sample of FILE, 1 to 8 (default: what\nFILE.json says, or as many as the largest sample has)"},
    threads_option,
    verbose_option,
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

Result<double> needed(const ParsedOptions &options, std::string_view name, bool whole) {
  if (whole) {
    const auto number = read_number<std::uint32_t>(options, name, 1, static_cast<std::uint32_t>(most_bits));
    if (!number)
      return failure(number.error());
    if (*number)
      return **number;
  } else {
    const auto number = read_real(options, name, 0, most_bits);
    if (!number)
      return failure(number.error());
    if (*number)
      return **number;
  }
  return failure(ErrorCode::invalid_argument, "'--" + std::string(name) + "' is missing",
                 "'ntpkeygen entropy conditioning --help' tells what it is");
}

struct Options {
  std::optional<std::uint8_t> bits{};
  unsigned threads = 1;
};

// The entropy of a bit of a conditioned dataset (section 3.1.5.2). What is said of it goes into `report`.
Result<double> assessed_output(const std::string &file, const Options &options, const EntropyAssessment &assessment,
                               const Invocation &call, AssessmentReport &report) {
  ProgressLine control(call.environment, call.options.has("quiet"));
  auto input = read_recording(file, options.bits, call.environment, control);
  if (!input)
    return failure(std::move(input).error());
  report.input = std::move(*input);
  auto sha256 = sha256_of(report.input, options.threads, call.environment, control);
  const std::array parameters{NamedValue{"conditioned", 1}};
  AssessmentJob job;
  job.procedure = "non-iid";
  job.samples = report.input.samples;
  job.sample_bits = report.input.bits;
  job.threads = options.threads;
  job.parameters = parameters;
  auto result = assessment.run(job, control);
  if (!result)
    return failure(std::move(result).error());
  report.input.sha256 = sha256.get();
  for (const std::string &warning : warnings_about(report.input, Use::conditioned_output, call.environment.plugins))
    report.result.warnings.push_back(file + ": " + warning);
  report.result.symbols = result->symbols;
  for (const std::string &warning : result->warnings)
    report.result.warnings.push_back(file + ": " + warning);
  for (const NamedValue &figure : result->figures)
    if (figure.name == "h_bitstring" && figure.value > 0)
      return figure.value;
  return failure(ErrorCode::invalid_argument, file + " has no entropy, so that nor has the component's output");
}

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  const bool vetted = !options.has("non-vetted");
  if (options.words().size() > 1)
    return failure(ErrorCode::invalid_argument, "one file at a time, please",
                   "numbers are options: '--n-in N --n-out N --h-in H'");
  if (vetted && (options.has("h-prime") || !options.words().empty()))
    return failure(ErrorCode::invalid_argument,
                   "the output of a vetted conditioning component is not assessed: '--h-prime' and FILE are for "
                   "'--non-vetted'",
                   "leave them out, or add '--non-vetted'");
  if (!vetted && options.has("h-prime") == !options.words().empty())
    return failure(ErrorCode::invalid_argument,
                   options.has("h-prime") ? "'--h-prime' and FILE exclude each other"
                                          : "what is the output assessed at?",
                   "give '--h-prime H', or a recording of the output, which is assessed then");

  const auto bits = read_number<std::uint8_t>(options, "bits", 1, 8);
  if (!bits)
    return failure(bits.error());
  if (*bits && options.words().empty())
    return failure(ErrorCode::invalid_argument, "'--bits' is for FILE, and there is none", "leave it out");
  const auto threads = read_threads(options);
  if (!threads)
    return failure(threads.error());

  std::vector<NamedValue> parameters{{"vetted", vetted ? 1.0 : 0.0}};
  for (const auto &[option, parameter] :
       {std::pair{"n-in", "n_in"}, {"n-out", "n_out"}, {"nw", "nw"}, {"h-in", "h_in"}}) {
    const bool left_out = std::string_view(option) == "nw" && !options.has(option);
    const auto value = needed(options, left_out ? "n-out" : option, std::string_view(option) != "h-in");
    if (!value)
      return failure(value.error());
    parameters.push_back({parameter, *value});
  }
  auto assessment = call.environment.plugins.entropy_assessment("sp800-90b");
  if (!assessment)
    return failure(std::move(assessment).error());
  AssessmentReport report;
  if (!vetted) {
    const auto h_prime = options.has("h-prime")
                             ? needed(options, "h-prime", false)
                             : assessed_output(options.words().front(), {*bits, *threads}, **assessment, call, report);
    if (!h_prime)
      return failure(h_prime.error());
    parameters.push_back({"h_prime", *h_prime});
  }

  report.verbose = options.has("verbose");
  report.assessment = (*assessment)->name();
  report.procedure = "conditioning";
  AssessmentJob job;
  job.procedure = report.procedure;
  job.parameters = parameters;
  auto result = (*assessment)->run(job, call.environment.control);
  if (!result)
    return failure(std::move(result).error());
  result->symbols = report.result.symbols;
  result->warnings.insert(result->warnings.begin(), report.result.warnings.begin(), report.result.warnings.end());
  report.result = std::move(*result);
  return print_assessment(report, call);
}

} // namespace

const Command &entropy_conditioning_command() {
  static const Command command{
      {.name = "entropy conditioning",
       .synopsis = "entropy conditioning --n-in N --n-out N --h-in H [FILE] [options]",
       .summary = "How much entropy the output of a conditioning component has, as NIST SP 800-90B\n"
                  "section 3.1.5 says. Of a component that is not vetted, FILE is a recording of the\n"
                  "output.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "example:\n"
                   "  ntpkeygen entropy conditioning --n-in 512 --n-out 256 --h-in 320\n"
                   "\nexit status: 0; 2 when there is no result\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
