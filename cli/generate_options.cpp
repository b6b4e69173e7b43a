#include "cli/generate_options.hpp"

#include "cli/file_options.hpp"
#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/numbers.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"md5key", 'M', "", false, "NTP Classic's set: ten MD5 and ten SHA1 keys, in\nClassic's format"},
    {"format", '\0', "NAME", false,
     "the key file format (default: ntpsec); without\n--type, also its own generator's set of keys"},
    {"type", '\0', "NAME", true,
     "a key type, such as AES-128 or SHA1; repeatable: a\ngroup of keys for each type and encoding"},
    {"count", '\0', "N", false, "keys in a group (default: 10)"},
    {"first-id", '\0', "N|auto", false,
     "the first key id (default: 1), counting on through\nthe groups; auto: after the replaced file's highest"},
    {"keep-current", '\0', "", false, "carry the replaced file's lines over, before the\nnew ones"},
    {"encoding", '\0', "ascii|hex|both", false, "how keys are written (default: the format's choice\nfor the type)"},
    {"bits", '\0', "N", false, "key length, where the type allows a choice"},
    {"source", '\0', "[conditioned:]NAME[:ARG]", true, "the random source (default: system)"},
    {"min-entropy", '\0', "H", false, "min-entropy claimed per sample of noise"},
    {"host", '\0', "NAME", false, "the owner in the file name (default: this host's\nname)"},
    {"directory", '\0', "DIR", false, "where the file and the link go (default: the\ncurrent folder)"},
    {"output", '\0', "FILE", false, "write exactly this file and no link; '-' is\nstandard output"},
    replace_option,
    {"adopt", '\0', "", false,
     "a regular file ntp.keys is kept as\nntp.keys.<filestamp>, and the link takes its place"},
    {"no-link", '\0', "", false, "make no link ntp.keys"},
    mode_option,
    owner_option,
    {"no-sync", '\0', "", false, "do not wait until the disk has the file"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

Result<void> read_count(const ParsedOptions &parsed, GenerateOptions &options) {
  const auto typed = parsed.value("count");
  if (!typed)
    return {};
  options.count = parse_number<std::uint32_t>(*typed);
  if (!options.count || *options.count == 0)
    return invalid("'--count " + *typed + "': expected a whole number from 1 on");
  return {};
}

Result<void> read_first_id(const ParsedOptions &parsed, GenerateOptions &options) {
  const auto typed = parsed.value("first-id");
  if (!typed)
    options.first_id = 1;
  else if (!equal_ignoring_case(*typed, "auto")) {
    options.first_id = parse_number<KeyId>(*typed);
    if (!options.first_id)
      return invalid("'--first-id " + *typed + "': expected a key id or 'auto'");
  }
  return {};
}

Result<void> read_encoding(const ParsedOptions &parsed, GenerateOptions &options) {
  const auto typed = parsed.value("encoding");
  if (!typed)
    return {};
  const bool both = equal_ignoring_case(*typed, "both");
  if (both || equal_ignoring_case(*typed, "ascii"))
    options.encodings.push_back(Encoding::ascii);
  if (both || equal_ignoring_case(*typed, "hex"))
    options.encodings.push_back(Encoding::hex);
  if (options.encodings.empty())
    return invalid("'--encoding " + *typed + "': expected 'ascii', 'hex' or 'both'");
  return {};
}

Result<void> read_bits(const ParsedOptions &parsed, GenerateOptions &options) {
  const auto typed = parsed.value("bits");
  if (!typed)
    return {};
  options.bits = parse_number<std::uint16_t>(*typed);
  if (!options.bits || *options.bits == 0 || *options.bits % 8 != 0)
    return invalid("'--bits " + *typed + "': expected a number of bits that makes whole bytes, such as 128 or 256");
  return {};
}

Result<void> read_source(const ParsedOptions &parsed, GenerateOptions &options) {
  options.sources = parsed.values("source");
  if (options.sources.empty())
    options.sources.emplace_back("system");
  const auto typed = parsed.value("min-entropy");
  if (!typed)
    return {};
  options.min_entropy = parse_decimals(*typed);
  if (!options.min_entropy || *options.min_entropy <= 0 || *options.min_entropy > 8)
    return invalid("'--min-entropy " + *typed +
                   "': expected the bits of min-entropy in one sample, above 0 and at most 8");
  return {};
}

// What makes no sense where no file is written.
Result<void> check_standard_output(const ParsedOptions &parsed, const GenerateOptions &options) {
  for (const char *option : {"json", "replace", "keep-current", "adopt", "mode", "owner"})
    if (parsed.has(option))
      return invalid(std::string("'--") + option + "' and '--output -' exclude each other");
  if (!options.first_id)
    return invalid("'--first-id auto' and '--output -' exclude each other: no file is replaced",
                   "name the first key id, one that is free in the file that the lines are for");
  return {};
}

// Pairs that contradict each other, each with what to do instead.
Result<void> check_combinations(const ParsedOptions &parsed, const GenerateOptions &options) {
  if (options.to_stdout())
    if (auto checked = check_standard_output(parsed, options); !checked)
      return checked;
  struct Conflict {
    const char *option, *other, *hint;
  };
  static constexpr auto conflicts = std::to_array<Conflict>({
      {"md5key", "type", "run 'ntpkeygen --format classic --type TYPE'"},
      {"output", "directory", "write the folder into '--output'"},
      {"output", "host", "only names that ntpkeygen makes up hold a host's: leave '--host' out"},
      {"output", "adopt", "'--output ntp.keys --replace' replaces a regular file by a regular file"},
      {"adopt", "no-link", "leave one of them out"},
      {"keep-current", "no-link", "no file is replaced; '--output FILE --replace' keeps the lines of FILE"},
  });
  for (const Conflict &conflict : conflicts)
    if (parsed.has(conflict.option) && parsed.has(conflict.other))
      return invalid(std::string("'--") + conflict.option + "' and '--" + conflict.other + "' exclude each other",
                     conflict.hint);
  if (parsed.has("md5key") && parsed.has("format") && options.format != "classic")
    return invalid("'--md5key' makes a file in Classic's format, not in '" + options.format + "'",
                   "leave out one of '--md5key' and '--format'");
  if (!options.first_id && !options.link)
    return invalid(
        "'--first-id auto' and '--no-link' exclude each other: no file is replaced whose ids could be continued",
        "give the first id as a number");
  if (options.replace && options.output.empty())
    return invalid("'--replace' is for '--output FILE'",
                   "without '--output', the link ntp.keys moves on to the new file and the old file stays");
  return {};
}

} // namespace

