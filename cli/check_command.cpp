#include "cli/check_report.hpp"
#include "cli/key_file_check.hpp"
#include "ntpkeygen/host/words.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"format", '\0', "F", false, "the files' key file format (default: the one that\nfits each best)"},
    {"for", '\0', "D[,D...]", false,
     "the implementations that have to load the same keys\n(default: the one whose format it is)"},
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

Result<int> execute(const Invocation &call) {
  const ParsedOptions &options = call.options;
  Environment &environment = call.environment;
  if (options.words().empty())
    return failure(ErrorCode::invalid_argument, "which file?", "write 'ntpkeygen check FILE'");
  Implementations programs;
  if (const auto named = options.value("for")) {
    auto opened = open_implementations(named, call);
    if (!opened)
      return failure(std::move(opened).error());
    programs = std::move(*opened);
  }

  CheckReport report(options.has("json"), environment);
  std::size_t files = 0;
  for (const std::string &path : options.words()) {
    // One file that cannot be read keeps nobody from hearing about the others.
    auto checked = check_keys(path, options.value("format"), programs, call);
    if (!checked) {
      call.messages.error(checked.error());
      continue;
    }
    report.add(path, checked->format->info().name, checked->file.text.reveal(), checked->findings);
    ++files;
  }
  if (auto finished = report.finish(); !finished)
    return failure(std::move(finished).error());
  if (files < options.words().size())
    return 2;
  if (!options.has("json"))
    conclude(report, files, call.messages);
  return report.count(Severity::error) != 0 || (options.has("strict") && report.count(Severity::warning) != 0) ? 1 : 0;
}

} // namespace

const Command &check_command() {
  static const Command command{
      {.name = "check",
       .synopsis = "check FILE... [options]",
       .summary = "Look for mistakes in keys files: lines that a program does not load or loads\n"
                  "otherwise than they read, weak and published keys, and who else can read them.",
       .options = option_table,
       .words = "FILE...",
       .epilogue = "exit status: 0 when there are no errors; 1 when there are; 2 when a file could not\n"
                   "be checked\n"},
      execute,
      2};
  return command;
}

} // namespace ntpkeygen::cli
