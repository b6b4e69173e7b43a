#include "cli/completions.hpp"

#include "ntpkeygen/sdk/plugin.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ntpkeygen::cli {
namespace {

// The options whose values are names of plugins.
constexpr std::array<std::pair<std::string_view, PluginKind>, 7> named_plugins{{
    {"type", PluginKind::key_type},
    {"format", PluginKind::key_file_format},
    {"from", PluginKind::key_file_format},
    {"to", PluginKind::key_file_format},
    {"for", PluginKind::key_file_reader},
    {"source", PluginKind::random_source},
    {"assessment", PluginKind::entropy_assessment},
}};

struct Values {
  enum class Kind : std::uint8_t { anything, files, folders, users, plugins, words };
  Kind kind{};
  std::string text{}; // the kind of plugins, or the words with blanks between them
};

// Of what the help calls an option's argument, or a command's words.
Values values_of(std::string_view option, std::string_view argument) {
  const auto *const named = std::ranges::find(named_plugins, option, &decltype(named_plugins)::value_type::first);
  if (named != named_plugins.end())
    return {Values::Kind::plugins, std::string(kind_name(named->second))};
  if (argument.find("FILE") != std::string_view::npos || argument == "CONF")
    return {Values::Kind::files, ""};
  if (argument == "DIR")
    return {Values::Kind::folders, ""};
  if (argument.starts_with("USER"))
    return {Values::Kind::users, ""};
  if (argument.starts_with("SOURCE"))
    return {Values::Kind::plugins, std::string(kind_name(PluginKind::random_source))};
  std::string words(argument);
  if (words.find('|') == std::string::npos)
    return {};
  std::ranges::replace(words, '|', ' ');
  for (std::string_view placeholder : {"N ", "ID "})
    if (words.starts_with(placeholder))
      words.erase(0, placeholder.size());
  return {Values::Kind::words, words};
}

std::string long_name(const OptionSpec &option) {
  return "--" + std::string(option.name);
}
std::string short_name(const OptionSpec &option) {
  return std::string("-") + option.short_name;
}

// The first words of commands; where a command has two, only the first one, once.
std::vector<std::string> first_words(std::span<const Command *const> commands) {
  std::vector<std::string> words;
  for (const Command *command : commands)
    if (std::string word(command->spec.name.substr(0, command->spec.name.find(' ')));
        std::ranges::find(words, word) == words.end())
      words.push_back(std::move(word));
  return words;
}
std::vector<std::string> second_words(std::span<const Command *const> commands, std::string_view first) {
  std::vector<std::string> words;
  for (const Command *command : commands)
    if (command->spec.name.starts_with(std::string(first) + " "))
      words.emplace_back(command->spec.name.substr(first.size() + 1));
  return words;
}

std::string joined(const std::vector<std::string> &words) {
  std::string text;
  for (const std::string &word : words)
    text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// In single quotes, for all three shells; help has no single quotes but as apostrophes.
std::string in_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string with_escapes(std::string_view text, std::string_view escaped) {
  std::string out;
  for (const char c : text)
    (escaped.find(c) != std::string_view::npos ? out.append(1, '\\') : out).append(1, c == '\n' ? ' ' : c);
  return out;
}

constexpr std::string_view origin = "made from the program's own tables of options; do not edit\n";

} // namespace

std::string bash_completion(std::span<const Command *const> commands) {
  const auto reply = [](const Values &values) -> std::string {
    switch (values.kind) {
    case Values::Kind::files:
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")";
    case Values::Kind::folders:
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$current\")";
    case Values::Kind::users:
      return "mapfile -t COMPREPLY < <(compgen -u -- \"$current\")";
    case Values::Kind::plugins:
      return "_ntpkeygen_reply " + values.text;
    case Values::Kind::words:
      return "mapfile -t COMPREPLY < <(compgen -W " + in_quotes(values.text) + " -- \"$current\")";
    case Values::Kind::anything:
      break;
    }
    return "COMPREPLY=()";
  };
  std::string script = "# Completion of ntpkeygen for bash, " + std::string(origin) + R"(
# The names of a kind, and their aliases, which are links in the plugins' folder.
_ntpkeygen_names() {
  local line name file
  local -A known=()
  while IFS= read -r line; do
    if [[ $line == "$1 "* ]]; then
      read -r _ name _ <<<"$line"
      known[${name,,}]=1
      echo "$name"
    elif [[ $line == 'in /'* ]]; then
      line=${line#in }
      for file in "${line%%: *}/$1"-*.so; do
        name=${file##*/"$1"-}
        name=${name%.so}
        [[ -e $file && -z ${known[$name]} ]] || continue
        known[$name]=1
        [[ $1 == key_type ]] && name=${name^^}
        echo "$name"
      done
    fi
  done < <(ntpkeygen plugins --quiet 2>/dev/null)
}

# Those that fit in any case; of readers, behind others and a comma.
_ntpkeygen_reply() {
  local word=$current before= name
  if [[ $1 == key_file_reader ]]; then
    word=${current##*,}
    before=${current%"$word"}
  fi
  while IFS= read -r name; do
    [[ ${name,,} == "${word,,}"* ]] && COMPREPLY+=("$before$name")
  done < <(_ntpkeygen_names "$1")
}

_ntpkeygen() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=generate
  # Of `--option=value`, bash makes three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
)";
  script += "  if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then\n    mapfile -t COMPREPLY < <(compgen -W " +
            in_quotes(joined(first_words(commands))) + " -- \"$current\")\n    return\n  fi\n";
  script += "  case ${COMP_WORDS[1]} in\n";
  for (const std::string &first : first_words(commands)) {
    const std::vector<std::string> second = second_words(commands, first);
    script += "  " + first + ")\n";
    if (second.empty()) {
      script += "    command=" + first + "\n";
    } else {
      script += "    if ((COMP_CWORD == 2)); then\n      mapfile -t COMPREPLY < <(compgen -W " +
                in_quotes(joined(second)) + " -- \"$current\")\n      return\n    fi\n    command=\"" + first +
                " ${COMP_WORDS[2]}\"\n";
    }
    script += "    ;;\n";
  }
  script += "  esac\n\n  case \"$command:$previous\" in\n";
  for (const Command *command : commands)
    for (const OptionSpec &option : command->spec.options)
      if (!option.argument.empty())
        script += "  '" + std::string(command->spec.name) + ":" + long_name(option) + "')\n    " +
                  reply(values_of(option.name, option.argument)) + "\n    return\n    ;;\n";
  script += "  esac\n\n  if [[ $current == -* ]]; then\n    case $command in\n";
  for (const Command *command : commands) {
    std::vector<std::string> options;
    for (const OptionSpec &option : command->spec.options) {
      options.push_back(long_name(option));
      if (option.short_name != '\0')
        options.push_back(short_name(option));
    }
    script += "    '" + std::string(command->spec.name) + "')\n      mapfile -t COMPREPLY < <(compgen -W " +
              in_quotes(joined(options)) + " -- \"$current\")\n      ;;\n";
  }
  script += "    esac\n    return\n  fi\n\n  case $command in\n";
  for (const Command *command : commands)
    if (!command->spec.words.empty())
      script += "  '" + std::string(command->spec.name) + "')\n    " + reply(values_of("", command->spec.words)) +
                "\n    ;;\n";
  return script + "  esac\n}\ncomplete -F _ntpkeygen ntpkeygen\n";
}

std::string zsh_completion(std::span<const Command *const> commands) {
  const auto action = [](const Values &values) -> std::string {
    switch (values.kind) {
    case Values::Kind::files:
      return "_files";
    case Values::Kind::folders:
      return "_directories";
    case Values::Kind::users:
      return "_users";
    case Values::Kind::plugins:
      return " _ntpkeygen_names " + values.text; // with a space in front, it is called with these words alone
    case Values::Kind::words:
      return "(" + values.text + ")";
    case Values::Kind::anything:
      break;
    }
    return " ";
  };
  const auto described = [](std::string_view text) { return with_escapes(text, "[]:\\"); };
  std::string script = "#compdef ntpkeygen\n# Completion of ntpkeygen for zsh, " + std::string(origin) +
                       R"(
# The names of a kind, and their aliases, which are links in the plugins' folder; in any case, of readers behind a comma.
_ntpkeygen_names() {
  local line name file
  local -a names
  local -A known
  local listed=$(ntpkeygen plugins --quiet 2>/dev/null)
  for line in ${(f)listed}; do
    if [[ $line == "$1 "* ]]; then
      name=${${=line}[2]}
      known[${(L)name}]=1
      names+=($name)
    elif [[ $line == 'in /'* ]]; then
      for file in ${${line#in }%%: *}/$1-*.so(N); do
        name=${${file##*/$1-}%.so}
        [[ -n ${known[$name]} ]] && continue
        known[$name]=1
        [[ $1 == key_type ]] && name=${(U)name}
        names+=($name)
      done
    fi
  done
  [[ $1 == key_file_reader ]] && compset -P '*,'
  compadd -M 'm:{a-zA-Z}={A-Za-z}' -- $names
}

_ntpkeygen() {
  local command=generate
  local -a choices
)";
  script += "  choices=(" + joined(first_words(commands)) +
            ")\n  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n    compadd -a choices\n    return\n  fi\n";
  script += "  case $words[2] in\n";
  for (const std::string &first : first_words(commands)) {
    const std::vector<std::string> second = second_words(commands, first);
    script += "  " + first + ")\n";
    if (second.empty())
      script += "    command=" + first + "\n    shift words\n    ((CURRENT--))\n";
    else
      script += "    if ((CURRENT == 3)); then\n      choices=(" + joined(second) +
                ")\n      compadd -a choices\n      return\n    fi\n    command=\"" + first +
                " $words[3]\"\n    shift 2 words\n    ((CURRENT -= 2))\n";
    script += "    ;;\n";
  }
  script += "  esac\n\n  case $command in\n";
  for (const Command *command : commands) {
    script += "  '" + std::string(command->spec.name) + "')\n    _arguments \\\n";
    for (const OptionSpec &option : command->spec.options) {
      const std::string once = option.repeatable ? "*" : "";
      std::string rest = option.argument.empty() ? "" : "=";
      rest += "[" + described(option.help) + "]";
      if (!option.argument.empty())
        rest += ":" + described(option.argument) + ":" + action(values_of(option.name, option.argument));
      script += "      " + in_quotes(once + long_name(option) + rest) + " \\\n";
      if (option.short_name != '\0')
        script += "      " + in_quotes(once + short_name(option) + rest) + " \\\n";
    }
    script +=
        "      " +
        (command->spec.words.empty()
             ? std::string("':::'")
             : in_quotes("*:" + described(command->spec.words) + ":" + action(values_of("", command->spec.words)))) +
        "\n    ;;\n";
  }
  return script + "  esac\n}\n\n_ntpkeygen \"$@\"\n";
}

std::string fish_completion(std::span<const Command *const> commands) {
  const auto arguments = [](const Values &values) -> std::string {
    switch (values.kind) {
    case Values::Kind::files:
      return " -r -F";
    case Values::Kind::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Values::Kind::users:
      return " -x -a '(__fish_complete_users)'";
    case Values::Kind::plugins:
      return " -x -a '(__ntpkeygen_names " + values.text + ")'";
    case Values::Kind::words:
      return " -x -a '(__ntpkeygen_words " + values.text + ")'";
    case Values::Kind::anything:
      break;
    }
    return " -x";
  };
  std::string script = "# Completion of ntpkeygen for fish, " + std::string(origin) + R"(
# Each with a description that is empty, or fish repeats the option's beside it.
function __ntpkeygen_words
    printf '%s\t\n' $argv
end

# The names of a kind, and their aliases, which are links in the plugins' folder; of readers, behind others and a comma.
function __ntpkeygen_names
    set -l before ''
    if test $argv[1] = key_file_reader
        set before (string replace -r '^--[a-z-]+=' '' -- (commandline -ct) | string replace -r '[^,]*$' '')
    end
    set -l known
    for line in (ntpkeygen plugins --quiet 2>/dev/null)
        if string match -q -- "$argv[1] *" $line
            set -l name (string split -n ' ' -- $line)[2]
            set -a known (string lower -- $name)
            __ntpkeygen_words $before$name
        else if string match -q 'in /*' -- $line
            set -l folder (string replace -r '^in (.*?)(: .*)?$' '$1' -- $line)
            for file in $folder/$argv[1]-*.so
                set -l name (string replace -r '^.*/[a-z_]+-(.*)\.so$' '$1' -- $file)
                contains -- $name $known; and continue
                set -a known $name
                test $argv[1] = key_type; and set name (string upper -- $name)
                __ntpkeygen_words $before$name
            end
        end
    end
end

function __ntpkeygen_command
    set -l words (commandline -opc)
    switch "$words[2]"
)";
  for (const std::string &first : first_words(commands))
    script += "        case " + first + "\n            echo " +
              (second_words(commands, first).empty() ? first : first + " $words[3]") + "\n";
  script += "        case '*'\n            echo generate\n    end\nend\n\ncomplete -c ntpkeygen -f\n";
  for (const std::string &first : first_words(commands)) {
    script += "complete -c ntpkeygen -n 'test (count (commandline -opc)) -eq 1' -a " + first + "\n";
    for (const std::string &second : second_words(commands, first))
      script += "complete -c ntpkeygen -n 'test (count (commandline -opc)) -eq 2; and __fish_seen_subcommand_from " +
                first + "' -a " + second + "\n";
  }
  for (const Command *command : commands) {
    const std::string begin =
        "complete -c ntpkeygen -n 'test (__ntpkeygen_command) = \"" + std::string(command->spec.name) + "\"'";
    for (const OptionSpec &option : command->spec.options) {
      script += begin + " -l " + std::string(option.name);
      if (option.short_name != '\0')
        script += std::string(" -s ") + option.short_name;
      if (!option.argument.empty())
        script += arguments(values_of(option.name, option.argument));
      script += " -d " + in_quotes(with_escapes(option.help, "\\")) + "\n";
    }
    if (!command->spec.words.empty())
      script += begin + arguments(values_of("", command->spec.words)) + "\n";
  }
  return script;
}

} // namespace ntpkeygen::cli
