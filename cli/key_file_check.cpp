#include "cli/key_file_check.hpp"

#include "cli/fitting_formats.hpp"
#include "cli/key_file_place.hpp"
#include "ntpkeygen/host/key_file_input.hpp"

#include <algorithm>

namespace ntpkeygen::cli {
namespace {

using Format = std::shared_ptr<const KeyFileFormat>;

Result<Format> named_format(const std::string &name, PluginSet &plugins) {
  auto format = plugins.key_file_format(name);
  if (format && (*format)->info().reader.empty())
    return failure(ErrorCode::unsupported, "the format " + name + " is only written, and no program reads it back",
                   "name the format of the program that reads the file");
  return format;
}

Result<Format> recognised_format(std::span<const std::byte> file, const std::vector<std::string> &names,
                                 const Invocation &call) {
  if (const auto likely = likely_formats(file, names, call); !likely.empty())
    return usual_format(likely).format;
  for (const std::string &name : names)
    if (auto format = call.environment.plugins.key_file_format(name); format && !(*format)->info().reader.empty())
      return format;
  return failure(ErrorCode::not_found, "no plugin that can read a key file format was found",
                 "name the folder that holds the plugins with '--plugin-dir DIR'");
}

// Those of which a file can be, as far as its programs tell.
std::vector<std::string> candidates(const Implementations &programs, PluginSet &plugins) {
  std::vector<std::string> names;
  for (const auto &program : programs)
    if (const std::string &name = program->info().format; std::ranges::find(names, name) == names.end())
      names.push_back(name);
  return names.empty() ? format_names(plugins) : names;
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
  const std::vector<std::string> names = format ? std::vector{*format} : candidates(programs, environment.plugins);
  auto chosen =
      format ? named_format(*format, environment.plugins) : recognised_format(input->text.reveal(), names, call);
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
  checked.guessed = names.size() > 1;
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
