#include "cli/entropy_command.hpp"
#include "cli/foreign_text.hpp"
#include "cli/json.hpp"
#include "cli/progress_line.hpp"
#include "cli/provenance.hpp"
#include "cli/shell_words.hpp"
#include "cli/source_alarms.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t usual_samples = 1'000'000;      // of one run, SP 800-90B section 3.1.1
constexpr std::uint64_t usual_row = 1'000;              // of one restart, section 3.1.4.1
constexpr std::uint64_t most_samples = 1'000'000'000;   // a gigabyte
constexpr std::size_t at_once = std::size_t{16} * 1024; // a slow source still tells how far it is
constexpr std::size_t digest_bytes = 32;

constexpr auto option_table = std::to_array<OptionSpec>({
    {"samples", '\0', "N", false, "how many; with --restarts, after each of them\n(default: 1000000, or 1000)"},
    {"output", '\0', "FILE", false, "write this file, and its description FILE.json"},
    {"restarts", '\0', "R", false, "open the source anew R times, and record the first\nsamples of each: a row"},
    {"min-entropy", '\0', "H", false,
     "what the health tests take for claimed, in bits per\nsample (default: the source's claim)"},
    plugin_dir_option,
    quiet_option,
    version_option,
    help_option,
});

struct Options {
  std::string source{}, output{};
  std::uint64_t samples = 0, restarts = 0; // of one row; 0: no restarts, one row
  std::optional<double> min_entropy{};

  [[nodiscard]] std::uint64_t rows() const { return std::max<std::uint64_t>(restarts, 1); }
};

Result<Options> read_options(const ParsedOptions &parsed) {
  Options options;
  if (parsed.words().size() != 1)
    return failure(ErrorCode::invalid_argument,
                   parsed.words().empty() ? "which source?" : "one source at a time, please",
                   "'ntpkeygen entropy list' lists them");
  options.source = parsed.words().front();
  const auto output = parsed.value("output");
  if (!output || output->empty() || *output == "-")
    return failure(ErrorCode::invalid_argument, "where to? '--output FILE' is missing",
                   "samples are written to a file, with a description beside it");
  options.output = *output;
  auto restarts = read_number<std::uint64_t>(parsed, "restarts", 1, 1'000'000);
  if (!restarts)
    return failure(std::move(restarts).error());
  options.restarts = restarts->value_or(0);
  auto samples = read_number<std::uint64_t>(parsed, "samples", 1, most_samples / options.rows());
  if (!samples)
    return failure(std::move(samples).error());
  options.samples = samples->value_or(options.restarts == 0 ? usual_samples : usual_row);
  auto min_entropy = read_real(parsed, "min-entropy", 0, 8);
  if (!min_entropy)
    return failure(std::move(min_entropy).error());
  options.min_entropy = *min_entropy;
  return options;
}

struct Recording {
  std::uint8_t bits = 8;
  std::optional<double> claimed{}; // by the source
  SourceAlarms alarms{};
  std::string sha256{};
};

// One row: the samples behind one opening of the source, handed on as they come.
class Recorder {
public:
  Recorder(const Options &options, const RandomSourceProvider &provider, std::string argument, Mac &digest,
           NewFile &file, RunControl &control)
      : options_(options), provider_(provider), argument_(std::move(argument)), digest_(digest), file_(file),
        control_(control) {
    recording_.alarms = SourceAlarms::of(provider.info().nature);
  }

  Result<Recording> record() {
    for (std::uint64_t row = 0; row < options_.rows(); ++row) {
      Result<void> done = provider_.info().nature == SourceNature::raw_noise ? noise_row() : random_row();
      if (!done)
        return failure(of_recording(std::move(done).error()));
    }
    std::array<std::byte, digest_bytes> digest{};
    if (const auto finished = digest_.finish(digest); !finished)
      return failure(finished.error());
    recording_.sha256.resize(2 * digest.size());
    hex::encode(digest, reinterpret_cast<std::byte *>(recording_.sha256.data()));
    return std::move(recording_);
  }

private:
  Result<void> noise_row() {
    auto noise = provider_.open_noise(argument_);
    if (!noise)
      return failure(std::move(noise).error());
    recording_.bits = (*noise)->sample_bits();
    recording_.claimed = (*noise)->claimed_min_entropy();
    if (!recording_.alarms.health) {
      auto alarms = SourceAlarms::of_noise(options_.min_entropy.value_or(*recording_.claimed), recording_.bits);
      if (!alarms)
        return failure(std::move(alarms).error());
      recording_.alarms = *std::move(alarms);
    }
    return row([&](std::span<std::uint8_t> samples) { return (*noise)->sample(samples, control_); });
  }

