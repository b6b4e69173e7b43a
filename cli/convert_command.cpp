#include "cli/command.hpp"
#include "cli/file_options.hpp"
#include "cli/fitting_formats.hpp"
#include "cli/inheritance.hpp"
#include "cli/placement_hints.hpp"
#include "cli/remarks.hpp"
#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/conversion.hpp"
#include "ntpkeygen/host/key_comparison.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/ntp_time.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"to", '\0', "FORMAT", false, "the format to write"},
    {"from", '\0', "FORMAT", false, "the format of FILE (default: the one that fits)"},
    {"output", '\0', "FILE", false, "write this file, not to standard output"},
    replace_option,
    mode_option,
    owner_option,
    {"hex", '\0', "", false, "write all keys as hex digits"},
    {"ascii", '\0', "", false,
     "write all keys as characters (default: as they are\nwritten in FILE, where the "
     "format can)"},
    {"skip", '\0', "", false, "leave out keys that the format cannot hold"},
    plugin_dir_option,
    quiet_option,
    version_option,
    help_option,
});

constexpr std::size_t most_ranges = 10; // in one sentence

struct Options {
  std::string file{}, to{};
  std::optional<std::string> from{}, output{};
  std::optional<Encoding> encoding{};
  bool skip = false, replace = false;
  Permissions permissions{};

  [[nodiscard]] bool to_stdout() const { return !output || *output == "-"; }
};

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

Result<Options> read_options(const ParsedOptions &parsed, Host &host) {
  Options options;
  if (parsed.words().size() != 1)
    return invalid(parsed.words().empty() ? "which file?" : "one file at a time, please",
                   "write 'ntpkeygen convert FILE --to FORMAT'");
  options.file = parsed.words().front();
  if (!parsed.has("to"))
    return invalid("into which format?", "name it with '--to FORMAT'; 'ntpkeygen plugins' lists those that there are");
  options.to = *parsed.value("to");
  options.from = parsed.value("from");
  options.output = parsed.value("output");
  options.skip = parsed.has("skip");
  options.replace = parsed.has("replace");
  if (parsed.has("hex") && parsed.has("ascii"))
    return invalid("'--hex' and '--ascii' exclude each other");
  if (parsed.has("hex") || parsed.has("ascii"))
    options.encoding = parsed.has("hex") ? Encoding::hex : Encoding::ascii;
  for (const char *option : {"replace", "mode", "owner"})
    if (parsed.has(option) && options.to_stdout())
      return invalid(std::string("'--") + option + "' is for '--output FILE'");
  if (auto read = read_permissions(parsed, host, options.permissions); !read)
    return failure(std::move(read).error());
  return options;
}

// --- which format the file has

bool same_keys(const Interpretation &a, const Interpretation &b) {
  return std::ranges::equal(a.readings, b.readings,
                            [&](const Reading &x, const Reading &y) { return x.id == y.id && same_key(a, x, b, y); });
}

Result<FormatReading> find_source(const Options &options, std::span<const std::byte> file, const Invocation &call) {
  if (options.from) {
    auto format = call.environment.plugins.key_file_format(*options.from);
    if (!format)
      return failure(std::move(format).error());
    return read_as_format(std::move(*format), file, call);
  }
  auto sources = fitting_formats(file, call);
  if (!sources)
    return failure(std::move(sources).error());
  if (sources->empty())
    return invalid("no line of " + options.file + " is a key's in a format that is known here",
                   "is this the keys file? then name its format with '--from FORMAT'");
  if (knows_too_little(std::ranges::max_element(*sources, {}, &FormatReading::sure)->sure))
    return invalid("little or nothing in " + options.file + " says whose keys file it is",
                   "say whose file it is with '--from FORMAT'; 'ntpkeygen explain' shows what each program loads");
  std::vector<std::string> names;
  std::string programs;
  bool agreed = true;
  for (const FormatReading &source : *sources) {
    names.push_back(source.format->info().name);
    programs += (programs.empty() ? "" : ",") + source.reader->info().name;
    // A key that nobody can know is the same as no key, not even as itself.
    agreed = agreed && (&source == &sources->front() || same_keys(source.loaded, sources->front().loaded));
  }
  if (!agreed)
    return invalid(options.file + " fits the formats " + joined_with_and(names) +
                       ", and their programs load different keys from it",
                   "say whose file it is with '--from FORMAT'; 'ntpkeygen explain --for " + programs +
                       "' shows what differs");
  FormatReading &usual = sources->front();
  if (sources->size() == 1)
    call.messages.notice(options.file + " is read as the format " + usual.format->info().name +
                         ": '--from FORMAT' says otherwise");
  return std::move(usual);
}

