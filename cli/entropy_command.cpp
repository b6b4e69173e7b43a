#include "cli/entropy_command.hpp"

#include "cli/provenance.hpp"

#include <array>
#include <iterator>
#include <limits>
#include <thread>

namespace ntpkeygen::cli {
namespace {

constexpr unsigned most_threads = 1024;

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

} // namespace

Result<std::optional<double>> read_real(const ParsedOptions &options, std::string_view name, double least,
                                        double most) {
  const auto typed = options.value(name);
  if (!typed)
    return std::nullopt;
  const auto number = parse_decimals(*typed);
  if (!number || !(*number >= least && *number <= most))
    return failure(ErrorCode::invalid_argument, "'--" + std::string(name) + " " + *typed + "' is not possible",
                   "a number from " + shortest(least) + " to " + shortest(most));
  return number;
}

Result<void> check_unconditioned(const std::string &source, const char *done) {
  constexpr std::string_view prefix = "conditioned:";
  if (!source.starts_with(prefix))
    return {};
  return failure(ErrorCode::invalid_argument,
                 std::string("a random source is ") + done + " as it is, without conditioning",
                 "write '" + source.substr(prefix.size()) + "'");
}

Result<void> publish_together(Folder &folder, std::span<const NamedFile> files) {
  std::size_t named = 0;
  Result<void> done = guarded([&]() -> Result<void> {
    for (; named < files.size(); ++named)
      if (auto published = files[named].file.publish(files[named].name); !published)
        return published;
    return folder.sync();
  });
  if (done)
    return done;
  Error error = std::move(done).error();
  while (named > 0)
    if (const std::string &name = files[--named].name; !guarded([&] { return folder.remove(name); }))
      error.message += "; and " + folder.path_of(name) + " could not be removed again";
  return failure(std::move(error));
}

Result<Track> read_track(const Invocation &call) {
  Track track;
  track.iid = call.options.has("iid");
  if (track.iid && call.options.has("non-iid"))
    return failure(ErrorCode::invalid_argument, "'--iid' and '--non-iid' exclude each other", "give one of them");
  const auto seed = read_number<std::uint64_t>(call.options, "seed", 0, std::numeric_limits<std::uint64_t>::max());
  if (!seed)
    return failure(seed.error());
  track.seed = *seed;
  if (track.seed && !track.iid)
    return failure(ErrorCode::invalid_argument, "'--seed' is for '--iid': nothing else draws anything",
                   "leave it out, or add '--iid'");
  if (track.iid && !track.seed) {
    auto drawn = draw_seed(call.environment);
    if (!drawn)
      return failure(std::move(drawn).error());
    track.seed = *drawn;
  }
  return track;
}

Result<unsigned> read_threads(const ParsedOptions &options) {
  const auto threads = read_number<unsigned>(options, "threads", 1, most_threads);
  if (!threads)
    return failure(threads.error());
  return threads->value_or(std::max(std::thread::hardware_concurrency(), 1U));
}

std::string caution_of(const SamplesInput &input, Use use, PluginSet &plugins) {
  std::string nature;
  if (!input.from_source)
    nature = input.provenance ? input.provenance->nature.value_or("") : "";
  else if (const auto provider = plugins.random_source(input.name.substr(0, input.name.find(':'))))
    nature = nature_name((*provider)->info().nature);
  constexpr std::string_view noise = "raw-noise";
  if (use == Use::conditioned_output)
    return {};
  if (std::string caution = caution_about(nature); !caution.empty())
    return caution;
  if (use == Use::conditioned_dataset)
    return nature == noise
               ? "these samples are raw noise, and were assessed as if they were conditioned: the figure is "
                 "not that of the noise"
               : "these samples are conditioned: whatever they are assessed at, it says nothing about the "
                 "noise behind them";
  if (use == Use::sequential && nature != noise) // or it is a word that is not known here
    return "nothing says whether these are raw samples: if they are conditioned, or the output of a deterministic "
           "generator, what they are assessed at says nothing about the noise behind them";
  return {};
}

std::vector<std::string> warnings_about(const SamplesInput &input, Use use, PluginSet &plugins) {
  std::vector<std::string> warnings;
  const auto warn = [&](std::string warning) {
    if (!warning.empty())
      warnings.push_back(std::move(warning));
  };
  warn(caution_of(input, use, plugins));
  if (!input.provenance)
    return warnings;
  const Provenance &provenance = *input.provenance;
  warn(provenance.trouble);
  warn(input.digest_warning());
  const std::uint64_t restarts = provenance.restarts.value_or(0);
  if (use == Use::sequential && restarts != 0)
    warn(provenance.file + " says that these samples were recorded after " + grouped(restarts) +
         " restarts: they are for the restart tests, and an initial estimate takes consecutive samples (SP 800-90B "
         "section 3.1.1)");
  if (use == Use::restart_data && provenance.restarts == 0)
    warn(provenance.file + " says that these samples are consecutive: a restart test of them says nothing");
  return warnings;
}

std::string same_samples(const SamplesInput &restart_data, const SamplesInput &sequential) {
  return restart_data.name + " and " + sequential.name +
         " are the same samples: restart data is recorded for itself (SP 800-90B section 3.1.4.1)";
}

void put_first(std::vector<std::string> warnings, Assessment &result) {
  result.warnings.insert(result.warnings.begin(), std::make_move_iterator(warnings.begin()),
                         std::make_move_iterator(warnings.end()));
}

Result<int> print_assessment(const AssessmentReport &report, const Invocation &call) {
  for (const std::string &warning : report.result.warnings)
    call.messages.warning(warning);
  auto written =
      call.environment.out.write(call.options.has("json") ? assessment_json(report) : assessment_table(report));
  if (!written)
    return failure(std::move(written).error());
  return report.result.verdict == Verdict::fail ? 1 : 0;
}

} // namespace ntpkeygen::cli
