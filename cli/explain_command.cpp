#include "cli/explain_report.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    for_option,
    {"reveal", '\0', "", false, "show the keys themselves, as hex"},
    {"pepper-file", '\0', "FILE", false,
     "a secret of 32 bytes or more; reports that are made\nwith the same one can be compared"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

Result<SecretBytes> read_pepper(const std::string &path, Environment &environment) {
  constexpr std::uint64_t largest = 4096; // the longest key that HMAC takes
  auto input = read_input_file(environment.files, path, "pepper file", largest, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  if ((input->status.mode & 0077U) != 0)
    return failure(ErrorCode::permission, path + " can be used by others than its owner, so it is no secret",
                   "make a new one, and 'chmod 0600 " + path + "'");
  if (input->status.owner.user != 0 && input->status.owner.user != environment.host.effective_user())
    return failure(ErrorCode::permission, path + " belongs to somebody else, who knows what is in it",
                   "make one of your own: 'head -c 32 /dev/urandom'");
  if (input->text.size() < Fingerprinter::least_pepper)
    return failure(ErrorCode::invalid_argument,
                   path + " has " + counted(input->text.size(), "byte") + ", and a pepper has to have " +
                       std::to_string(Fingerprinter::least_pepper) + " at least",
                   "'head -c 32 /dev/urandom' makes one");
  return std::move(input->text);
}

Result<SecretBytes> draw_pepper(Environment &environment) {
  auto provider = environment.plugins.random_source("system");
  if (!provider)
    return failure(std::move(provider).error());
  auto source = (*provider)->open("");
  if (!source)
    return failure(std::move(source).error());
  SecretBytes pepper(environment.secrets, Fingerprinter::least_pepper);
  if (auto filled = (*source)->fill(pepper.reveal_mutable(), environment.control); !filled)
    return failure(std::move(filled).error());
  return pepper;
}

Result<Fingerprinter> make_fingerprinter(const std::optional<std::string> &pepper_file, Environment &environment) {
  auto engine = environment.plugins.mac_engine("botan");
  if (!engine)
    return failure(engine.error().code, "fingerprints need a MAC engine: " + engine.error().message,
                   "a table with '--reveal' needs none: it shows the keys themselves");
  auto pepper = pepper_file ? read_pepper(*pepper_file, environment) : draw_pepper(environment);
  if (!pepper)
    return failure(std::move(pepper).error());
  return Fingerprinter::create(**engine, pepper->reveal());
}

// Whether every program takes every line that a person would take for a key, and all of them the same keys. A line that
// another one with the same id takes the place of counts as taken.
bool is_good(std::span<const ProgramView> views) {
  for (const ProgramView &view : views) {
    if (view.loaded.outcome != FileOutcome::loaded)
      return false;
    for (const Refusal &refusal : view.loaded.refusals)
      if (!refusal.id || readings_of(view.loaded, *refusal.id).empty())
        return false;
  }
  bool any = false;
  for (SideBySide ids(views); ids.next(); any = true)
    if (const auto answers = ids.answers(); answers.size() != 1 || answers.front().kind != Answer::Kind::key)
      return false;
  return any;
}

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  Environment &environment = call.environment;
  if (options.words().size() != 1)
    return failure(ErrorCode::invalid_argument, options.words().empty() ? "which file?" : "one file at a time, please",
                   "write 'ntpkeygen explain FILE'");
  ExplainReport report;
  report.path = options.words().front();
  report.reveal = options.has("reveal");
  const bool json = options.has("json");
  const auto pepper_file = options.value("pepper-file");
  if (pepper_file && report.reveal && !json)
    return failure(ErrorCode::invalid_argument, "'--pepper-file' and '--reveal' exclude each other",
                   "a table has the keys or their fingerprints; '--json' can have both");

  auto programs = open_implementations(options.value("for"), call);
  if (!programs)
    return failure(std::move(programs).error());
  report.programs = std::move(*programs);
  auto input = read_key_file(environment.files, report.path, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  report.file = std::move(input->text);
  auto views = read_as(report.programs, report.file.reveal(), environment.secrets);
  if (!views)
    return failure(std::move(views).error());
  report.views = std::move(*views);

  if (!report.reveal || json) {
    auto fingerprinter = make_fingerprinter(pepper_file, environment);
    if (!fingerprinter)
      return failure(std::move(fingerprinter).error());
    report.fingerprinter = std::move(*fingerprinter);
  }
  auto written = json ? print_explain_json(report, environment) : print_explain_table(report, environment);
  if (!written)
    return failure(std::move(written).error());
  const bool any_key =
      std::ranges::any_of(report.views, [](const ProgramView &view) { return !view.loaded.readings.empty(); });
  if (any_key && !json && !report.reveal && !pepper_file)
    call.messages.notice("fingerprints can be compared within this report only",
                         "'--pepper-file FILE' makes those of several reports comparable");
  return is_good(report.views) ? 0 : 1;
}

} // namespace

const Command &explain_command() {
  static const Command command{
      {.name = "explain",
       .synopsis = "explain FILE [options]",
       .summary = "Show which key each implementation would load from a keys file, for each key\n"
                  "id, or why none. Keys are shown as fingerprints.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "exit status: 0 when all implementations load the same keys, all that are there;\n"
                   "1 when they do not; 2 when that could not be found out\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
