#include "cli/entropy_command.hpp"
#include "cli/progress_line.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    threads_option,
    {"verbose", '\0', "", false, "print every figure"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

// One line for each group, and one for each figure that is another.
std::string summary(const Assessment &result) {
  std::string text;
  const auto &rows = result.rows;
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last =
        std::find_if(first, rows.end(), [&](const AssessmentRow &row) { return row.group != first->group; });
    const auto passed =
        std::count_if(first, last, [](const AssessmentRow &row) { return row.verdict == Verdict::pass; });
    text += first->group + ": " + std::to_string(passed) + " of " + std::to_string(last - first) +
            " figures are the reference's\n";
    for (; first != last; ++first)
      if (first->verdict != Verdict::pass)
        text += "  " + first->name + " is another\n";
  }
  return text + (result.verdict == Verdict::pass ? "pass\n" : "FAIL\n");
}

Result<int> execute(const Invocation &call) {
  const auto threads = read_threads(call.options);
  if (!threads)
    return failure(threads.error());
  auto assessment = call.environment.plugins.entropy_assessment("sp800-90b");
  if (!assessment)
    return failure(std::move(assessment).error());
  AssessmentReport report;
  report.verbose = true;
  report.assessment = (*assessment)->name();
  report.procedure = "selftest";
  AssessmentJob job;
  job.procedure = report.procedure;
  job.threads = *threads;
  Result<Assessment> result;
  {
    ProgressLine control(call.environment, call.options.has("quiet"));
    result = (*assessment)->run(job, control);
  }
  if (!result)
    return failure(std::move(result).error());
  report.result = std::move(*result);
  if (call.options.has("json") || call.options.has("verbose"))
    return print_assessment(report, call);
  for (const std::string &warning : report.result.warnings)
    call.messages.warning(warning);
  auto written = call.environment.out.write(summary(report.result));
  if (!written)
    return failure(std::move(written).error());
  return report.result.verdict == Verdict::pass ? 0 : 1;
}

} // namespace

const Command &entropy_selftest_command() {
  static const Command command{{.name = "entropy selftest",
                                .synopsis = "entropy selftest [options]",
                                .summary =
                                    "Assess samples that the program makes by itself, and compare each figure with\n"
                                    "what NIST's tool says of them.",
                                .options = option_table,
                                .epilogue = "exit status: 0; 1 when a figure differs; 2 when there is no result\n"},
                               execute};
  return command;
}

} // namespace ntpkeygen::cli
