#include "cli/implementations.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

// Servers first, then one-shot clients; what is not listed comes behind them.
constexpr std::array<std::string_view, 7> usual_order{"ntpsec",  "ntpsec@1.2.5", "classic", "chrony",
                                                      "busybox", "ntpdig",       "sntp"};

std::vector<std::string> installed(PluginSet &plugins) {
  std::vector<std::string> names = plugins.names(PluginKind::key_file_reader);
  std::ranges::stable_sort(names, {}, [](const std::string &name) { return std::ranges::find(usual_order, name); });
  return names;
}

Result<std::vector<std::string>> split_names(const std::string &list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    names.push_back(list.substr(at, end - at));
    if (names.back().empty())
      return failure(ErrorCode::invalid_argument, "'--for " + list + "': a name is missing",
                     "write '--for ntpsec,chrony', without blanks");
    at = end + 1;
  }
  return names;
}

} // namespace

Result<Implementations> open_implementations(const std::optional<std::string> &named, const Invocation &call) {
  PluginSet &plugins = call.environment.plugins;
  std::vector<std::string> names;
  if (named) {
    auto split = split_names(*named);
    if (!split)
      return failure(std::move(split).error());
    names = std::move(*split);
  } else {
    names = installed(plugins);
  }
  Implementations programs;
  for (const std::string &name : names) {
    auto program = plugins.key_file_reader(name);
    if (!program && named)
      return failure(std::move(program).error());
    if (!program)
      call.messages.warning("without " + name + ": " + program.error().message, program.error().hint);
    else if (std::ranges::find(programs, *program) == programs.end())
      programs.push_back(std::move(*program));
  }
  if (programs.empty())
    return failure(ErrorCode::not_found, "no plugin that knows how a program reads keys files was found",
                   "name the folder that holds the plugins with '--plugin-dir DIR'");
  return programs;
}

Result<std::vector<ProgramView>> read_as(const Implementations &programs, std::span<const std::byte> file,
                                         SecretMemory &memory) {
  std::vector<ProgramView> views;
  for (const auto &program : programs) {
    auto loaded = program->interpret(file, memory);
    if (!loaded)
      return failure(std::move(loaded).error());
    views.push_back({program->info().name, std::move(*loaded)});
  }
  return views;
}

} // namespace ntpkeygen::cli
