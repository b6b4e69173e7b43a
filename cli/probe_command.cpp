#include "cli/probe_report.hpp"
#include "cli/server_name.hpp"
#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/numbers.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"keys", '\0', "FILE", false, "the keys file that has the key"},
    {"key", '\0', "ID", false, "the key id"},
    {"format", '\0', "NAME", false, "whose keys file it is (default: the one that fits)"},
    {"ntp-version", '\0', "3|4", false, "of the packets (default 4)"},
    {"timeout", '\0', "S", false, "wait so many seconds for an authentic reply\n(default 8, at least 3)"},
    {"diagnose", '\0', "", false,
     "if the key is not accepted, ask with what other\nimplementations take from the same line"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

constexpr double default_timeout = 8, longest_timeout = 3600; // seconds

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

struct Options {
  std::string typed{};
  ServerName server{};
  KeyQuestion question{};
  std::uint64_t timeout = 0;
};

Result<std::uint64_t> read_timeout(const std::string &typed) {
  double seconds = 0;
  const char *end = typed.data() + typed.size();
  const auto [stop, error] = std::from_chars(typed.data(), end, seconds, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !std::isfinite(seconds) || seconds <= 0 || seconds > longest_timeout)
    return invalid("'--timeout " + printable(typed) + "': that is no number of seconds above 0 and up to 3600");
  return static_cast<std::uint64_t>(seconds * static_cast<double>(Prober::second));
}

Result<Options> read_options(const ParsedOptions &parsed) {
  Options options;
  if (parsed.words().size() != 1)
    return invalid(parsed.words().empty() ? "which server?" : "one server at a time, please",
                   "write 'ntpkeygen probe HOST --keys FILE --key ID'");
  options.typed = parsed.words().front();
  auto server = parse_server_name(options.typed);
  if (!server)
    return failure(std::move(server).error());
  options.server = std::move(*server);

  if (!parsed.has("keys"))
    return invalid("which keys file?", "name it with '--keys FILE'");
  options.question.path = *parsed.value("keys");
  if (!parsed.has("key"))
    return invalid("which key?", "give its id with '--key ID'");
  const std::string typed_id = *parsed.value("key");
  const auto id = parse_number<KeyId>(typed_id);
  if (!id)
    return invalid("'--key " + printable(typed_id) +
                   "': a key id is a number from 1 to 65535, or to 4294967295 for chrony");
  if (*id == 0)
    return invalid("'--key 0': key id 0 means that there is no key", "a key id is at least 1");
  options.question.id = *id;
  options.question.format = parsed.value("format");
  const std::string version = parsed.value("ntp-version").value_or("4");
  if (version != "3" && version != "4")
    return invalid("'--ntp-version " + printable(version) + "': it is 3 or 4");
  options.question.ntp_version = static_cast<std::uint8_t>(version.front() - '0');
  options.question.others = parsed.has("diagnose");
  options.timeout = static_cast<std::uint64_t>(default_timeout) * Prober::second;
  if (const auto typed = parsed.value("timeout")) {
    auto timeout = read_timeout(*typed);
    if (!timeout)
      return failure(std::move(timeout).error());
    options.timeout = *timeout;
  }
  return options;
}

// Whether other readings of the key can change the picture.
bool key_is_in_question(ProbeOutcome outcome) {
  return outcome == ProbeOutcome::refused || outcome == ProbeOutcome::crypto_nak || outcome == ProbeOutcome::wrong_mac;
}

Result<void> ask(Prober &prober, const Options &options, const KeyChoice &choice, ProbeReport &report) {
  if (auto asked = prober.ask(choice.key, options.timeout); !asked)
    return asked;
  if (options.question.others && key_is_in_question(prober.result().outcome)) {
    report.diagnosed = true;
    auto answered = prober.ask_with_others(choice.others);
    if (!answered)
      return failure(std::move(answered).error());
    if (*answered != nullptr && prober.result().outcome != ProbeOutcome::authentic)
      report.read_as = static_cast<std::size_t>(*answered - choice.others.data());
  }
  report.result = prober.result();
  return {};
}

Result<int> execute(const Invocation &call) {
  Environment &environment = call.environment;
  auto options = read_options(call.options);
  if (!options)
    return failure(std::move(options).error());
  auto engine = environment.plugins.mac_engine("botan");
  if (!engine)
    return failure(std::move(engine).error());
  auto choice = choose_key(options->question, **engine, call);
  if (!choice)
    return failure(std::move(choice).error());
  auto provider = environment.plugins.random_source("system");
  if (!provider)
    return failure(std::move(provider).error());
  auto random = (*provider)->open("");
  if (!random)
    return failure(std::move(random).error());

  Network &network = environment.network;
  auto addresses = network.resolve(options->server.host, options->server.port, environment.control);
  if (!addresses)
    return failure(std::move(addresses).error());
  // One, whatever comes: another address may be another server, and the answer would be of that one.
  const NetworkAddress &address = addresses->front();
  auto socket = network.connect(address);
  if (!socket)
    return failure(std::move(socket).error());
  call.messages.notice(
      "asking " + address.text +
      (addresses->size() > 1 ? ", the first of " + std::to_string(addresses->size()) + " addresses" : "") +
      ", with key " + std::to_string(options->question.id));

  Prober prober(**socket, network, environment.clock, **random, environment.control, **engine,
                options->question.ntp_version);
  ProbeReport report{options->typed, address.text, options->question, &*choice, {}, {}, false};
  if (auto asked = ask(prober, *options, *choice, report); !asked)
    return failure(std::move(asked).error());
  auto written = environment.out.write(call.options.has("json") ? probe_as_json(report) : probe_in_words(report));
  if (!written)
    return failure(std::move(written).error());
  return exit_status(report.result.outcome);
}

} // namespace

const Command &probe_command() {
  static const Command command{
      {.name = "probe",
       .synopsis = "probe HOST[:PORT] --keys FILE --key ID [options]",
       .summary = "Ask an NTP server whether it holds the same key: one request with a MAC, and\n"
                  "one without beside it. No clock is set.",
       .options = option_table,
       .words = "HOST[:PORT]",
       .epilogue = "exit status: 0 when the server answered with the key's MAC; 1 when it did not;\n"
                   "2 when that could not be found out, as when there is no answer at all\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
