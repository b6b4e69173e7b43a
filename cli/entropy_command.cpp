#include "cli/entropy_command.hpp"

#include "cli/provenance.hpp"

#include <array>
#include <charconv>
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

std::string in_words(double number) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end};
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
                   "a number from " + in_words(least) + " to " + in_words(most));
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

std::string warning_of_conditioned_output(const SamplesInput &input, PluginSet &plugins) {
  if (!input.from_source)
    return input.provenance ? caution_about(input.provenance->nature.value_or("")) : "";
  const auto provider = plugins.random_source(input.name.substr(0, input.name.find(':')));
  if (!provider)
    return {};
  return caution_about(nature_name((*provider)->info().nature));
}

Result<int> print_assessment(const AssessmentReport &report, const Invocation &call) {
  if (const std::string warning = report.input.digest_warning(); !warning.empty())
    call.messages.warning(warning);
  for (const std::string &warning : report.result.warnings)
    call.messages.warning(warning);
  auto written =
      call.environment.out.write(call.options.has("json") ? assessment_json(report) : assessment_table(report));
  if (!written)
    return failure(std::move(written).error());
  return report.result.verdict == Verdict::fail ? 1 : 0;
}

} // namespace ntpkeygen::cli
