#include "cli/command.hpp"
#include "cli/generate_plan.hpp"
#include "cli/json.hpp"
#include "cli/placement_hints.hpp"
#include "ntpkeygen/host/ntp_time.hpp"
#include "ntpkeygen/host/publisher.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint64_t largest_replaced_file = 64 * 1024 * 1024;

// The replaced file: its text, where its lines are carried over, and what its daemon loads from it.
struct Predecessor {
  SecretText text{};
  Interpretation reading{};
};

// As a user would write it.
std::string joined(const std::string &folder, const std::string &name) {
  return folder == "." ? name : folder.ends_with('/') ? folder + name : folder + "/" + name;
}

Destination destination_of(const GenerateOptions &options, const GeneratePlan &plan, const std::string &host,
                           std::string_view typed) {
  Destination destination;
  destination.sync = options.sync;
  if (options.output.empty()) {
    destination.folder = options.directory.empty() ? "." : options.directory;
    destination.prefix = "ntpkey_" + plan.label + "_" + host + ".";
    destination.link = options.link ? "ntp.keys" : "";
    destination.adopt = options.adopt;
    destination.adopt_command = std::string(typed) + " --adopt";
    return destination;
  }
  SplitPath output = split_path(options.output);
  destination.folder = std::move(output.folder);
  destination.exact_name = std::move(output.name);
  destination.replace = options.replace;
  return destination;
}

// Reads the replaced file where something depends on it. A file that cannot be read is an error only when its lines or
// its ids are wanted; else only the comparison of ids is lost.
Result<std::optional<Predecessor>> read_predecessor(const GenerateOptions &options, const GeneratePlan &plan,
                                                    const Publisher &publisher, const Invocation &call) {
  const bool wanted = options.keep_current || !options.first_id;
  if (!publisher.replaced()) {
    if (options.keep_current)
      call.messages.notice("there is no file to carry lines over from");
    return std::nullopt;
  }
  if (plan.reader == nullptr)
    return wanted
               ? Result<std::optional<Predecessor>>(failure(
                     ErrorCode::unsupported, "files of the format " + plan.format->info().name + " cannot be read back",
                     "leave out '--keep-current' and '--first-id auto'"))
               : std::nullopt;
  SecretMemory &memory = call.environment.secrets;
  Predecessor predecessor;
  auto text = publisher.read_replaced(largest_replaced_file, memory);
  if (!text) {
    if (wanted)
      return failure(std::move(text).error());
    call.messages.warning("ids were not compared with the replaced file: " + text.error().message);
    return std::nullopt;
  }
  predecessor.text = std::move(*text);
  auto reading = plan.reader->interpret(predecessor.text.reveal(), memory);
  if (!reading)
    return failure(std::move(reading).error());
  predecessor.reading = std::move(*reading);
  return predecessor;
}

// One more than the format has, where its last id is taken.
std::uint64_t id_after(const Interpretation &reading, const FormatInfo &format) {
  std::uint64_t next = format.first_id;
  for (const Reading &key : reading.readings)
    next = std::max(next, std::uint64_t{key.id} + 1);
  // Lines that define no key today still name an id that somebody meant to use.
  for (const Refusal &refusal : reading.refusals)
    if (refusal.id && *refusal.id <= format.last_id)
      next = std::max(next, std::uint64_t{*refusal.id} + 1);
  return next;
}

// Kept lines and new ones must not define the same id: which of them a daemon takes differs.
Result<void> check_kept_ids(const GeneratePlan &plan, const Interpretation &kept) {
  if (kept.outcome != FileOutcome::loaded)
    return failure(ErrorCode::invalid_argument,
                   plan.reader->info().product + " does not load the replaced file as it is: " + kept.reason,
                   "mend that file first, or leave out '--keep-current'");
  for (const Reading &key : kept.readings)
    for (const PlannedGroup &group : plan.groups)
      if (key.id >= group.first_id && key.id - group.first_id < group.count)
        return failure(ErrorCode::already_exists, "key " + std::to_string(key.id) + " is among the lines to be kept",
                       "'--first-id auto' continues after the highest id that is in use");
  return {};
}

