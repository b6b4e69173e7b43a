#include "cli/run.hpp"

#include "cli/classic_name.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/did_you_mean.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <new>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view version_line = "ntpkeygen " NTPKEYGEN_VERSION "\n";

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

bool is_classic_name(std::string_view program) {
  return base_name(program) == "ntp-keygen";
}

using FurtherCommands = std::span<const Command *const>;

Result<const Command *> find_command(std::string_view name, FurtherCommands further) {
  if (name == command_names.front())
    return &generate_command();
  const auto found = std::ranges::find(further, name, [](const Command *command) { return command->spec.name; });
  if (found == further.end())
    return failure(ErrorCode::plugin_fault, "the command '" + std::string(name) + "' is missing",
                   "install ntpkeygen again");
  return *found;
}

// `words`: what was typed behind the program's name, which is no command.
Error unknown_command(const std::vector<std::string> &words) {
  const bool of_two =
      std::ranges::any_of(command_names, [&](std::string_view name) { return name.starts_with(words.front() + " "); });
  std::vector<std::string> names(command_names.begin(), command_names.end());
  if (of_two && (words.size() == 1 || words[1].starts_with('-'))) {
    std::erase_if(names, [&](const std::string &name) { return !name.starts_with(words.front() + " "); });
    return {ErrorCode::invalid_argument, 0, "'" + words.front() + "' is the first word of several commands",
            "they are " + joined_with_and(names) + "; each has '--help'"};
  }
  const std::string typed = words.front() + (of_two ? " " + words[1] : "");
  const auto near = did_you_mean(typed, names);
  std::string listed;
  for (const std::string &name : names)
    listed += (listed.empty() ? "" : ", ") + name;
  return {ErrorCode::invalid_argument, 0, "unknown command '" + typed + "'",
          typed == "help" || typed == "version" ? "write '--" + typed + "'"
          : near                                ? "did you mean '" + *near + "'?"
                                                : "the commands are " + listed + "; '--help' tells more"};
}

// What `ntpkeygen entropy --help` prints. The commands' own help is in a library, which need not be there for this.
struct Purpose {
  std::string_view command, purpose;
};
constexpr auto entropy_purposes = std::to_array<Purpose>({
    {"entropy list", "the random sources that there are"},
    {"entropy record", "record samples of a source"},
    {"entropy assess", "estimate the min-entropy of samples (NIST SP 800-90B)"},
    {"entropy restart", "the restart tests, of samples after each of 1000 restarts"},
    {"entropy conditioning", "the entropy of a conditioning component's output"},
    {"entropy report", "all of that about a source, as a page to hand in"},
    {"entropy bench", "how fast sources are, and what an assessment says of them"},
    {"entropy transpose", "the columns of restart data"},
    {"entropy selftest", "does this build come to the reference's figures?"},
});
static_assert(std::ssize(entropy_purposes) ==
              std::ranges::count_if(command_names, [](std::string_view name) { return name.starts_with("entropy "); }));

bool asks_for_entropy_help(const std::vector<std::string> &words) {
  return words.size() >= 2 && words[0] == "entropy" && (words[1] == "--help" || words[1] == "-h");
}

std::string entropy_help(std::string_view program) {
  constexpr std::size_t column = 24;
  std::string text = "usage: " + std::string(program) +
                     " entropy COMMAND [options]\n\nRecord, measure and assess sources "
                     "of randomness.\n\ncommands:\n";
  for (const auto &[command, purpose] : entropy_purposes) {
    std::string line = "  " + std::string(command);
    line.resize(column, ' ');
    text += line + std::string(purpose) + "\n";
  }
  return text + "\n'" + std::string(program) + " entropy COMMAND --help' tells more of one.\n";
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
    for (const std::string_view name : command_names)
      if (word == name && name != spec.name)
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

std::string_view command_of(const std::vector<std::string> &arguments) {
  if (arguments.size() < 2 || arguments[1].starts_with('-') || is_classic_name(arguments[0]))
    return command_names.front();
  // The names of some have two words: "entropy assess".
  const std::string two = arguments[1] + (arguments.size() > 2 ? " " + arguments[2] : "");
  for (const std::string_view name : command_names)
    if (name == arguments[1] || name == two)
      return name;
  return {};
}

int run(const std::vector<std::string> &arguments, Environment &environment, FurtherCommands further) {
  const bool as_classic = !arguments.empty() && is_classic_name(arguments.front());
  Messages messages(environment.err, as_classic ? "ntp-keygen" : "ntpkeygen", wants_colour(environment.err));
  int failed_status = 1;
  try {
    // cppcheck-suppress containerOutOfBounds ; nothing is added when there are none
    std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
    // A path that was typed is needed again: the program may not be where a shell looks for it.
    std::string typed = !arguments.empty() && arguments.front().find('/') != std::string::npos
                            ? quoted_for_a_shell(arguments.front())
                            : std::string(messages.program());
    for (const std::string &argument : rest)
      typed += " " + quoted_for_a_shell(argument);
    const std::string_view name = command_of(arguments);
    if (name.empty() && asks_for_entropy_help(rest)) {
      const auto written = environment.out.write(entropy_help(messages.program()));
      if (!written)
        messages.error(written.error());
      return written ? 0 : 1;
    }
    if (name.empty()) {
      messages.error(unknown_command(rest));
      return failed_status;
    }
    failed_status = failed_status_of(name);
    const auto command = find_command(name, further);
    if (!command) {
      messages.error(command.error());
      return failed_status;
    }
    if (!as_classic && !rest.empty() && !rest.front().starts_with('-'))
      rest.erase(rest.begin(), rest.begin() + 1 + std::ranges::count(name, ' '));
    auto status = run_command(**command, rest, typed, as_classic, environment, messages);
    if (status)
      return *status;
    messages.error(status.error());
  } catch (const std::bad_alloc &) {
    messages.error(Error{ErrorCode::out_of_memory});
  }
  return failed_status;
}

} // namespace ntpkeygen::cli
