// What has to hold for whatever is typed behind the program's name. Nothing is done: commands are replaced by one that
// only notes that it was called, and the generating one finds no plugins.
#pragma once

#include "cli/classic_name.hpp"
#include "cli/further_commands.hpp"
#include "cli/generate_options.hpp"
#include "cli/run.hpp"
#include "support/fake_environment.hpp"

#include <algorithm>

namespace ntpkeygen::test {

// Each line a word, the first the program's name.
inline std::vector<std::string> words_of_lines(std::string_view input) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= input.size();) {
    const std::size_t end = std::min(input.find('\n', begin), input.size());
    // A word of a command line ends with NUL.
    const std::string_view line = input.substr(begin, end - begin);
    words.emplace_back(line.substr(0, line.find('\0')));
    begin = end + 1;
  }
  return words;
}

// The other commands, without what they do.
inline std::span<const cli::Command *const> idle_commands() {
  static const std::vector<cli::Command> commands = [] {
    std::vector<cli::Command> all;
    for (const cli::Command *command : cli::further_commands())
      all.push_back({command->spec, [](const cli::Invocation &) -> Result<int> { return 0; }});
    return all;
  }();
  static const std::vector<const cli::Command *> pointers = [] {
    std::vector<const cli::Command *> all;
    for (const cli::Command &command : commands)
      all.push_back(&command);
    return all;
  }();
  return pointers;
}

// The command that these words name, as the program would parse what stands behind it.
inline cli::CommandSpec spec_of(const std::vector<std::string> &words) {
  const std::string_view name = cli::command_of(words);
  for (const cli::Command *command : idle_commands())
    if (command->spec.name == name)
      return command->spec;
  const cli::CommandSpec spec = cli::generate_command().spec;
  return words.front().ends_with("ntp-keygen") ? cli::classic_spec(spec) : spec;
}

inline bool same_options(const cli::CommandSpec &spec, const cli::ParsedOptions &a, const cli::ParsedOptions &b) {
  return a.words() == b.words() && std::ranges::all_of(spec.options, [&](const cli::OptionSpec &option) {
           return a.has(option.name) == b.has(option.name) && a.values(option.name) == b.values(option.name);
         });
}

inline std::string broken_by_values(const cli::CommandSpec &spec, const std::vector<std::string> &arguments,
                                    const cli::ParsedOptions &parsed) {
  const auto was_typed = [&](const std::string &text) {
    return std::ranges::any_of(arguments, [&](const std::string &each) { return each.ends_with(text); });
  };
  // The same, written as the manual has it.
  std::vector<std::string> plainly;
  for (const cli::OptionSpec &option : spec.options) {
    const std::string name = "--" + std::string(option.name);
    const std::vector<std::string> values = parsed.values(option.name);
    if (option.argument.empty() && !values.empty())
      return name + " takes no value, and has one";
    if (!option.argument.empty() && parsed.has(option.name) != !values.empty())
      return name + " takes a value, and has none";
    if (!option.repeatable && values.size() > 1)
      return name + " has two values";
    if (!std::ranges::all_of(values, was_typed))
      return name + " has a value that was not typed";
    if (option.argument.empty() && parsed.has(option.name))
      plainly.push_back(name);
    for (const std::string &value : values) {
      plainly.push_back(value.empty() ? name : name + "=" + value);
      if (value.empty())
        plainly.push_back(value);
    }
  }
  plainly.emplace_back("--");
  for (const std::string &word : parsed.words()) {
    if (!was_typed(word))
      return "a word was not typed: " + word;
    plainly.push_back(word);
  }
  const auto again = cli::parse_options(spec, plainly);
  if (!again)
    return "written plainly, it is not understood: " + again.error().message;
  return same_options(spec, parsed, *again) ? "" : "written plainly, it is understood otherwise";
}

inline std::string broken_by_generate_options(const cli::ParsedOptions &parsed) {
  FakeHost host;
  const auto options = cli::read_generate_options(parsed, host);
  if (!options)
    return options.error().message.empty() ? "an error of the options has no words" : "";
  const auto &mode = options->permissions.mode;
  if (options->count == 0U || options->bits == std::uint16_t{0} || options->bits.value_or(8) % 8 != 0)
    return "no keys, or keys of no whole bytes";
  if (mode && ((*mode & ~0660U) != 0 || (*mode & 0400U) == 0))
    return "a mode that no keys file may have";
  if (options->min_entropy && !(*options->min_entropy > 0 && *options->min_entropy <= 8))
    return "a min-entropy that no sample has";
  if (options->sources.empty() || options->format.empty() != (parsed.value("format") == ""))
    return "there is always a source and a format";
  if (options->to_stdout() && (options->json || options->replace || options->adopt || options->keep_current ||
                               options->permissions.mode || options->permissions.owner))
    return "standard output is no file";
  return "";
}

// Empty when all is as promised, else what is not.
inline std::string broken_by_options(std::string_view input) {
  const std::vector<std::string> words = words_of_lines(input);
  FakeWorld world;
  const int status = cli::run(words, world.environment, idle_commands());
  const std::string &said = world.err.text;
  if (status < 0 || status > 2)
    return "an exit status that is none";
  if ((status != 0) != (said.find(": error: ") != std::string::npos))
    return "an exit status without an error, or an error without one: " + said;
  if (!said.empty() && !said.ends_with('\n'))
    return "a message without an end";
  for (std::size_t begin = 0; begin < said.size(); begin = said.find('\n', begin) + 1)
    if (!said.substr(begin).starts_with("ntpkeygen: ") && !said.substr(begin).starts_with("ntp-keygen: "))
      return "a line of a message that is not the program's: " + said;
  if (std::ranges::any_of(said, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7f'; }))
    return "a message that could steer the terminal";

  const cli::CommandSpec spec = spec_of(words);
  const std::vector<std::string> arguments(words.begin() + 1, words.end());
  const auto parsed = cli::parse_options(spec, arguments);
  if (!parsed)
    return parsed.error().code != ErrorCode::invalid_argument || parsed.error().message.empty()
               ? "an error of the parser is that of an argument, and has words"
               : "";
  std::string broken = broken_by_values(spec, arguments, *parsed);
  return broken.empty() && spec.name == "generate" ? broken_by_generate_options(*parsed) : broken;
}

} // namespace ntpkeygen::test
