#include "cli/entropy_command.hpp"
#include "cli/foreign_text.hpp"
#include "cli/json_document.hpp"
#include "cli/progress_line.hpp"
#include "cli/provenance.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr const char *helper = "entropy-bench";
constexpr double usual_seconds = 10, most_seconds = 86'400;

constexpr auto option_table = std::to_array<OptionSpec>({
    {"seconds", '\0', "S", false, "how long the whole of it takes (default: 10)"},
    {"plot", '\0', "FILE", false, "also draw a picture of the throughput, FILE.svg or\nFILE.png, with gnuplot"},
    json_option,
    plugin_dir_option,
    quiet_option,
    version_option,
    help_option,
});

struct Row {
  std::string typed{};        // SOURCE[:ARG]
  std::string nature{};       // empty: its plugin was refused, and cannot say
  std::string missing{};      // why it is not available; empty: it was measured
  JsonDocument measurement{}; // the helper's line
};

bool failed(const Row &row) {
  return row.missing.empty() && row.measurement["failure"].IsString();
}

std::string of_unit(double number, const char *unit) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), number < 10 ? "%.2f %s" : number < 100 ? "%.1f %s" : "%.0f %s", number, unit);
  return text.data();
}

std::string time_in_words(const JsonValue &nanoseconds) {
  if (!nanoseconds.IsNumber())
    return "-";
  const double number = nanoseconds.GetDouble();
  return number < 1e3   ? std::to_string(static_cast<int>(number)) + " ns"
         : number < 1e6 ? of_unit(number / 1e3, "us")
         : number < 1e9 ? of_unit(number / 1e6, "ms")
                        : of_unit(number / 1e9, "s");
}

std::string rate_in_words(const JsonValue &rate) {
  if (!rate.IsNumber())
    return "-";
  const double number = rate.GetDouble();
  return number < 1e3   ? of_unit(number, "B/s")
         : number < 1e6 ? of_unit(number / 1e3, "kB/s")
         : number < 1e9 ? of_unit(number / 1e6, "MB/s")
                        : of_unit(number / 1e9, "GB/s");
}

std::string size_in_words(std::uint64_t bytes) {
  return bytes < 1024          ? std::to_string(bytes) + " B"
         : bytes < 1024 * 1024 ? std::to_string(bytes / 1024) + " KiB"
                               : std::to_string(bytes / 1024 / 1024) + " MiB";
}

// What is asked for, or everything that is there and needs no argument; those that are not there with the reason.
Result<std::vector<Row>> choose_sources(const std::vector<std::string> &words, PluginSet &plugins) {
  std::vector<Row> rows;
  const auto add = [&](const std::string &typed, bool named) -> Result<void> {
    if (Result<void> bare = check_unconditioned(typed, "measured"); !bare)
      return bare;
    const std::size_t colon = typed.find(':');
    const auto provider = plugins.random_source(typed.substr(0, colon));
    if (!provider) {
      if (named || provider.error().code == ErrorCode::out_of_memory)
        return failure(provider.error());
      rows.push_back({.typed = typed, .missing = provider.error().message});
      return {};
    }
    const SourceInfo &info = (*provider)->info();
    if (!named && info.argument_required)
      return {};
    Row row{typed, std::string(nature_name(info.nature))};
    if (const auto available = (*provider)->available(colon == std::string::npos ? "" : typed.substr(colon + 1));
        !available) {
      if (named)
        return failure(available.error());
      row.missing = available.error().message;
    }
    rows.push_back(std::move(row));
    return {};
  };
  for (const std::string &word : words)
    if (Result<void> added = add(word, true); !added)
      return failure(std::move(added).error());
  if (words.empty())
    for (const std::string &name : plugins.names(PluginKind::random_source))
      if (Result<void> added = add(name, false); !added)
        return failure(std::move(added).error());
  if (std::ranges::none_of(rows, [](const Row &row) { return row.missing.empty(); }))
    return failure(ErrorCode::not_found, "there is no random source to measure", "'ntpkeygen entropy list' says why");
  return rows;
}

