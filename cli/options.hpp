// The options of every command, defined once: the parser, the help and the checks of the documents read these tables.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen::cli {

struct OptionSpec {
  std::string_view name{};     // long name, without dashes
  char short_name = '\0';      // '\0': none
  std::string_view argument{}; // what the help calls it; empty: the option takes none
  bool repeatable = false;
  std::string_view help{};
};

struct CommandSpec {
  std::string_view name{};
  std::string_view synopsis{}; // what stands behind the program's name
  std::string_view summary{};  // a sentence or two
  std::span<const OptionSpec> options{};
  std::string_view words{};               // what the help calls its words; empty: it takes none
  std::string_view epilogue{};            // examples and the like
  std::string_view unknown_option_hint{}; // what else to say about an option that is none
};

// What was typed, not yet understood.
class ParsedOptions {
public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // The value of an option that is given at most once.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  // Every value, in the order of the command line.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string> &words() const { return words_; }

private:
  friend Result<ParsedOptions> parse_options(const CommandSpec &, const std::vector<std::string> &);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

// `arguments`: those behind the command's name. Errors: invalid_argument, with a did-you-mean where one is near.
[[nodiscard]] Result<ParsedOptions> parse_options(const CommandSpec &command,
                                                  const std::vector<std::string> &arguments);

// The options that every command has; they stand at the end of each table.
inline constexpr OptionSpec plugin_dir_option{"plugin-dir", '\0', "DIR", true,
                                              "look here first for plugins; repeatable"};
inline constexpr OptionSpec json_option{"json", '\0', "", false, "print one JSON document, for programs"};
inline constexpr OptionSpec quiet_option{"quiet", '\0', "", false, "no notices; warnings and errors stay"};
inline constexpr OptionSpec version_option{"version", 'V', "", false, "print the version and exit"};
inline constexpr OptionSpec help_option{"help", 'h', "", false, "print this help and exit"};

// The help of a command as it is printed. `program`: the name that it was started under.
[[nodiscard]] std::string help_text(const CommandSpec &command, std::string_view program);

} // namespace ntpkeygen::cli