// The text above the new keys, for one file name: kept lines byte for byte, then the format's header.
void put_text_above(KeyFile &file, const SecretText *kept, const std::string &header, SecretMemory &memory) {
  SecretWriter text(memory, header.size() + (kept == nullptr ? 0 : kept->size() + 1));
  if (kept != nullptr) {
    text.append(kept->reveal());
    if (!kept->empty() && !kept->reveal_text().ends_with('\n'))
      text.append('\n');
  }
  const auto kept_size = static_cast<std::uint32_t>(text.size());
  text.append(header);
  Line kept_lines, header_lines;
  kept_lines.kind = Line::Kind::unknown; // as a whole: nobody looks into them here
  kept_lines.raw = {0, kept_size};
  header_lines.kind = Line::Kind::comment;
  header_lines.raw = {kept_size, static_cast<std::uint32_t>(header.size())};

  const auto new_keys = std::ranges::find_if_not(file.lines, &Line::written);
  file.lines.erase(file.lines.begin(), new_keys);
  file.lines.insert(file.lines.begin(), {kept_lines, header_lines});
  file.text = text.take();
}

std::string_view encoding_name(Encoding encoding) {
  return encoding == Encoding::ascii ? "ascii" : "hex";
}

Result<void> print_json(const GenerateOptions &options, const GeneratePlan &plan, const std::string &folder,
                        const Published &published, TextOutput &out) {
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/generate/1");
  put(json, "file", joined(folder, published.name));
  put_or_null(json, "link", published.link.empty() ? "" : joined(folder, published.link));
  put_or_null(json, "kept_as", published.kept_as ? joined(folder, *published.kept_as) : "");
  put(json, "format", plan.format->info().name);
  put(json, "source",
      options.source.argument.empty() ? options.source.name : options.source.name + ":" + options.source.argument);
  put_key(json, "groups");
  json.StartArray();
  for (const PlannedGroup &group : plan.groups) {
    json.StartObject();
    put(json, "type", group.type);
    put_key(json, "bits");
    json.Uint(group.bits);
    put(json, "encoding", encoding_name(group.encoding));
    put_key(json, "first_id");
    json.Uint(group.first_id);
    put_key(json, "last_id");
    json.Uint(group.first_id + group.count - 1);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return out.write(finished(buffer));
}

// Draws the keys. Everything that can be refused has been refused before.
Result<KeyFile> draw(const GenerateOptions &options, const GeneratePlan &plan, Environment &environment) {
  auto source = plan.source->open(options.source.argument);
  if (!source)
    return failure(std::move(source).error());
  return generate_keys(plan.groups, **source, environment.secrets, environment.control);
}

void warn_of_advice(const GeneratePlan &plan, Messages &messages) {
  for (const std::string &advice : plan.advice)
    messages.warning(advice);
}

Result<int> print_keys(const GenerateOptions &options, GeneratePlan &plan, const Invocation &call) {
  if (auto numbered = number_groups(plan, options.first_id.value_or(plan.format->info().first_id)); !numbered)
    return failure(std::move(numbered).error());
  auto keys = draw(options, plan, call.environment);
  if (!keys)
    return failure(std::move(keys).error());
  auto text = plan.format->render(*keys, call.environment.secrets);
  if (!text)
    return failure(std::move(text).error());
  if (plan.reader != nullptr)
    if (auto read = read_back(*plan.reader, text->reveal(), plan.groups, *keys, nullptr, call.environment.secrets);
        !read)
      return failure(std::move(read).error());
  warn_of_advice(plan, call.messages);
  if (auto written = call.environment.out.write(text->reveal_text()); !written)
    return failure(std::move(written).error());
  return 0;
}

void report_changes(const IdChanges &changes, const std::string &reload, Messages &messages) {
  const auto keys = [](const std::vector<KeyId> &ids) { return numbered("key", ids); };
  if (!changes.changed.empty())
    messages.notice(keys(changes.changed) +
                        " changed: peers that hold the old ones fail to authenticate until they get the new ones",
                    reload);
  if (!changes.gone.empty())
    messages.notice(keys(changes.gone) + (changes.gone.size() == 1 ? " is" : " are") +
                        " no longer in the file: peers that use them fail to authenticate",
                    "'--keep-current --first-id auto' adds keys instead");
}

// What a user has to know after a file was published. `before`: what was loaded from the replaced one, or null.
void report(const GeneratePlan &plan, const Destination &destination, const Published &published,
            const Interpretation *before, const Interpretation &after, const Invocation &call) {
  Messages &messages = call.messages;
  messages.plain("Generating new " + plan.announced_as + (published.link.empty() ? " file" : " file and link"));
  if (!published.link.empty())
    messages.plain(published.link + "->" + published.name);
  warn_of_advice(plan, messages);
  if (before != nullptr)
    report_changes(compare_ids(*before, after), plan.format->info().reload, messages);
  if (published.kept_as)
    messages.notice("the old file is kept as " + joined(destination.folder, *published.kept_as));
  const Placement placement{destination.folder, published.name, published.link, published.mode,
                            published.owner ? published.owner->group : 0};
  for (const std::string &hint : placement_hints(placement, plan.format->info(), call.environment.host))
    messages.hint(hint);
}

Result<int> write_file(const GenerateOptions &options, GeneratePlan &plan, const Invocation &call) {
  Environment &environment = call.environment;
  auto host = owner_name(options, environment.host);
  if (!host)
    return failure(std::move(host).error());
  if (options.first_id)
    if (auto numbered = number_groups(plan, *options.first_id); !numbered)
      return failure(std::move(numbered).error());
  const Destination destination = destination_of(options, plan, *host, call.typed);
  auto publisher = Publisher::open(environment.files, destination, environment.host.effective_user());
  if (!publisher)
    return failure(std::move(publisher).error());
  auto old = read_predecessor(options, plan, *publisher, call);
  if (!old)
    return failure(std::move(old).error());
  const Interpretation *before = *old ? &(*old)->reading : nullptr;
  const bool keep = options.keep_current && before != nullptr;

  if (!options.first_id) {
    const FormatInfo &format = plan.format->info();
    const std::uint64_t first = before != nullptr ? id_after(*before, format) : format.first_id;
    if (auto numbered = number_groups(plan, first); !numbered)
      return failure(std::move(numbered).error());
  }
  if (keep)
    if (auto checked = check_kept_ids(plan, *before); !checked)
      return failure(std::move(checked).error());

  auto keys = draw(options, plan, environment);
  if (!keys)
    return failure(std::move(keys).error());
  const std::int64_t now = environment.clock.unix_seconds();
  const std::string date = environment.clock.local_date(now);
  Interpretation after;
  const auto render = [&](const std::string &name) -> Result<SecretText> {
    auto header = plan.format->header(name, date);
    if (!header)
      return failure(std::move(header).error());
    put_text_above(*keys, keep ? &(*old)->text : nullptr, *header, environment.secrets);
    auto text = plan.format->render(*keys, environment.secrets);
    if (!text || plan.reader == nullptr)
      return text;
    auto read =
        read_back(*plan.reader, text->reveal(), plan.groups, *keys, keep ? before : nullptr, environment.secrets);
    if (!read)
      return failure(std::move(read).error());
    after = std::move(*read);
    if (environment.control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted: nothing was written");
    return text;
  };
  const Permissions permissions{options.mode, options.owner};
  const auto confirm = [&](const Published &made) -> Result<void> {
    return options.json ? print_json(options, plan, destination.folder, made, environment.out) : Result<void>();
  };
  auto published = publisher->publish(permissions, filestamp(now), render, confirm);
  if (!published)
    return failure(std::move(published).error());

  report(plan, destination, *published, before, after, call);
  if (publisher->replaced() && !publisher->replaced()->trusted)
    call.messages.warning("owner and mode of the replaced file were not taken over: the name " +
                              joined(destination.folder, publisher->replaced()->name) + " belongs to somebody else",
                          "'--owner' and '--mode' set them");
  return 0;
}

Result<int> execute(const Invocation &call) {
  auto options = read_generate_options(call.options, call.environment.host);
  if (!options)
    return failure(std::move(options).error());
  auto plan = plan_generation(*options, call.environment.plugins);
  if (!plan)
    return failure(std::move(plan).error());
  return options->to_stdout() ? print_keys(*options, *plan, call) : write_file(*options, *plan, call);
}

} // namespace

const Command &generate_command() {
  static const Command command{
      {.name = "generate",
       .synopsis = "[generate] [options]\n       ntpkeygen explain FILE [options]\n       ntpkeygen plugins [options]",
       .summary = "Make a file of keys for NTP's symmetric key authentication. Without options:\n"
                  "ten printable and ten hex-encoded AES-128 keys in NTPsec's format, in the\n"
                  "current folder, as ntpkey_AES_<host>.<filestamp> with a link ntp.keys.",
       .options = generate_option_table(),
       .epilogue = "examples:\n"
                   "  ntpkeygen                                       a file for NTPsec, with a link\n"
                   "  ntpkeygen -M                                    a file for NTP Classic\n"
                   "  ntpkeygen --type AES-256 --count 3 --output -   three lines to paste\n"
                   "  ntpkeygen --keep-current --first-id auto        twenty more, the old ones stay\n"
                   "\nexit status: 0, or 1 when it failed or the command line was not valid\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
