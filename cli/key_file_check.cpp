#include "cli/key_file_check.hpp"

#include "cli/fitting_formats.hpp"
#include "cli/foreign_text.hpp"
#include "cli/key_file_place.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/daemon_config.hpp"
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

struct Guess {
  Format format;
  bool unsure = false;
};

Result<Guess> recognised_format(const std::string &path, std::span<const std::byte> file,
                                const std::vector<std::string> &names, const Invocation &call) {
  PluginSet &plugins = call.environment.plugins;
  const auto likely = likely_formats(file, names, call);
  const unsigned sure = likely.empty() ? 0 : likely.front().sure;
  constexpr std::string_view chrony = "chrony";
  if (!knows_a_word(sure) && path.find(chrony) != std::string::npos && std::ranges::find(names, chrony) != names.end())
    if (auto format = plugins.key_file_format(std::string(chrony)))
      return Guess{std::move(*format)};
  if (!knows_too_little(sure))
    return Guess{usual_format(likely).format};
  for (const std::string &name : names)
    if (auto format = plugins.key_file_format(name); format && !(*format)->info().reader.empty())
      return Guess{std::move(*format), true};
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
    TypeFacts known{{type}, {}, false};
    // A type without a plugin can be in a file all the same.
    if (const auto found = plugins.key_type(type)) {
      for (const KeyTypeAlias &alias : (*found)->info().aliases)
        known.names.push_back(alias.name);
      known.advice = (*found)->info().advice;
      known.drawn = true;
    }
    facts.push_back(std::move(known));
  }
  return facts;
}

std::string shown(const std::string &path) {
  return escaped(quoted_for_a_shell(path));
}

// Commands that change a file in its place would put a file in the place of a link.
std::string target_of(const std::string &path, Environment &environment) {
  const auto [folder_path, name] = split_path(path);
  const auto folder = environment.files.open_folder(folder_path);
  const auto link = folder ? (*folder)->link_target(name) : failure(ErrorCode::not_found, "");
  return link && *link ? environment.host.absolute(path) : path;
}

// Where most lines have types that the program does not know, the file may be another one's.
void name_other_format(CheckedKeys &checked, const std::string &file, const Invocation &call) {
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < checked.findings.size(); ++i)
    unknown += checked.findings[i].rule == "unknown-type" ? 1U : 0U;
  const auto lines = static_cast<std::size_t>(std::ranges::count_if(checked.file.lines, [](const Line &line) {
    return line.kind == Line::Kind::key || line.kind == Line::Kind::unknown;
  }));
  if (2 * unknown <= lines)
    return;
  const auto likely = likely_formats(checked.file.text.reveal(), format_names(call.environment.plugins), call);
  if (likely.empty() || usual_format(likely).format->info().name == checked.format->info().name)
    return;
  const std::string &other = usual_format(likely).format->info().name;
  checked.findings.replace_hints("unknown-type", "this looks like a file of " + other + "'s: ntpkeygen convert " +
                                                     file + " --from " + other + " --to " +
                                                     checked.format->info().name);
}

} // namespace

Result<CheckedKeys> check_keys(const std::string &path, const std::optional<std::string> &format,
                               const Implementations &programs, const Invocation &call) {
  Environment &environment = call.environment;
  auto input = read_key_file(environment.files, path, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  if (looks_like_daemon_config(input->text.reveal_text()))
    return failure(ErrorCode::invalid_argument,
                   input_name(path) + " looks like a daemon's configuration, and not like a keys file",
                   "check it, and the keys file that it names, with 'ntpkeygen check --config FILE'");
  const std::vector<std::string> names = format ? std::vector{*format} : candidates(programs, environment.plugins);
  auto guess = format ? named_format(*format, environment.plugins).map([](const Format &named) { return Guess{named}; })
                      : recognised_format(path, input->text.reveal(), names, call);
  if (!guess)
    return failure(std::move(guess).error());
  Implementations readers = programs;
  if (readers.empty()) {
    auto own = environment.plugins.key_file_reader(guess->format->info().reader);
    if (!own)
      return failure(std::move(own).error());
    readers.push_back(std::move(*own));
  }

  CheckedKeys checked;
  checked.format = std::move(guess->format);
  checked.guessed = names.size() > 1;
  checked.unsure = checked.guessed && guess->unsure;
  checked.status = input->status;
  const auto in_words = writes_in_words(*checked.format, environment.secrets);
  if (!in_words)
    return failure(in_words.error());
  if (!*in_words)
    checked.findings.keep_to_own_hints();
  auto parsed = checked.format->parse(std::move(input->text), environment.secrets, checked.findings);
  if (!parsed)
    return failure(std::move(parsed).error());
  checked.file = std::move(*parsed);
  const std::vector<TypeFacts> types = facts_about(checked.file.types, environment.plugins);
  KeyLint lint({checked.file, checked.format->info(), types, *in_words}, checked.findings);
  for (const auto &reader : readers) {
    auto loaded = reader->interpret(checked.file.text.reveal(), environment.secrets);
    if (!loaded)
      return failure(std::move(loaded).error());
    lint.look_at({reader->info().name, std::move(*loaded)});
  }
  lint.finish();
  const bool is_file = path != standard_input;
  name_other_format(checked, is_file ? shown(path) : "FILE", call);
  if (is_file) {
    check_place(path, checked.status, checked.format->info(), environment, checked.findings);
    checked.findings.name_file(shown(target_of(path, environment)));
  }
  checked.findings.sort();
  return checked;
}

} // namespace ntpkeygen::cli