std::span<const OptionSpec> generate_option_table() {
  return option_table;
}

Result<GenerateOptions> read_generate_options(const ParsedOptions &parsed, Host &host) {
  GenerateOptions options;
  options.format = parsed.value("format").value_or(parsed.has("md5key") ? "classic" : "ntpsec");
  options.types = parsed.values("type");
  options.host = parsed.value("host");
  options.directory = parsed.value("directory").value_or("");
  options.output = parsed.value("output").value_or("");
  if (parsed.has("output") && options.output.empty())
    return invalid("'--output' needs the name of a file, or '-' for standard output");
  if (const std::string name = options.output.substr(options.output.rfind('/') + 1);
      parsed.has("output") && (name.empty() || name == "." || name == ".."))
    return invalid("'--output " + options.output + "' names a folder", "name the file, or write '--directory' instead");
  if (parsed.has("directory") && options.directory.empty())
    return invalid("'--directory' needs the name of a folder");
  options.keep_current = parsed.has("keep-current");
  options.replace = parsed.has("replace");
  options.adopt = parsed.has("adopt");
  options.link = !parsed.has("no-link");
  options.sync = !parsed.has("no-sync");
  options.json = parsed.has("json");
  for (auto checked : {read_count(parsed, options), read_first_id(parsed, options), read_encoding(parsed, options),
                       read_bits(parsed, options), read_source(parsed, options),
                       read_permissions(parsed, host, options.permissions), check_combinations(parsed, options)})
    if (!checked)
      return failure(std::move(checked).error());
  return options;
}

} // namespace ntpkeygen::cli
