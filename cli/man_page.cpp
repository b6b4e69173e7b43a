#include "cli/man_page.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr std::string_view section_of_options = ".Ss Options of ";
constexpr std::string_view section_of_all = ".Ss Options of every command";

bool is_heading(std::string_view line) {
  return line.starts_with(".Ss ") || line.starts_with(".Sh ");
}
bool is_placeholder(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word(char c) {
  return is_placeholder(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// `[conditioned:]NAME[:ARG]` as `Oo Cm conditioned : Oc Ns Ar NAME Ns Oo : Ns Ar ARG Oc`: without blanks between, but
// around a bar.
std::string argument_in_mdoc(std::string_view argument) {
  std::string text, macro;
  const auto close_up = [&] {
    if (!text.empty() && !text.ends_with("| ") && !text.ends_with("Oo "))
      text += "Ns ";
  };
  while (!argument.empty()) {
    const char first = argument.front();
    std::size_t length = 1;
    if (first == '[') {
      close_up();
      text += "Oo ";
      macro.clear();
    } else if (first == ']') {
      text += "Oc ";
      macro.clear();
    } else if (first == '|') {
      text += "| ";
    } else if (is_word(first)) {
      length = static_cast<std::size_t>(std::ranges::find_if_not(argument, is_word) - argument.begin());
      const std::string_view wanted = is_placeholder(first) ? "Ar" : "Cm";
      close_up();
      // A macro goes on behind a bar.
      if (!text.ends_with("| ") || macro != wanted)
        text.append(wanted) += ' ';
      macro = wanted;
      text.append(argument.substr(0, length)) += ' ';
    } else if (argument.starts_with("...")) {
      length = 3;
      text += "... ";
    } else {
      (text += first) += ' ';
      macro.clear();
    }
    argument.remove_prefix(length);
  }
  if (!text.empty())
    text.pop_back();
  return text;
}

// A sentence of the help as text of the page.
std::string described(std::string_view help) {
  std::string text(help);
  std::ranges::replace(text, '\n', ' ');
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return (text.starts_with('\'') ? "\\&" : "") + text + ".\n"; // a quote would begin a request
}

std::string entry_of(const OptionSpec &option) {
  return ".It " + option_in_mdoc(option) + "\n";
}

// The long name in `.It Fl M , Fl -md5key`; empty: it is no entry of an option.
std::string_view option_of(std::string_view line) {
  constexpr std::string_view entry = ".It Fl ", dash = "Fl -";
  if (!line.starts_with(entry))
    return {};
  const std::size_t at = line.find(dash);
  if (at == std::string_view::npos)
    return {};
  const std::string_view name = line.substr(at + dash.size());
  return name.substr(0, name.find(' '));
}

const OptionSpec *find(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &OptionSpec::name);
  return found == options.end() ? nullptr : &*found;
}

} // namespace

std::string option_in_mdoc(const OptionSpec &option) {
  std::string text;
  if (option.short_name != '\0')
    text = std::string("Fl ") + option.short_name + " , ";
  text += "Fl -" + std::string(option.name);
  return option.argument.empty() ? text : text + " " + argument_in_mdoc(option.argument);
}

Result<std::string> with_options(std::string_view page, std::span<const Command *const> commands) {
  std::vector<std::string_view> lines;
  for (; !page.empty(); page.remove_prefix(std::min(lines.back().size() + 1, page.size())))
    lines.push_back(page.substr(0, page.find('\n')));

  std::set<std::string_view> common; // the options that the section of every command tells of
  const auto all = std::ranges::find(lines, section_of_all);
  for (auto line = all; line != lines.end() && (line == all || !is_heading(*line)); ++line)
    if (const std::string_view name = option_of(*line); !name.empty())
      common.insert(name);

  std::string made;
  std::set<std::string_view> sections; // the commands' own
  std::set<std::string_view> told;     // the section's options so far
  const Command *command = nullptr;    // whose section it is; in that of every command, any
  bool of_all = false;
  int depth = 0;                // of lists
  std::size_t end_of_table = 0; // in `made`: of the list that has options, else of the last one
  bool in_table = false;
  const auto tell_of_the_rest = [&] {
    if (command == nullptr || of_all)
      return;
    std::string rest;
    for (const OptionSpec &option : command->spec.options)
      if (!common.contains(option.name) && !told.contains(option.name))
        rest += entry_of(option) + described(option.help);
    made.insert(end_of_table, rest);
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto wrong = [&](std::string what, std::string hint) {
      return failure(ErrorCode::invalid_argument, "line " + std::to_string(i + 1) + ": " + std::move(what),
                     std::move(hint));
    };
    if (is_heading(line)) {
      tell_of_the_rest();
      told.clear();
      in_table = false;
      of_all = line == section_of_all;
      command = of_all ? commands.front() : nullptr;
      if (!of_all && line.starts_with(section_of_options)) {
        const std::string_view name = line.substr(section_of_options.size());
        const auto found = std::ranges::find(commands, name, [](const Command *one) { return one->spec.name; });
        if (found == commands.end())
          return wrong("there is no command '" + std::string(name) + "'", "remove its section");
        command = *found;
        sections.insert(name);
      }
    }
    if (line.starts_with(".Bl") && ++depth == 1)
      in_table = false;
    if (line.starts_with(".El") && --depth == 0 && (in_table || told.empty()))
      end_of_table = made.size();
    const std::string_view name = command != nullptr && depth == 1 ? option_of(line) : std::string_view();
    if (name.empty()) {
      made.append(line) += '\n';
      continue;
    }
    const OptionSpec *option = find(command->spec.options, name);
    if (option == nullptr)
      return wrong("there is no option '--" + std::string(name) + "'", "remove what is told of it");
    if (!told.insert(name).second)
      return wrong("'--" + std::string(name) + "' is told of twice", "remove one of them");
    in_table = true;
    made += entry_of(*option);
  }
  for (const Command *one : commands)
    if (!sections.contains(one->spec.name))
      return failure(ErrorCode::invalid_argument,
                     "there is no section '" + std::string(section_of_options) + std::string(one->spec.name) + "'",
                     "write it, with an empty list of options");
  return made;
}

} // namespace ntpkeygen::cli