// --- what is told

std::string place(const std::string &file, const Remark &remark) {
  std::vector<std::uint32_t> lines = remark.lines; // one that is too long can have several keys
  std::ranges::sort(lines);
  // cppcheck-suppress mismatchingContainerExpression ; what unique returns is the end of these lines
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string words = file + ", " + numbered("line", lines, most_ranges);
  std::vector<KeyId> ids = remark.ids;
  std::ranges::sort(ids);
  return ids.empty() ? words : words + " (" + numbered("key", ids, most_ranges) + ")";
}

// The source's program loads no key of these lines, so nor does the target's.
void warn_of_lines_without_keys(const Options &options, const FormatReading &source, const LineIndex &lines,
                                Messages &messages) {
  Remarks remarks;
  for (const Refusal &refusal : source.loaded.refusals) {
    Remark &remark = remarks.about(refusal.reason);
    remark.lines.push_back(lines.line_at(refusal.origin.offset));
  }
  for (const Remark &remark : remarks.all())
    messages.warning(place(options.file, remark) + ": left out: " + remark.words);
}

// Each reason once. False: there is one, and nobody has said that these keys can be left out.
bool tell_of_refused_keys(const Options &options, const Conversion &conversion, const LineIndex &lines,
                          Messages &messages) {
  Remarks remarks;
  for (const RefusedKey &refused : conversion.refused) {
    Remark &remark = remarks.about(refused.reason);
    remark.ids.push_back(refused.id);
    remark.lines.push_back(lines.line_at(refused.line.offset));
  }
  for (const Remark &remark : remarks.all())
    options.skip ? messages.warning(place(options.file, remark) + ": left out: " + remark.words)
                 : messages.error(Error{ErrorCode::unsupported, 0, place(options.file, remark) + ": " + remark.words,
                                        &remark == &remarks.all().back()
                                            ? "'--skip' leaves out what the format " + options.to + " cannot hold"
                                            : ""});
  return remarks.all().empty() || options.skip;
}

Result<void> check_loaded(const Options &options, const FormatReading &source, const LineIndex &lines) {
  const Interpretation &loaded = source.loaded;
  const std::string whose = source.reader->info().product + " loads no key from " + options.file;
  if (!loaded.readings.empty())
    return {};
  if (!loaded.decided_by)
    return invalid(whose, "'ntpkeygen explain' shows what other programs load");
  return invalid(whose + ": line " + std::to_string(lines.line_at(loaded.decided_by->offset)) + ": " + loaded.reason,
                 "mend that line first, or say whose file it is with '--from FORMAT'");
}

// --- the result

Result<Publisher> open_destination(const Options &options, Environment &environment) {
  Destination destination;
  SplitPath output = split_path(*options.output);
  destination.folder = std::move(output.folder);
  destination.exact_name = std::move(output.name);
  destination.replace = options.replace;
  return Publisher::open(environment.files, destination, environment.host.effective_user());
}

