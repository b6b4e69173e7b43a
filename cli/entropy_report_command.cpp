#include "cli/entropy_command.hpp"
#include "cli/entropy_report.hpp"
#include "cli/file_options.hpp"
#include "cli/ordinary_memory.hpp"
#include "cli/progress_line.hpp"
#include "ntpkeygen/host/ntp_time.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto alpha_exponents = std::to_array<unsigned>({20, usual_alpha_exponent, 40});
#ifdef __clang__
constexpr const char *compiler = "Clang " __clang_version__;
#else
constexpr const char *compiler = "GCC " __VERSION__;
#endif

constexpr auto option_table = std::to_array<OptionSpec>({
    {"output", '\0', "FILE", false, "write the report as an HTML page; '-': to standard output"},
    replace_option,
    {"restart", '\0', "FILE", false, "restart data of the source: 1000 samples after each of\n1000 restarts"},
    {"claim", '\0', "H", false,
     "what is claimed for the source, bits a sample: the lower of\nit and the assessment is the initial estimate"},
    bits_option,
    {"iid", '\0', "", false, "as for 'entropy assess'"},
    {"non-iid", '\0', "", false, "as for 'entropy assess' (the default)"},
    {"conditioned", '\0', "", false, "as for 'entropy assess'"},
    seed_option,
    threads_option,
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

struct Options {
  std::vector<std::string> names{};
  std::optional<std::string> output{}, restart{};
  bool replace = false, json = false, conditioned = false;
  std::optional<std::uint8_t> bits{};
  Track track{};
  unsigned threads = 1;
  std::optional<double> claim{};

  [[nodiscard]] bool to_stdout() const { return output && *output == "-"; }
};

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

// A report must not take the place of what it is about.
Result<void> check_output(const Options &options, Host &host) {
  if (!options.output || options.to_stdout())
    return {};
  std::vector<std::string> inputs = options.names;
  if (options.restart)
    inputs.push_back(*options.restart);
  for (const std::string &input : inputs)
    for (const std::string &file : {input, input + ".json"})
      if (host.absolute(file) == host.absolute(*options.output))
        return invalid(*options.output + " is what the report would be about", "choose another name for the report");
  return {};
}

Result<Options> read_options(const Invocation &call) {
  const ParsedOptions &parsed = call.options;
  Options options;
  options.names = parsed.words();
  if (options.names.empty())
    return invalid("which files, or which random sources?", "write 'ntpkeygen entropy report FILE --output FILE.html'");
  options.output = parsed.value("output");
  options.json = parsed.has("json");
  if (!options.output && !options.json)
    return invalid("where does the report go?", "'--output FILE.html' writes a page, '--json' prints a document");
  if (options.to_stdout() && options.json)
    return invalid("'--output -' and '--json' would both write to standard output", "give one of them");
  options.replace = parsed.has("replace");
  if (options.replace && (!options.output || options.to_stdout()))
    return invalid("'--replace' is for '--output FILE'");
  options.restart = parsed.value("restart");
  if (options.restart && options.names.size() != 1)
    return invalid("'--restart' is for a report on one source", "make a report for each");
  options.conditioned = parsed.has("conditioned");
  const auto claim = read_real(parsed, "claim", 0, 8);
  if (!claim)
    return failure(claim.error());
  options.claim = *claim;
  if (options.claim && options.names.size() != 1)
    return invalid("'--claim' is for a report on one source", "make a report for each");
  const auto bits = read_number<std::uint8_t>(parsed, "bits", 1, 8);
  if (!bits)
    return failure(bits.error());
  options.bits = *bits;
  const auto threads = read_threads(parsed);
  if (!threads)
    return failure(threads.error());
  options.threads = *threads;
  auto track = read_track(call);
  if (!track)
    return failure(std::move(track).error());
  options.track = *track;
  if (auto checked = check_output(options, call.environment.host); !checked)
    return failure(std::move(checked).error());
  return options;
}

AssessmentJob job_for(const Options &options, const AssessmentReport &report, std::span<const NamedValue> parameters) {
  AssessmentJob job;
  job.procedure = report.procedure;
  job.samples = report.input.samples;
  job.sample_bits = report.input.bits;
  job.seed = options.track.seed.value_or(0);
  job.threads = options.threads;
  job.parameters = parameters;
  return job;
}

// What the source itself, or the description of the recording, says.
void describe(SourceReport &source, Environment &environment) {
  const SamplesInput &input = source.assessment.input;
  if (!input.from_source) {
    source.provenance = input.provenance;
    if (source.provenance)
      source.nature = source.provenance->nature.value_or("");
  } else if (const auto provider = environment.plugins.random_source(input.name.substr(0, input.name.find(':')))) {
    source.nature = nature_name((*provider)->info().nature);
    source.summary = (*provider)->info().summary;
  }
  const Use use = source.assessment.conditioned ? Use::conditioned_dataset : Use::sequential;
  source.caution = caution_of(input, use, environment.plugins);
  put_first(warnings_about(input, use, environment.plugins), source.assessment.result);
}

Result<void> add_restart_test(SourceReport &source, SamplesInput data, const Options &options,
                              const EntropyAssessment &assessment, Environment &environment, RunControl &control) {
  source.no_restart = "No restart test was given.";
  if (!options.restart)
    return {};
  const auto h_i = source.initial_estimate();
  if (!h_i) {
    source.no_restart = "The restart data was not tested: there is no initial entropy estimate to hold it against.";
    return {};
  }
  AssessmentReport restart;
  restart.assessment = source.assessment.assessment;
  restart.procedure = "restart";
  restart.seed = options.track.seed;
  restart.input = std::move(data);
  auto sha256 = sha256_of(restart.input, options.threads, environment, control);
  const auto parameters = std::to_array<NamedValue>({{"h_i", *h_i}, {"iid", options.track.iid ? 1.0 : 0.0}});
  auto result = assessment.run(job_for(options, restart, parameters), control);
  if (!result)
    return failure(std::move(result).error());
  restart.input.sha256 = sha256.get();
  restart.result = std::move(*result);
  std::vector<std::string> warnings = warnings_about(restart.input, Use::restart_data, environment.plugins);
  if (restart.input.samples == source.assessment.input.samples)
    warnings.push_back(same_samples(restart.input, source.assessment.input));
  put_first(std::move(warnings), restart.result);
  source.restart = std::move(restart);
  return {};
}

void add_health_cutoffs(SourceReport &source) {
  const auto min_entropy = source.min_entropy();
  if (!min_entropy || !caution_about(source.nature).empty()) // a generator's are no noise to be watched
    return;
  for (const unsigned alpha_exponent : alpha_exponents)
    if (auto cutoffs = health_cutoffs(*min_entropy, source.assessment.input.bits, alpha_exponent))
      source.health_cutoffs.push_back(*cutoffs);
}

Result<SourceReport> report_on(const std::string &name, const Options &options, const EntropyAssessment &assessment,
                               Environment &environment, RunControl &control) {
  SourceReport source;
  AssessmentReport &report = source.assessment;
  report.assessment = assessment.name();
  report.procedure = options.track.name();
  report.seed = options.track.seed;
  auto input = read_samples(name, options.bits, samples_to_draw, environment, control);
  if (!input)
    return failure(std::move(input).error());
  report.input = std::move(*input);
  SamplesInput restart_data;
  if (options.restart) { // looked at before minutes are spent
    auto data = read_recording(*options.restart, report.input.bits, environment, control);
    if (!data)
      return failure(std::move(data).error());
    restart_data = std::move(*data);
  }
  auto sha256 = sha256_of(report.input, options.threads, environment, control);
  report.conditioned = options.conditioned;
  source.claim = options.claim;
  std::vector<NamedValue> parameters;
  if (options.conditioned)
    parameters.push_back({"conditioned", 1});
  auto result = assessment.run(job_for(options, report, parameters), control);
  if (!result) {
    Error error = std::move(result).error();
    if (options.names.size() > 1)
      error.message = name + ": " + error.message;
    return failure(std::move(error));
  }
  report.result = std::move(*result);
  report.input.sha256 = sha256.get();
  auto statistics = sample_statistics(report.input.samples, report.input.bits, control);
  if (!statistics)
    return failure(std::move(statistics).error());
  source.statistics = std::move(*statistics);
  describe(source, environment);
  if (auto tested = add_restart_test(source, std::move(restart_data), options, assessment, environment, control);
      !tested)
    return failure(std::move(tested).error());
  add_health_cutoffs(source);
  report.input.samples = {}; // those of the next source may be as many
  return source;
}

Result<Publisher> open_destination(const Options &options, Environment &environment) {
  Destination destination;
  SplitPath output = split_path(*options.output);
  destination.folder = std::move(output.folder);
  destination.exact_name = std::move(output.name);
  destination.replace = options.replace;
  if (destination.exact_name.empty())
    return invalid(*options.output + " is a folder", "name the file that is to be made in it");
  return Publisher::open(environment.files, destination, environment.host.effective_user());
}

// For everybody to read: it is made to be handed in, and holds no sample.
Result<void> publish(const Options &options, const Publisher &publisher, const EntropyReport &report,
                     const Invocation &call) {
  const std::string page = report_html(report);
  constexpr std::uint32_t usual_mode = 0644;
  Permissions permissions;
  const auto &replaced = publisher.replaced();
  permissions.mode = replaced && replaced->trusted ? replaced->status.mode : usual_mode;
  OrdinaryMemory memory;
  const auto render = [&](const std::string &) -> Result<SecretText> {
    if (call.environment.control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted: nothing was written");
    return SecretText(memory, std::as_bytes(std::span(page)));
  };
  const auto print = [&](const Published &) {
    return options.json ? call.environment.out.write(report_json(report)) : Result<void>();
  };
  const auto published =
      publisher.publish(permissions, filestamp(call.environment.clock.unix_seconds()), render, print);
  if (!published)
    return failure(published.error());
  call.messages.tell_of_finished_work([&] {
    call.messages.notice(*options.output + " has the report on " + counted(options.names.size(), "source"));
    if (published->kept_as)
      call.messages.notice("the old file is kept as " +
                           path_in(split_path(*options.output).folder, *published->kept_as));
  });
  return {};
}

Result<int> execute(const Invocation &call) {
  Environment &environment = call.environment;
  auto options = read_options(call);
  if (!options)
    return failure(std::move(options).error());
  auto assessment = environment.plugins.entropy_assessment("sp800-90b");
  if (!assessment)
    return failure(std::move(assessment).error());
  std::optional<Publisher> publisher;
  if (options->output && !options->to_stdout()) {
    auto opened = open_destination(*options, environment);
    if (!opened)
      return failure(std::move(opened).error());
    publisher = std::move(*opened);
  }
  EntropyReport report;
  report.date = environment.clock.local_date(environment.clock.unix_seconds());
  report.version = NTPKEYGEN_VERSION;
  report.compiler = compiler;
  report.machine = this_machine(environment.files);
  report.threads = options->threads;
  {
    for (const std::string &name : options->names)
      if (auto found = find_samples(name, environment); !found)
        return failure(std::move(found).error());
    ProgressLine control(environment, call.options.has("quiet"));
    for (const std::string &name : options->names) {
      auto source = report_on(name, *options, **assessment, environment, control);
      if (!source)
        return failure(std::move(source).error());
      report.sources.push_back(std::move(*source));
    }
  }
  for (const SourceReport &source : report.sources) {
    const std::string whose = source.assessment.input.name + ": ";
    if (const std::string alarms = source.assessment.input.alarms.in_words(); !alarms.empty())
      call.messages.warning(whose + alarms);
    for (const std::string &warning : source.assessment.result.warnings)
      call.messages.warning(whose + warning);
    if (!source.restart)
      continue;
    if (source.restart_failed())
      call.messages.warning(whose + restart_failure);
    for (const std::string &warning : source.restart->result.warnings)
      call.messages.warning(source.restart->input.name + ": " + warning);
  }
  const Result<void> written = publisher              ? publish(*options, *publisher, report, call)
                               : options->to_stdout() ? environment.out.write(report_html(report))
                                                      : environment.out.write(report_json(report));
  return written ? Result<int>(0) : failure(std::move(written).error());
}

} // namespace

const Command &entropy_report_command() {
  static const Command command{
      {.name = "entropy report",
       .synopsis = "entropy report FILE|SOURCE... --output FILE.html [options]",
       .summary = "Assess samples as 'entropy assess' does, and write a report that can be handed\n"
                  "in: one HTML page with every estimate, pictures, cutoffs for health tests and\n"
                  "what the numbers cannot show.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "examples:\n"
                   "  ntpkeygen entropy report noise.bin --restart restarts.bin --output noise.html\n"
                   "  ntpkeygen entropy report system --json\n"
                   "\nexit status: 0 when the report was made, whatever it says; else 1\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
