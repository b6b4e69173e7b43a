#include "cli/check_report.hpp"
#include "cli/config_check.hpp"
#include "cli/key_file_check.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"format", '\0', "F", false, "the files' key file format (default: the one that\nfits each best)"},
    {"for", '\0', "D[,D...]", false,
     "the implementations that have to load the same keys\n(default: the one whose format it is)"},
    {"config", '\0', "CONF", false, "join an ntp.conf or a chrony.conf with its keys file"},
    {"strict", '\0', "", false, "exit status 1 for warnings, too"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

void conclude(const CheckReport &report, std::size_t files, Messages &messages) {
  std::vector<std::string> counts;
  for (const auto &[severity, word] : {std::pair(Severity::error, "error"), std::pair(Severity::warning, "warning")})
    if (const std::size_t count = report.count(severity); count != 0)
      counts.push_back(counted(count, word));
  if (const std::size_t count = report.count(Severity::advice); count != 0)
    counts.push_back(counted(count, "piece") + " of advice");
  messages.notice((counts.empty() ? "nothing to say" : joined_with_and(counts)) + " about " + counted(files, "file"));
}

struct Guess {
  std::string format{};
  bool unsure = false;
  std::vector<std::string> paths{};
};

void note_guess(std::vector<Guess> &guesses, const std::string &path, const CheckedKeys &checked) {
  const std::string &format = checked.format->info().name;
  auto known = std::ranges::find_if(
      guesses, [&](const Guess &each) { return each.format == format && each.unsure == checked.unsure; });
  if (known == guesses.end())
    known = guesses.insert(known, {format, checked.unsure, {}});
  known->paths.push_back(input_name(path));
}

// What files were taken for, of which nobody said whose they are.
void tell_of_guesses(const std::vector<Guess> &guesses, Messages &messages) {
  constexpr std::size_t most_names = 5;
  std::string words;
  for (const auto &[format, unsure, paths] : guesses) {
    const bool one = paths.size() == 1;
    words += (words.empty() ? "" : "; ") +
             (paths.size() <= most_names ? joined_with_and(paths) : counted(paths.size(), "file")) +
             (one ? " is" : " are") + " read as the format " + format;
    if (unsure)
      words += ", though little or nothing in " +
               std::string(one ? "it says whose keys file it is" : "them says whose keys files they are");
  }
  if (!words.empty())
    messages.notice(words + ": '--format F' says otherwise");
}

void add_keys(const std::string &path, const CheckedKeys &checked, CheckReport &report) {
  report.add(path, checked.format->info().name, checked.file.text.reveal(), checked.findings);
}

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  Environment &environment = call.environment;
  const auto config = options.value("config");
  if (options.words().empty() && !config)
    return failure(ErrorCode::invalid_argument, "which file?", "write 'ntpkeygen check FILE'");
  if (std::ranges::count(options.words(), standard_input) > 1)
    return failure(ErrorCode::invalid_argument, "standard input can be read once only",
                   "write what it has into files first");
  Implementations programs;
  if (const auto named = options.value("for")) {
    auto opened = open_implementations(named, call);
    if (!opened)
      return failure(std::move(opened).error());
    programs = std::move(*opened);
  }

  CheckReport report(options.has("json"), environment);
  std::size_t files = 0;
  std::vector<Guess> guesses;
  bool all_checked = true;
  std::string joined; // the keys file that is checked with the configuration
  if (config) {
    auto checked = check_config(*config, options.words(), programs, call);
    if (!checked) {
      call.messages.error(checked.error());
      report.add_failure(*config, checked.error().message);
      all_checked = false;
    } else {
      for (const auto &file : checked->config.files)
        report.add(file->path, checked->config.program, file->text.reveal(), file->findings);
      files += checked->config.files.size();
      if (const std::string &why = checked->config.guessed_from; !why.empty() && !options.has("json"))
        call.messages.notice(*config + " is taken for " + checked->config.program + "'s, because " + why +
                             ": '--format F' says otherwise");
      if (checked->keys) {
        add_keys(checked->keys_path, *checked->keys, report);
        joined = environment.host.absolute(checked->keys_path);
        ++files;
      }
    }
  }
  for (const std::string &path : options.words()) {
    if (!joined.empty() && environment.host.absolute(path) == joined)
      continue;
    // One file that cannot be read keeps nobody from hearing about the others.
    auto checked = check_keys(path, options.value("format"), programs, call);
    if (!checked) {
      call.messages.error(checked.error());
      report.add_failure(path, checked.error().message);
      all_checked = false;
      continue;
    }
    add_keys(path, *checked, report);
    if (checked->guessed)
      note_guess(guesses, path, *checked);
    ++files;
  }
  if (auto finished = report.finish(); !finished)
    return failure(std::move(finished).error());
  if (!all_checked)
    return 2;
  if (!options.has("json")) {
    tell_of_guesses(guesses, call.messages);
    conclude(report, files, call.messages);
  }
  return report.count(Severity::error) != 0 || (options.has("strict") && report.count(Severity::warning) != 0) ? 1 : 0;
}

} // namespace

const Command &check_command() {
  static const Command command{
      {.name = "check",
       .synopsis = "check [FILE...] [--config CONF] [options]",
       .summary = "Look for mistakes in keys files: lines that a program does not load or loads\n"
                  "otherwise than they read, weak and published keys, and who else can read them.",
       .options = option_table,
       .words = "FILE...",
       .epilogue = "exit status: 0 when there are no errors; 1 when there are; 2 when a file could not\n"
                   "be checked\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