void tell(const Options &options, const Publisher &publisher, const Published &published, const Conversion &conversion,
          const FormatInfo &format, const Invocation &call) {
  Messages &messages = call.messages;
  const std::string folder = split_path(*options.output).folder;
  messages.notice(path_in(folder, published.name) + " has " + counted(conversion.keys, "key") + " in the format " +
                  format.name);
  // First of all who can read the file: to reload one that the daemon cannot read is worse than not to reload.
  const Placement placement{folder, published.name, published.link, published.mode,
                            published.owner ? published.owner->group : 0};
  for (const std::string &hint : placement_hints(placement, format, call.environment.host))
    messages.hint(hint);
  if (!format.reload.empty())
    messages.hint(format.reload);
  if (published.kept_as)
    messages.notice("the old file is kept as " + path_in(folder, *published.kept_as));
  report_what_is_not_inherited(published, publisher.replaced(), folder, messages);
}

Result<void> publish(const Options &options, const Publisher &publisher, const Conversion &conversion,
                     const FormatInfo &format, const Invocation &call) {
  Environment &environment = call.environment;
  const auto copy = [&](const std::string &) -> Result<SecretText> {
    if (environment.control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted: nothing was written");
    return SecretText(environment.secrets, conversion.text.reveal());
  };
  auto published = publisher.publish(options.permissions, filestamp(environment.clock.unix_seconds()), copy);
  if (!published)
    return failure(std::move(published).error());
  call.messages.tell_of_finished_work([&] { tell(options, publisher, *published, conversion, format, call); });
  return {};
}

Result<int> execute(const Invocation &call) {
  Environment &environment = call.environment;
  auto options = read_options(call.options, environment.host);
  if (!options)
    return failure(std::move(options).error());
  auto target = environment.plugins.key_file_format(options->to);
  if (!target)
    return failure(std::move(target).error());
  const FormatInfo &format = (*target)->info();
  std::shared_ptr<const KeyFileReader> target_reader;
  if (!format.reader.empty()) {
    auto reader = environment.plugins.key_file_reader(format.reader);
    if (!reader)
      return failure(std::move(reader).error());
    target_reader = std::move(*reader);
  }
  std::optional<Publisher> publisher;
  if (!options->to_stdout()) {
    auto opened = open_destination(*options, environment);
    if (!opened)
      return failure(std::move(opened).error());
    publisher = std::move(*opened);
  }

  auto input = read_key_file(environment.files, options->file, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  options->file = input_name(options->file);
  const LineIndex lines(input->text.reveal());
  auto source = find_source(*options, input->text.reveal(), call);
  if (!source)
    return failure(std::move(source).error());
  if (auto checked = check_loaded(*options, *source, lines); !checked)
    return failure(std::move(checked).error());
  auto conversion = convert_keys(*source->format, std::move(input->text), source->loaded, **target, target_reader.get(),
                                 options->encoding, environment.secrets);
  if (!conversion)
    return failure(std::move(conversion).error());
  if (!tell_of_refused_keys(*options, *conversion, lines, call.messages))
    return 1;
  warn_of_lines_without_keys(*options, *source, lines, call.messages);
  if (conversion->keys == 0)
    return failure(ErrorCode::unsupported, "no key is left that the format " + format.name + " can hold");
  if (!format.notice.empty())
    call.messages.notice(format.notice);
  auto done = publisher ? publish(*options, *publisher, *conversion, format, call)
                        : environment.out.write(conversion->text.reveal_text());
  return done ? Result<int>(0) : failure(std::move(done).error());
}

} // namespace

const Command &convert_command() {
  static const Command command{
      {.name = "convert",
       .synopsis = "convert FILE --to FORMAT [options]",
       .summary = "Write the keys of a file in another format: the same bytes under the same ids,\n"
                  "as the file's own program loads them. Comments are kept.",
       .options = option_table,
       .words = "FILE",
       .epilogue = "examples:\n"
                   "  ntpkeygen convert ntp.keys --to chrony\n"
                   "  ntpkeygen convert chrony.keys --to ntpsec --output ntp.keys --skip\n"
                   "\nexit status: 0, or 1 when it failed or the command line was not valid\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
