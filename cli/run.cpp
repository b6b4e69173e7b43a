#include "cli/run.hpp"

#include "cli/classic_name.hpp"
#include "cli/command.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/did_you_mean.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view version_line = "ntpkeygen " NTPKEYGEN_VERSION "\n";

std::string base_name(const std::string &path) {
  return path.substr(path.find_last_of('/') + 1);
}

struct Choice {
  const Command *command;
  std::vector<std::string> arguments; // those behind the command's name
};

Result<Choice> choose_command(std::vector<std::string> arguments) {
  const auto commands = all_commands();
  if (arguments.empty() || arguments.front().starts_with('-'))
    return Choice{commands.front(), std::move(arguments)};
  // The names of some have two words: "entropy assess".
  const std::string two = arguments.front() + (arguments.size() > 1 ? " " + arguments[1] : "");
  bool of_two = false;
  std::vector<std::string> names;
  for (const Command *command : commands) {
    if (arguments.front() == command->spec.name)
      return Choice{command, {arguments.begin() + 1, arguments.end()}};
    if (two == command->spec.name)
      return Choice{command, {arguments.begin() + 2, arguments.end()}};
    of_two = of_two || command->spec.name.starts_with(arguments.front() + " ");
    names.emplace_back(command->spec.name);
  }
  const std::string &typed = of_two ? two : arguments.front();
  const auto near = did_you_mean(typed, names);
  std::string listed;
  for (const std::string &name : names)
    listed += (listed.empty() ? "" : ", ") + name;
  return failure(ErrorCode::invalid_argument, "unknown command '" + typed + "'",
                 typed == "help" || typed == "version" ? "write '--" + typed + "'"
                 : near                                ? "did you mean '" + *near + "'?"
                                                       : "the commands are " + listed + "; '--help' tells more");
}

Result<int> run_command(const Command &command, const std::vector<std::string> &arguments, std::string_view typed,
                        bool as_classic, Environment &environment, Messages &messages) {
  const CommandSpec spec = as_classic ? classic_spec(command.spec) : command.spec;
  if (as_classic)
    if (auto checked = check_classic_arguments(spec, arguments); !checked)
      return failure(std::move(checked).error());
  auto options = parse_options(spec, arguments);
  if (!options)
    return failure(std::move(options).error());
  // Asked for help, a program helps, whatever else is on the line.
  if (options->has("help") || options->has("version")) {
    const auto text = !options->has("help") ? std::string(version_line) : help_text(spec, messages.program());
    auto written = environment.out.write(text);
    return written ? Result<int>(0) : failure(std::move(written).error());
  }
  if (spec.words.empty() && !options->words().empty()) {
    const std::string &word = options->words().front();
    for (const Command *other : all_commands())
      if (word == other->spec.name)
        return as_classic
                   ? failure(ErrorCode::invalid_argument, "ntp-keygen has no commands",
                             "write 'ntpkeygen " + word + "'")
                   : failure(ErrorCode::invalid_argument, "the command '" + word + "' has to stand before all options",
                             "write 'ntpkeygen " + word + " [options]'");
    return failure(ErrorCode::invalid_argument, "unexpected word '" + word + "'", "'--help' lists what can be given");
  }
  if (options->has("quiet"))
    messages.silence_notices();
  if (as_classic)
    if (auto checked = check_classic_invocation(*options); !checked)
      return failure(std::move(checked).error());
  environment.plugins.search_first(options->values("plugin-dir"));
  return command.execute({*options, environment, messages, typed});
}

} // namespace

std::span<const Command *const> all_commands() {
  static const std::array commands{&generate_command(),      &convert_command(), &check_command(),
                                   &explain_command(),       &probe_command(),   &plugins_command(),
                                   &entropy_assess_command()};
  return commands;
}

int run(const std::vector<std::string> &arguments, Environment &environment) {
  const std::string name = arguments.empty() ? "ntpkeygen" : base_name(arguments.front());
  const bool as_classic = name == "ntp-keygen";
  Messages messages(environment.err, as_classic ? "ntp-keygen" : "ntpkeygen", wants_colour(environment.err));
  int failed_status = 1;
  try {
    std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
    // A path that was typed is needed again: the program may not be where a shell looks for it.
    std::string typed = !arguments.empty() && arguments.front().find('/') != std::string::npos
                            ? quoted_for_a_shell(arguments.front())
                            : std::string(messages.program());
    for (const std::string &argument : rest)
      typed += " " + quoted_for_a_shell(argument);
    auto choice =
        as_classic ? Result<Choice>(Choice{&generate_command(), std::move(rest)}) : choose_command(std::move(rest));
    if (!choice) {
      messages.error(choice.error());
      return failed_status;
    }
    failed_status = choice->command->failed_status;
    auto status = run_command(*choice->command, choice->arguments, typed, as_classic, environment, messages);
    if (status)
      return *status;
    messages.error(status.error());
  } catch (const std::bad_alloc &) {
    messages.error(Error{ErrorCode::out_of_memory});
  }
  return failed_status;
}

} // namespace ntpkeygen::cli