// Shows how much of the time is over. The helper is quiet while it measures, so as not to disturb what it measures; who
// waits for it asks twice a second whether to go on.
class Elapsing final : public RunControl {
public:
  Elapsing(RunControl &shown, Clock &clock, double seconds)
      : shown_(shown), clock_(clock), begin_(clock.unix_nanoseconds()),
        total_(static_cast<std::int64_t>(seconds * 1e9)) {}
  [[nodiscard]] bool cancelled() const noexcept override {
    const std::int64_t elapsed = std::clamp<std::int64_t>(clock_.unix_nanoseconds() - begin_, 0, total_ - 1);
    shown_.progress("measuring", static_cast<std::uint64_t>(elapsed), static_cast<std::uint64_t>(total_));
    return shown_.cancelled();
  }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view sentence) noexcept override { shown_.notice(sentence); }

private:
  RunControl &shown_;
  Clock &clock_;
  std::int64_t begin_, total_; // ns
};

Result<void> measure(std::vector<Row> &rows, double seconds, const Invocation &call) {
  auto path = call.environment.programs.own_helper(helper);
  if (!path) {
    Error error = std::move(path).error();
    if (error.code == ErrorCode::not_found)
      error.hint =
          "it is built where Google Benchmark is found (Debian's package libbenchmark-dev), and installed with "
          "ntpkeygen-entropy";
    return failure(std::move(error));
  }
  std::array<char, 32> budget{};
  std::snprintf(budget.data(), budget.size(), "%.3f", seconds);
  std::vector<std::string> words{*std::move(path), budget.data()};
  for (const std::string &folder : call.options.values("plugin-dir"))
    words.insert(words.end(), {"--plugin-dir", folder});
  std::vector<Row *> wanted;
  for (Row &row : rows)
    if (row.missing.empty()) {
      wanted.push_back(&row);
      words.push_back(row.typed);
    }
  ProgressLine progress(call.environment, call.options.has("quiet"));
  Elapsing control(progress, call.environment.clock, seconds);
  std::size_t measured = 0;
  const auto status = call.environment.programs.run(
      words, "",
      [&](std::string_view line) {
        if (measured < wanted.size())
          wanted[measured]->measurement.Parse(line.data(), line.size());
        ++measured;
      },
      control);
  if (!status)
    return failure(status.error());
  if (control.cancelled())
    return failure(ErrorCode::cancelled, "interrupted");
  const bool sound = std::ranges::all_of(wanted, [](const Row *row) {
    return row->measurement.IsObject() && row->measurement.HasMember("throughput") &&
           row->measurement.HasMember("latency") && row->measurement.HasMember("failure");
  });
  if (*status != 0 || measured != wanted.size() || !sound)
    return failure(ErrorCode::plugin_fault,
                   std::string("the helper ") + helper + " ended with status " + std::to_string(*status) + " after " +
                       std::to_string(measured) + " of " + std::to_string(wanted.size()) + " sources",
                   "a source may have brought it down: name them one by one to see which");
  return {};
}

