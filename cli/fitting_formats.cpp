#include "cli/fitting_formats.hpp"

#include <algorithm>

namespace ntpkeygen::cli {

Result<FormatReading> read_as_format(std::shared_ptr<const KeyFileFormat> format, std::span<const std::byte> file,
                                     const Invocation &call) {
  const FormatInfo &info = format->info();
  if (info.reader.empty())
    return failure(ErrorCode::unsupported, "the format " + info.name + " is only written here, not read",
                   "name the format of a program's keys file, such as ntpsec or chrony");
  auto reader = call.environment.plugins.key_file_reader(info.reader);
  if (!reader)
    return failure(std::move(reader).error());
  auto loaded = (*reader)->interpret(file, call.environment.secrets);
  if (!loaded)
    return failure(std::move(loaded).error());
  return FormatReading{std::move(format), std::move(*reader), std::move(*loaded)};
}

Result<std::vector<FormatReading>> fitting_formats(std::span<const std::byte> file, const Invocation &call) {
  PluginSet &plugins = call.environment.plugins;
  std::vector<std::pair<unsigned, std::shared_ptr<const KeyFileFormat>>> likely;
  for (const std::string &name : plugins.names(PluginKind::key_file_format)) {
    auto format = plugins.key_file_format(name);
    if (!format) {
      call.messages.warning("without the format " + name + ": " + format.error().message, format.error().hint);
      continue;
    }
    // Under one of its names only.
    const bool known = std::ranges::find(likely, *format, [](const auto &each) { return each.second; }) != likely.end();
    const unsigned sure = known || (*format)->info().reader.empty() ? 0 : (*format)->recognise(file);
    if (sure != 0)
      likely.emplace_back(sure, std::move(*format));
  }
  std::ranges::stable_sort(likely, std::ranges::greater(), [](const auto &each) { return each.first; });
  std::vector<FormatReading> readings;
  for (auto &[sure, format] : likely) {
    if (2 * sure < likely.front().first) // it knows few of the lines, or the other knows them by a word of its own
      break;
    auto reading = read_as_format(std::move(format), file, call);
    if (!reading)
      return failure(std::move(reading).error());
    readings.push_back(std::move(*reading));
  }
  return readings;
}

} // namespace ntpkeygen::cli