  Result<void> random_row() {
    auto source = provider_.open(argument_);
    if (!source)
      return failure(std::move(source).error());
    return row(
        [&](std::span<std::uint8_t> samples) { return (*source)->fill(std::as_writable_bytes(samples), control_); });
  }

  template <class Draw> Result<void> row(Draw &&draw) {
    SourceWatch watch(recording_.alarms);
    for (std::uint64_t left = options_.samples; left > 0;) {
      if (control_.cancelled())
        return failure(Error{ErrorCode::cancelled});
      const std::span<std::uint8_t> part =
          std::span(buffer_).first(static_cast<std::size_t>(std::min<std::uint64_t>(left, at_once)));
      Result<void> done = draw(part).and_then([&] { return digest_.update(std::as_bytes(part)); }).and_then([&] {
        return file_.write(std::as_bytes(part));
      });
      if (!done)
        return done;
      watch.see(part);
      left -= part.size();
      recorded_ += part.size();
      control_.progress("recording", recorded_, options_.samples * options_.rows());
    }
    return {};
  }

  // What an error of one row means for all of it.
  [[nodiscard]] Error of_recording(Error error) const {
    if (error.code == ErrorCode::cancelled)
      error = {ErrorCode::cancelled, 0, "interrupted: nothing was written", {}};
    else if (recorded_ > 0 && error.code != ErrorCode::out_of_memory)
      error.message = "after " + std::to_string(recorded_) + " samples: " + error.message;
    return error;
  }

  const Options &options_;
  const RandomSourceProvider &provider_;
  std::string argument_;
  Mac &digest_;
  NewFile &file_;
  RunControl &control_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(at_once);
  std::uint64_t recorded_ = 0;
  Recording recording_{};
};

std::string description_of(const Options &options, const SourceInfo &info, const Recording &recording,
                           Environment &environment) {
  const ThisMachine machine = this_machine(environment.files);
  JsonBuffer buffer;
  JsonWriter json(buffer);
  const auto put_number = [&](std::string_view key, std::uint64_t number) {
    put_key(json, key);
    json.Uint64(number);
  };
  const auto put_real = [&](std::string_view key, std::optional<double> number) {
    put_key(json, key);
    number ? json.Double(*number) : json.Null();
  };
  json.StartObject();
  put(json, "schema", "ntpkeygen/entropy-recording/1");
  put(json, "source", options.source);
  put_or_null(json, "plugin_version", environment.plugins.version(PluginKind::random_source, info.name));
  put(json, "summary", info.summary);
  put(json, "nature", nature_name(info.nature));
  put_number("samples", options.samples * options.rows());
  put_key(json, "restarts");
  options.restarts == 0 ? json.Null() : json.Uint64(options.restarts);
  put_number("sample_bits", recording.bits);
  put_real("claimed_min_entropy", recording.claimed);
  put(json, "sha256", recording.sha256);
  put_alarms(json, recording.alarms);
  put_number("recorded_at_unix_seconds", static_cast<std::uint64_t>(environment.clock.unix_seconds()));
  put(json, "cpu", machine.cpu);
  put(json, "kernel", machine.kernel);
  put(json, "program", "ntpkeygen " NTPKEYGEN_VERSION);
  json.EndObject();
  return std::string(finished(buffer));
}

// The description first: a recording is never without one.
Result<void> publish(Folder &folder, const std::string &name, NewFile &samples, std::string_view description) {
  auto described = folder.create();
  if (!described)
    return failure(std::move(described).error());
  return (*described)
      ->write(std::as_bytes(std::span(description)))
      .and_then([&] { return (*described)->sync(); })
      .and_then([&] { return samples.sync(); })
      .and_then([&] {
        return publish_together(folder, std::to_array<NamedFile>({{**described, name + ".json"}, {samples, name}}));
      });
}

// Early, before anything is drawn; publishing has the last word.
Result<void> check_free(Folder &folder, const std::string &name) {
  for (const std::string &taken : {name, name + ".json"}) {
    const auto status = folder.status(taken);
    if (!status)
      return failure(status.error());
    if (*status)
      return failure(ErrorCode::already_exists, folder.path_of(taken) + " exists already",
                     "choose another name, or remove it");
  }
  return folder.writable();
}