// Columns as wide as what is in them, the first two to the left.
std::string table(const std::vector<std::vector<std::string>> &lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto &line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  std::string text;
  for (const auto &line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string gap(widths[i] - line[i].size(), ' ');
      row += (i == 0 ? "" : "  ") + (i < 2 ? line[i] + gap : gap + line[i]);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

Result<void> print_tables(const std::vector<Row> &rows, double seconds, TextOutput &out) {
  // One that failed early has no figures, and nothing to say about columns.
  const auto first = std::ranges::find_if(
      rows, [](const Row &row) { return row.missing.empty() && !row.measurement["throughput"].Empty(); });
  std::vector<std::vector<std::string>> rates{{"THROUGHPUT", "NATURE"}}, times{{"LATENCY", "NATURE"}};
  std::string notes;
  bool gaps = false;
  if (first != rows.end()) {
    for (const auto &one : first->measurement["throughput"].GetArray())
      rates[0].push_back(size_in_words(one["request_bytes"].GetUint64()));
    for (const auto &one : first->measurement["latency"].GetArray())
      for (const char *what : {" p50", " p99", " max"})
        times[0].push_back(size_in_words(one["request_bytes"].GetUint64()) + what);
  }
  for (const char *what : {"first byte", "20 keys", "retries", "waited"})
    times[0].emplace_back(what);
  for (const Row &row : rows) {
    if (!row.missing.empty()) {
      notes += escaped(row.typed) + " is not available: " + escaped(row.missing) + "\n";
      continue;
    }
    const JsonDocument &measured = row.measurement;
    if (failed(row))
      notes += escaped(row.typed) + " failed: " + escaped(measured["failure"].GetString()) + "\n";
    std::vector<std::string> rate{escaped(row.typed), row.nature};
    std::vector<std::string> time = rate;
    for (const auto &one : measured["throughput"].GetArray()) {
      rate.push_back(rate_in_words(one["bytes_per_second"]));
      gaps = gaps || (one["bytes_per_second"].IsNull() && !failed(row));
    }
    for (const auto &one : measured["latency"].GetArray())
      for (const char *what : {"p50_ns", "p99_ns", "max_ns"})
        time.push_back(time_in_words(one[what]));
    gaps = gaps || (measured["open_to_first_byte_ns"].IsNull() && !failed(row));
    rate.resize(rates[0].size(), "-");
    time.resize(times[0].size() - 4, "-");
    time.push_back(time_in_words(measured["open_to_first_byte_ns"]));
    time.push_back(time_in_words(measured["twenty_keys_ns"]));
    time.push_back(std::to_string(measured["retries"].GetUint64()));
    time.push_back(measured["throttled_ns"].GetUint64() == 0 ? "-" : time_in_words(measured["throttled_ns"]));
    rates.push_back(std::move(rate));
    times.push_back(std::move(time));
  }
  if (gaps)
    notes += "-: there was no time left for it in " + of_unit(seconds, "s") + "; '--seconds' gives more\n";
  notes += "raw noise is counted in samples, a byte for each; 20 keys are made of it when it is conditioned\n";
  return out.write(table(rates) + "\n" + table(times) + "\n" + notes);
}

Result<void> print_json(const std::vector<Row> &rows, double seconds, TextOutput &out) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/entropy-bench/1");
  put_key(json, "seconds");
  json.Double(seconds);
  put_key(json, "sources");
  json.StartArray();
  for (const Row &row : rows) {
    json.StartObject();
    put(json, "name", row.typed);
    put_or_null(json, "nature", row.nature);
    put_key(json, "available");
    json.Bool(row.missing.empty());
    put_or_null(json, "reason", row.missing);
    if (row.missing.empty())
      for (const auto &member : row.measurement.GetObject())
        if (std::string_view(member.name.GetString()) != "name") {
          json.Key(member.name.GetString());
          member.value.Accept(json);
        }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return out.write(finished(buffer));
}

Result<void> check_free(Folder &folder, const std::string &path) {
  const auto status = folder.status(split_path(path).name);
  if (!status)
    return failure(status.error());
  return *status ? failure(ErrorCode::already_exists, path + " exists already", "choose another name, or remove it")
                 : Result<void>();
}

struct Plot {
  std::string path{}, terminal{};
};

// Before anything is measured: is there a gnuplot, and a name for the picture?
Result<std::optional<Plot>> read_plot(const Invocation &call) {
  const auto path = call.options.value("plot");
  if (!path)
    return std::nullopt;
  Plot plot{*path, path->ends_with(".svg") ? "svg" : path->ends_with(".png") ? "pngcairo" : ""};
  if (plot.terminal.empty() || path->find('\n') != std::string::npos)
    return failure(ErrorCode::invalid_argument, "'--plot " + *path + "' is not possible",
                   "the name of a picture ends in .svg or .png");
  auto folder = call.environment.files.open_folder(split_path(*path).folder);
  if (!folder)
    return failure(std::move(folder).error());
  if (Result<void> free = check_free(**folder, *path); !free)
    return failure(std::move(free).error());
  if (auto asked = call.environment.programs.run(
          {"gnuplot", "--version"}, "", [](std::string_view) {}, call.environment.control);
      !asked)
    return failure(asked.error().code == ErrorCode::not_found
                       ? Error{ErrorCode::not_found, asked.error().sys_errno,
                               "gnuplot, which draws pictures, is not installed",
                               "install Debian's package gnuplot-nox, or leave out '--plot'"}
                       : std::move(asked).error());
  return plot;
}

// In gnuplot's single quotes nothing but the quote itself means anything.
std::string in_single_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

Result<void> draw(const Plot &plot, const std::vector<Row> &rows, const Invocation &call) {
  // At the beginning of a path gnuplot takes '|' for a command and '~' for a home folder.
  const std::string path = (plot.path.starts_with('/') ? "" : "./") + plot.path;
  std::string script = "set terminal " + plot.terminal + " size 900,600\nset output " + in_single_quotes(path) +
                       "\nset title 'Throughput of random sources'\nset xlabel 'size of a request'\n"
                       "set ylabel 'throughput'\nset logscale xy\nset xrange [10:2000000]\n"
                       "set xtics ('16 B' 16, '32 B' 32, '256 B' 256, '4 KiB' 4096, '64 KiB' 65536, '1 MiB' 1048576)\n"
                       "set format y '%.0s %cB/s'\nset key outside right noenhanced\nset grid\n"
                       "set style data linespoints\n";
  std::string plots;
  std::size_t block = 0;
  for (const Row &row : rows) {
    if (!row.missing.empty())
      continue;
    std::string points;
    for (const auto &one : row.measurement["throughput"].GetArray())
      if (one["bytes_per_second"].IsNumber())
        points += std::to_string(one["request_bytes"].GetUint64()) + " " +
                  std::to_string(one["bytes_per_second"].GetDouble()) + "\n";
    if (points.empty())
      continue;
    const std::string name = "$source" + std::to_string(++block);
    script += name + " << END\n" + points + "END\n";
    plots += (plots.empty() ? "plot " : ", ") + name + " title " + in_single_quotes(escaped(row.typed));
  }
  if (plots.empty())
    return failure(ErrorCode::unavailable, "there is nothing to draw: no throughput was measured",
                   "'--seconds' gives more time");
  const auto [folder_path, name] = split_path(plot.path);
  auto folder = call.environment.files.open_folder(folder_path);
  if (!folder)
    return failure(std::move(folder).error());
  if (Result<void> free = check_free(**folder, plot.path); !free)
    return free;
  const auto status = call.environment.programs.run(
      {"gnuplot"}, script + plots + "\n", [](std::string_view) {}, call.environment.control);
  if (status && *status == 0)
    return {};
  static_cast<void>((*folder)->remove(name)); // half a picture, if any
  if (!status)
    return failure(status.error());
  if (call.environment.control.cancelled())
    return failure(ErrorCode::cancelled, "interrupted");
  return failure(ErrorCode::io,
                 "gnuplot could not draw " + plot.path + " (its exit status: " + std::to_string(*status) + ")");
}

Result<int> execute(const Invocation &call) {
  const auto seconds = read_real(call.options, "seconds", 0.1, most_seconds);
  if (!seconds)
    return failure(seconds.error());
  const double budget = seconds->value_or(usual_seconds);
  auto plot = read_plot(call);
  if (!plot)
    return failure(std::move(plot).error());
  auto rows = choose_sources(call.options.words(), call.environment.plugins);
  if (!rows)
    return failure(std::move(rows).error());
  if (Result<void> measured = measure(*rows, budget, call); !measured)
    return failure(std::move(measured).error());
  auto printed = call.options.has("json") ? print_json(*rows, budget, call.environment.out)
                                          : print_tables(*rows, budget, call.environment.out);
  if (printed && *plot)
    printed = draw(**plot, *rows, call);
  if (!printed)
    return failure(std::move(printed).error());
  return !call.options.words().empty() && std::ranges::any_of(*rows, failed) ? 1 : 0;
}

} // namespace

const Command &entropy_bench_command() {
  static const Command command{
      {.name = "entropy bench",
       .synopsis = "entropy bench [SOURCE[:ARG]...] [options]",
       .summary = "Measure random sources (all that are there, if none is named): throughput by\n"
                  "request size, latency, and what 20 keys cost.",
       .options = option_table,
       .words = "SOURCE...",
       .epilogue = "exit status: 0; 1 when it or a source that was named failed, or the command\n"
                   "line was not valid\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
