#include "cli/key_file_check.hpp"

#include "cli/key_file_place.hpp"
#include "ntpkeygen/host/key_file_input.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

// What a format gives at most to lines without anything that is its own; a line that only chrony takes is a mistake
// more often than the sign of a chrony file, so it has to be well ahead of the others then.
constexpr unsigned lines_alone = 50, margin = 25;
// Where formats recognise a file equally well, the first one is taken.
constexpr std::array<std::string_view, 4> usual_order{"ntpsec", "classic", "chrony", "busybox"};

using Format = std::shared_ptr<const KeyFileFormat>;

Result<Format> named_format(const std::string &name, PluginSet &plugins) {
  auto format = plugins.key_file_format(name);
  if (format && (*format)->info().reader.empty())
    return failure(ErrorCode::unsupported, "the format " + name + " is only written, and no program reads it back",
                   "name the format of the program that reads the file");
  return format;
}

Result<Format> recognised_format(std::span<const std::byte> file, const Implementations &programs,
                                 const Invocation &call) {
  PluginSet &plugins = call.environment.plugins;
  std::vector<std::string> names;
  for (const auto &program : programs)
    names.push_back(program->info().format);
  if (names.empty()) {
    names = plugins.names(PluginKind::key_file_format);
    std::ranges::stable_sort(names, {}, [](const std::string &name) { return std::ranges::find(usual_order, name); });
  }
  Format best;
  unsigned surest = 0;
  for (const std::string &name : names) {
    auto format = plugins.key_file_format(name);
    if (!format)
      call.messages.warning("without the format " + name + ": " + format.error().message, format.error().hint);
    else if (const unsigned sure = (*format)->recognise(file);
             !(*format)->info().reader.empty() &&
             (best == nullptr || sure > surest + (sure > lines_alone ? 0 : margin))) {
      best = std::move(*format);
      surest = sure;
    }
  }
  if (best == nullptr)
    return failure(ErrorCode::not_found, "no plugin that can read a key file format was found",
                   "name the folder that holds the plugins with '--plugin-dir DIR'");
  return best;
}

std::vector<TypeFacts> facts_about(const std::vector<std::string> &types, PluginSet &plugins) {
  std::vector<TypeFacts> facts;
  for (const std::string &type : types) {
    TypeFacts known{{type}, {}};
    // A type without a plugin can be in a file all the same.
    if (const auto found = plugins.key_type(type)) {
      for (const KeyTypeAlias &alias : (*found)->info().aliases)
        known.names.push_back(alias.name);
      known.advice = (*found)->info().advice;
    }
    facts.push_back(std::move(known));
  }
  return facts;
}

} // namespace

Result<CheckedKeys> check_keys(const std::string &path, const std::optional<std::string> &format,
                               const Implementations &programs, const Invocation &call) {
  Environment &environment = call.environment;
  auto input = read_key_file(environment.files, path, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  auto chosen =
      format ? named_format(*format, environment.plugins) : recognised_format(input->text.reveal(), programs, call);
  if (!chosen)
    return failure(std::move(chosen).error());
  Implementations readers = programs;
  if (readers.empty()) {
    auto own = environment.plugins.key_file_reader((*chosen)->info().reader);
    if (!own)
      return failure(std::move(own).error());
    readers.push_back(std::move(*own));
  }

  CheckedKeys checked;
  checked.format = std::move(*chosen);
  checked.status = input->status;
  auto parsed = checked.format->parse(std::move(input->text), environment.secrets, checked.findings);
  if (!parsed)
    return failure(std::move(parsed).error());
  checked.file = std::move(*parsed);
  const std::vector<TypeFacts> types = facts_about(checked.file.types, environment.plugins);
  KeyLint lint({checked.file, checked.format->info(), types}, checked.findings);
  for (const auto &reader : readers) {
    auto loaded = reader->interpret(checked.file.text.reveal(), environment.secrets);
    if (!loaded)
      return failure(std::move(loaded).error());
    lint.look_at({reader->info().name, std::move(*loaded)});
  }
  lint.finish();
  check_place(path, checked.status, checked.format->info(), environment, checked.findings);
  checked.findings.sort();
  return checked;
}

} // namespace ntpkeygen::cli