void report(const Options &options, const SourceInfo &info, const Recording &recording, Messages &messages) {
  constexpr std::uint64_t least = 5000; // of which an assessment estimates anything
  const std::string quoted = quoted_for_a_shell(options.output);
  const bool is_restart_data = options.restarts == 1000 && options.samples == 1000;
  messages.notice(std::to_string(options.samples * options.rows()) + " samples of " + std::to_string(recording.bits) +
                      (recording.bits == 1 ? " bit" : " bits") + " are in " + options.output + ", told of in " +
                      options.output + ".json",
                  is_restart_data ? "to assess them: ntpkeygen entropy restart " + quoted +
                                        " --sequential FILE (a recording without '--restarts')"
                  : options.restarts != 0   ? "restart tests take 1000 restarts of 1000 samples"
                  : options.samples < least ? "an assessment takes 5000 samples at least, and 1000000 to be believed"
                                            : "to assess them: ntpkeygen entropy assess " + quoted);
  if (const std::string alarms = recording.alarms.in_words(); !alarms.empty())
    messages.warning(alarms, "the source is worse than is claimed for it, or broken: no keys should be made of it");
  if (options.restarts != 0 && (info.nature == SourceNature::drbg || info.nature == SourceNature::os))
    messages.warning("a generator may go on where it was when it is opened anew: these rows are no restarts of it");
  if (info.nature != SourceNature::raw_noise && info.nature != SourceNature::replay)
    messages.warning(caution_about(nature_name(info.nature)));
}

Result<int> execute(const Invocation &call) {
  Environment &environment = call.environment;
  const auto options = read_options(call.options);
  if (!options)
    return failure(options.error());
  if (Result<void> bare = check_unconditioned(options->source, "recorded"); !bare)
    return failure(std::move(bare).error());
  const std::size_t colon = options->source.find(':');
  const auto provider = environment.plugins.random_source(options->source.substr(0, colon));
  if (!provider)
    return failure(provider.error());
  const SourceInfo &info = (*provider)->info();
  if (options->min_entropy && info.nature != SourceNature::raw_noise)
    return failure(ErrorCode::invalid_argument, "'--min-entropy' is for raw noise, and '" + info.name + "' gives none",
                   "leave it out");
  if (options->restarts != 0 && info.nature == SourceNature::replay)
    return failure(ErrorCode::invalid_argument,
                   "'--restarts' is for what can be restarted, and '" + info.name + "' replays what was recorded",
                   "leave it out");

  const auto [folder_path, name] = split_path(options->output);
  if (name.empty())
    return failure(ErrorCode::invalid_argument, options->output + " is a folder",
                   "name the file that is to be made in it");
  auto folder = environment.files.open_folder(folder_path);
  if (!folder)
    return failure(std::move(folder).error());
  if (Result<void> free = check_free(**folder, name); !free)
    return failure(std::move(free).error());
  const auto engine = environment.plugins.mac_engine("botan");
  if (!engine)
    return failure(engine.error());
  auto digest = (*engine)->prepare({MacSpec::Kind::keyed_digest, "sha256", digest_bytes}, {});
  if (!digest)
    return failure(std::move(digest).error());
  auto file = (*folder)->create();
  if (!file)
    return failure(std::move(file).error());

  ProgressLine control(environment, call.options.has("quiet"));
  auto recording = Recorder(*options, **provider, colon == std::string::npos ? "" : options->source.substr(colon + 1),
                            **digest, **file, control)
                       .record();
  if (!recording)
    return failure(std::move(recording).error());
  const std::string description = description_of(*options, info, *recording, environment);
  if (Result<void> published = publish(**folder, name, **file, description); !published)
    return failure(std::move(published).error());
  call.messages.tell_of_finished_work([&] { report(*options, info, *recording, call.messages); });
  return 0;
}

} // namespace

const Command &entropy_record_command() {
  static const Command command{{.name = "entropy record",
                                .synopsis = "entropy record SOURCE[:ARG] --output FILE [options]",
                                .summary = "Record samples of a random source, one a byte, for an assessment; with\n"
                                           "'--restarts 1000' the restart data of NIST SP 800-90B section 3.1.4.1.",
                                .options = option_table,
                                .words = "SOURCE",
                                .epilogue = "exit status: 0, or 1 when it failed or the command line was not valid\n"},
                               execute};
  return command;
}

} // namespace ntpkeygen::cli
