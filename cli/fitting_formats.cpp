#include "cli/fitting_formats.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr std::array<std::string_view, 4> usual_order{"ntpsec", "classic", "chrony", "busybox"};
// What a format gives at most to lines without anything that is its own.
constexpr unsigned lines_alone = 50;

} // namespace

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
  return FormatReading{0, std::move(format), std::move(*reader), std::move(*loaded)};
}

std::vector<LikelyFormat> likely_formats(std::span<const std::byte> file, const std::vector<std::string> &names,
                                         const Invocation &call) {
  std::vector<LikelyFormat> likely;
  for (const std::string &name : names) {
    auto format = call.environment.plugins.key_file_format(name);
    if (!format) {
      call.messages.warning("without the format " + name + ": " + format.error().message, format.error().hint);
      continue;
    }
    // Under one of its names only.
    const bool known = std::ranges::find(likely, *format, &LikelyFormat::format) != likely.end();
    const unsigned sure = known || (*format)->info().reader.empty() ? 0 : (*format)->recognise(file);
    if (sure != 0)
      likely.push_back({sure, std::move(*format)});
  }
  std::ranges::stable_sort(likely, std::ranges::greater(), &LikelyFormat::sure);
  // The others know few of the lines, or the first one knows them by a word of its own.
  std::erase_if(likely, [&, best = likely.empty() ? 0 : likely.front().sure](const LikelyFormat &each) {
    return 2 * each.sure < best;
  });
  return likely;
}

const LikelyFormat &usual_format(const std::vector<LikelyFormat> &likely) {
  return knows_a_word(likely.front().sure) ? likely.front()
                                           : *std::ranges::min_element(likely, {}, [](const auto &each) {
                                               return std::ranges::find(usual_order, each.format->info().name);
                                             });
}

bool knows_a_word(unsigned sure) {
  return sure > lines_alone;
}

bool knows_too_little(unsigned sure) {
  return 2 * sure < lines_alone;
}

std::vector<std::string> format_names(PluginSet &plugins) {
  std::vector<std::string> names = plugins.names(PluginKind::key_file_format);
  std::ranges::stable_sort(names, {}, [](const std::string &name) { return std::ranges::find(usual_order, name); });
  return names;
}

Result<std::vector<FormatReading>> fitting_formats(std::span<const std::byte> file, const Invocation &call) {
  const std::vector<LikelyFormat> likely = likely_formats(file, format_names(call.environment.plugins), call);
  std::vector<FormatReading> readings;
  for (const LikelyFormat &each : likely) {
    auto reading = read_as_format(each.format, file, call);
    if (!reading)
      return failure(std::move(reading).error());
    reading->sure = each.sure;
    readings.push_back(std::move(*reading));
  }
  if (!likely.empty()) {
    const auto usual = std::ranges::find(readings, usual_format(likely).format, &FormatReading::format);
    std::rotate(readings.begin(), usual, usual + 1);
  }
  return readings;
}

} // namespace ntpkeygen::cli
