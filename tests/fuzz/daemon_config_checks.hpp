// What has to hold for the configuration of any daemon, with whatever it includes.
#pragma once

#include "support/memory_file_system.hpp"
#include "support/plain_memory.hpp"

#include "ntpkeygen/host/daemon_config.hpp"
#include "ntpkeygen/sdk/decimal.hpp"

#include <set>

namespace ntpkeygen::test {

// Files of one input: the first line is "PROGRAM PATH" (another word for the program: it is to be guessed), and each
// line "@PATH" begins a further file.
struct ConfigInput {
  std::optional<std::string> program{};
  std::string path{};
  MemoryFileSystem files{};
  std::size_t lines = 0;
};

inline bool is_plain_path(std::string_view path) {
  return path.starts_with("/etc/") && path.size() < 64 &&
         std::ranges::all_of(
             path,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
             });
}

inline void add_files(std::string_view input, ConfigInput &made) {
  const auto take_line = [&] {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return line;
  };
  const std::string_view first = take_line();
  const std::size_t blank = std::min(first.find(' '), first.size());
  for (const char *const program : {"ntpsec", "classic", "chrony"})
    if (first.substr(0, blank) == program)
      made.program = program;
  const std::string_view named = first.substr(std::min(blank + 1, first.size()));
  made.path = is_plain_path(named) ? named : "/etc/ntp.conf";

  std::map<std::string, std::string> contents;
  std::string *content = &contents[made.path];
  while (!input.empty()) {
    const std::string_view line = take_line();
    if (line.starts_with('@') && is_plain_path(line.substr(1)))
      content = &contents[std::string(line.substr(1))];
    else
      content->append(line).append("\n");
    ++made.lines;
  }
  std::set<std::string> folders;
  for (const auto &[path, text] : contents) {
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0;
         slash = path.rfind('/', slash - 1))
      if (folders.insert(path.substr(0, slash)).second)
        made.files.add_folder(path.substr(0, slash));
    made.files.add_file(path, text);
  }
}

// Empty when all is as promised, else what is not.
inline std::string broken_by_config(std::string_view input) {
  constexpr std::size_t most_files = 1000, most_looks = 200'000, most_findings = 200'000;
  ConfigInput made;
  add_files(input, made);
  PlainMemory memory;
  const auto read = read_daemon_config(made.files, made.path, made.program, memory);
  if (made.files.operations().size() > most_looks || memory.acquired() > 64 * 1024 * 1024)
    return "more work than a configuration is worth";
  if (!read)
    return read.error().message.empty() ? "an error without a message" : "";
  const DaemonConfig &config = *read;
  if (made.program ? config.program != *made.program
                   : config.program != "ntpsec" && config.program != "classic" && config.program != "chrony")
    return "the configuration of another program";
  if (config.files.empty() || config.files.size() > most_files || config.files.front()->path != made.path)
    return "not the file that was asked for, or far too many";

  const auto text_at = [&](const ConfigPlace &place) -> std::optional<std::string_view> {
    if (place.file >= config.files.size() || place.offset >= config.files[place.file]->text.size())
      return std::nullopt;
    return config.files[place.file]->text.reveal_text().substr(place.offset);
  };
  const auto says = [&](const ConfigPlace &place, KeyId id) {
    const auto text = text_at(place);
    return text && plain_decimal(text->substr(0, text->find_first_not_of("0123456789"))) == id;
  };
  const KeyId last_id = config.program == "chrony" ? 0xffffffff : 65535;
  for (const KeyUse &use : config.uses)
    if (use.id == 0 || use.id > last_id || use.directive.empty() || !says(use.place, use.id))
      return "the use of a key id that does not stand there";
  for (const TrustedKeys &trusted : config.trusted)
    if (trusted.first == 0 || trusted.first > trusted.last || trusted.last > last_id ||
        !says(trusted.place, trusted.first))
      return "trust in a key id that does not stand there";
  if (config.keys_file) {
    const auto text = text_at(config.keys_file->place);
    const auto name = split_path(config.keys_file->path).name;
    if (!name.empty() && (!text || text->substr(0, text->find('\n')).find(name) == std::string_view::npos))
      return "a keys file whose name does not stand there";
  }
  std::size_t findings = 0;
  for (const auto &file : config.files) {
    findings += file->findings.size();
    for (std::size_t i = 0; i < file->findings.size(); ++i)
      if (const Finding finding = file->findings[i]; finding.offset > file->text.size() ||
                                                     find_lint_rule(finding.rule) == nullptr ||
                                                     finding.message.empty() || finding.hint.empty())
        return "a finding without a place, a rule or words";
  }
  if (findings > most_findings)
    return "more findings than anybody reads";
  return "";
}

} // namespace ntpkeygen::test
