#include "cli/options.hpp"

#include "ntpkeygen/host/did_you_mean.hpp"

#include <algorithm>
#include <boost/program_options.hpp>

namespace ntpkeygen::cli {
namespace {

namespace po = boost::program_options;

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

// Whether the parser could take an argument for an option, whatever stands around it. Describing an option costs it
// more than parsing one does, and a usual command line has few.
bool may_ask_for(const std::string &argument, const OptionSpec &option) {
  if (argument.starts_with("--"))
    return std::string_view(argument).substr(2, argument.find('=') - 2) == option.name;
  return argument.starts_with('-') && option.short_name != '\0' &&
         argument.find(option.short_name) != std::string::npos;
}

po::options_description describe(const CommandSpec &command, const std::vector<std::string> &arguments) {
  po::options_description described;
  for (const OptionSpec &option : command.options) {
    if (std::ranges::none_of(arguments, [&](const std::string &argument) { return may_ask_for(argument, option); }))
      continue;
    std::string names(option.name);
    if (option.short_name != '\0')
      names += std::string(",") + option.short_name;
    if (option.argument.empty())
      described.add_options()(names.c_str(), "");
    else
      described.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
  }
  return described;
}

const OptionSpec *find_option(const CommandSpec &command, std::string_view name) {
  for (const OptionSpec &option : command.options)
    if (option.name == name)
      return &option;
  return nullptr;
}

// `token`: an option as typed, with its dashes and perhaps a value behind `=`.
tl::unexpected<Error> unknown_option(const CommandSpec &command, std::string_view token) {
  const std::string typed(token.substr(0, token.find('=')));
  std::vector<std::string> known;
  for (const OptionSpec &option : command.options)
    known.push_back("--" + std::string(option.name));
  const auto near = did_you_mean(typed, known);
  std::string hint = near ? "did you mean '" + *near + "'?" : "'--help' lists the options";
  if (!command.unknown_option_hint.empty())
    hint.append(near ? " if not: " : "; ").append(command.unknown_option_hint);
  return invalid("unknown option '" + typed + "'", std::move(hint));
}

// Of the word that stands where a value should: "-" is a file, and -5 a number.
bool looks_like_an_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

} // namespace

Result<ParsedOptions> parse_options(const CommandSpec &command, const std::vector<std::string> &arguments) {
  using Style = po::command_line_style::style_t;
  constexpr int style = Style::allow_long | Style::long_allow_adjacent | Style::long_allow_next | Style::allow_short |
                        Style::short_allow_next | Style::short_allow_adjacent | Style::allow_dash_for_short |
                        Style::allow_sticky;
  const po::options_description described = describe(command, arguments);
  ParsedOptions parsed;
  try {
    const auto typed = po::command_line_parser(arguments).options(described).style(style).run();
    for (const auto &option : typed.options) {
      if (option.position_key >= 0) {
        parsed.words_.insert(parsed.words_.end(), option.value.begin(), option.value.end());
        continue;
      }
      auto &values = parsed.values_[option.string_key];
      const OptionSpec *spec = find_option(command, option.string_key);
      if (spec != nullptr && !spec->repeatable && !spec->argument.empty() && !values.empty())
        return invalid("'--" + option.string_key + "' is given twice", "give it once");
      // In one word with the option, a value is one whatever it looks like.
      if (option.original_tokens.size() > 1 && looks_like_an_option(option.original_tokens[1]))
        return invalid("'--" + option.string_key + "' needs a value, and '" + option.original_tokens[1] +
                           "' looks like an option",
                       "if it is the value, write '--" + option.string_key + "=" + option.original_tokens[1] + "'");
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::unknown_option &error) {
    return unknown_option(command, error.get_option_name());
  } catch (const po::invalid_command_line_syntax &error) {
    const std::string option = error.get_option_name();
    const std::string_view name =
        std::string_view(option).substr(std::min(option.find_first_not_of('-'), option.size()));
    const OptionSpec *spec = find_option(command, name);
    if (error.kind() == po::invalid_syntax::extra_parameter)
      return invalid("'" + option + "' takes no value", "write '" + option + "' alone");
    return invalid("'" + option + "' needs a value",
                   spec == nullptr ? ""
                                   : "write '--" + std::string(spec->name) + "=" + std::string(spec->argument) + "'");
  } catch (const po::error &error) {
    return invalid(error.what(), "'--help' lists the options");
  }
  return parsed;
}

std::string help_text(const CommandSpec &command, std::string_view program) {
  std::string text = "usage: " + std::string(program) + " " + std::string(command.synopsis) + "\n\n" +
                     std::string(command.summary) + "\n\noptions:\n";
  constexpr std::size_t help_column = 28;
  for (const OptionSpec &option : command.options) {
    std::string left = option.short_name == '\0' ? "      " : std::string("  -") + option.short_name + ", ";
    left += "--" + std::string(option.name);
    if (!option.argument.empty())
      left += " " + std::string(option.argument);
    if (left.size() + 2 > help_column)
      left += "\n" + std::string(help_column, ' ');
    else
      left.resize(help_column, ' ');
    // Further lines of a help text stand below its first.
    for (const char character : option.help) {
      left += character;
      if (character == '\n')
        left.append(help_column, ' ');
    }
    text += left + "\n";
  }
  if (!command.epilogue.empty())
    text += "\n" + std::string(command.epilogue);
  return text;
}

} // namespace ntpkeygen::cli
