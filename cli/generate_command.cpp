#include "cli/command.hpp"
#include "cli/generate_report.hpp"
#include "cli/inheritance.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/line_index.hpp"
#include "ntpkeygen/host/ntp_time.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <cmath>

namespace ntpkeygen::cli {
namespace {

// The replaced file: its text, where its lines are carried over, and what its daemon loads from it.
struct Predecessor {
  SecretText text{};
  Interpretation reading{};
};

Destination destination_of(const GenerateOptions &options, const GeneratePlan &plan, const std::string &host,
                           std::string_view typed) {
  Destination destination;
  destination.sync = options.sync;
  destination.builds_on_replaced = options.keep_current || !options.first_id;
  if (options.output.empty()) {
    destination.folder = options.directory.empty() ? "." : options.directory;
    destination.prefix = "ntpkey_" + plan.label + "_" + host + ".";
    // A file that no daemon reads must not become the one that a daemon is configured with.
    destination.link = options.link && plan.reader != nullptr ? "ntp.keys" : "";
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

// What needs a daemon's file: one that can be read, and that a link leads to.
Result<void> check_write_only(const GenerateOptions &options, const GeneratePlan &plan) {
  if (plan.reader != nullptr)
    return {};
  const std::string files = "files of the format " + plan.format->info().name;
  if (options.keep_current || !options.first_id)
    return failure(ErrorCode::unsupported, files + " cannot be read back",
                   "leave out '--keep-current' and '--first-id auto'");
  if (options.adopt)
    return failure(ErrorCode::unsupported, files + " are not linked: no daemon reads them", "leave out '--adopt'");
  return {};
}

// Reads the replaced file where something depends on it. A file that cannot be read is an error only when its lines or
// its ids are wanted; else only the comparison of ids is lost.
Result<std::optional<Predecessor>> read_predecessor(const GenerateOptions &options, const GeneratePlan &plan,
                                                    const Publisher &publisher, const std::string &folder,
                                                    const Invocation &call) {
  const bool wanted = options.keep_current || !options.first_id;
  if (!publisher.replaced()) {
    if (options.keep_current)
      call.messages.notice("there is no file to carry lines over from");
    return std::nullopt;
  }
  const std::string path = path_in(folder, publisher.replaced()->name);
  if (options.keep_current && !publisher.replaced()->trusted)
    return failure(ErrorCode::permission,
                   "the lines of " + path + " are not carried over: somebody else could have put it there",
                   "keep keys in a folder that only their owner can write to, or leave out '--keep-current'");
  if (options.keep_current)
    if (auto checked = check_lines_are_the_owners(*publisher.replaced(), path); !checked)
      return failure(std::move(checked).error());
  if (plan.reader == nullptr)
    return std::nullopt;
  SecretMemory &memory = call.environment.secrets;
  Predecessor predecessor;
  auto text = publisher.read_replaced(largest_key_file, memory);
  if (!text) {
    if (wanted || text.error().code == ErrorCode::out_of_memory)
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

// What of the kept lines the daemon does not load, and why it is so with the first of them.
std::string not_loaded(const Predecessor &kept) {
  const Refusal &first = kept.reading.refusals.front();
  std::string words =
      "line " + std::to_string(LineIndex(kept.text.reveal()).line_at(first.origin.offset)) + ": " + first.reason;
  if (const std::size_t others = kept.reading.refusals.size() - 1; others > 0)
    words += ", and " + counted(others, "more line");
  return words;
}

// Lines are kept for a daemon that loads them, and never one whose id a new key has: which of two a daemon takes
// differs.
Result<void> check_kept_lines(const GeneratePlan &plan, const Predecessor &kept, Messages &messages) {
  const Interpretation &reading = kept.reading;
  const std::string &daemon = plan.reader->info().product;
  if (reading.outcome != FileOutcome::loaded)
    return failure(ErrorCode::invalid_argument, daemon + " does not load the replaced file as it is: " + reading.reason,
                   "mend that file first, or leave out '--keep-current'");
  if (!is_text(kept.text.reveal_text()) || (reading.readings.empty() && !reading.refusals.empty()))
    return failure(ErrorCode::invalid_argument,
                   daemon + " loads no key from the replaced file" +
                       (reading.refusals.empty() ? ", which is no text" : " (" + not_loaded(kept) + ")"),
                   "if it is in another format, name that with '--format'; else leave out '--keep-current'");
  for (const Reading &key : reading.readings)
    for (const PlannedGroup &group : plan.groups)
      if (key.id >= group.first_id && key.id - group.first_id < group.count)
        return failure(ErrorCode::already_exists, "key " + std::to_string(key.id) + " is among the lines to be kept",
                       "'--first-id auto' continues after the highest id that is in use");
  if (!reading.refusals.empty())
    messages.warning(daemon + " does not load all of the lines that are kept: " + not_loaded(kept));
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

// Draws the keys. Everything that can be refused has been refused before.
Result<KeyFile> draw(const GeneratePlan &plan, const Invocation &call) {
  Environment &environment = call.environment;
  auto source = plan.source->open(environment.secrets, [&](const KeySource::Remark &remark) {
    remark.is_warning ? call.messages.warning(remark.sentence) : call.messages.notice(remark.sentence);
  });
  if (!source)
    return failure(std::move(source).error());
  return generate_keys(plan.groups, **source, environment.secrets, environment.control);
}

Result<int> print_keys(const GenerateOptions &options, GeneratePlan &plan, const Invocation &call) {
  if (auto numbered = number_groups(plan, options.first_id.value_or(plan.format->info().first_id)); !numbered)
    return failure(std::move(numbered).error());
  auto keys = draw(plan, call);
  if (!keys)
    return failure(std::move(keys).error());
  auto text = plan.format->render(*keys, call.environment.secrets);
  if (!text)
    return failure(std::move(text).error());
  if (plan.reader != nullptr)
    if (auto read = read_back(*plan.reader, text->reveal(), plan.groups, *keys, nullptr, call.environment.secrets);
        !read)
      return failure(std::move(read).error());
  give_advice(plan, call.messages);
  if (auto written = call.environment.out.write(text->reveal_text()); !written)
    return failure(std::move(written).error());
  return 0;
}

// Whoever can write to the folder can put another file in the place of this one.
void warn_of_folder(Folder &folder, Messages &messages) {
  constexpr std::uint32_t others_may_write = 0002, sticky = 01000;
  const auto status = folder.status(".");
  if (status && *status && ((*status)->mode & (others_may_write | sticky)) == others_may_write)
    messages.warning("every user can put another file in the place of this one: the folder " + folder.path() +
                         " can be written by every user",
                     "chmod o-w " + quoted_for_a_shell(folder.path()));
}

Result<int> write_file(const GenerateOptions &options, GeneratePlan &plan, const Invocation &call) {
  Environment &environment = call.environment;
  if (auto checked = check_write_only(options, plan); !checked)
    return failure(std::move(checked).error());
  // An exact name has no host in it.
  auto host = options.output.empty() ? owner_name(options, environment.host) : Result<std::string>();
  if (!host)
    return failure(std::move(host).error());
  if (options.first_id)
    if (auto numbered = number_groups(plan, *options.first_id); !numbered)
      return failure(std::move(numbered).error());
  const Destination destination = destination_of(options, plan, *host, call.typed);
  auto publisher = Publisher::open(environment.files, destination, environment.host.effective_user());
  if (!publisher)
    return failure(std::move(publisher).error());
  auto old = read_predecessor(options, plan, *publisher, destination.folder, call);
  if (!old)
    return failure(std::move(old).error());
  const Interpretation *before = *old ? &(*old)->reading : nullptr;
  const bool keep = options.keep_current && before != nullptr;

  if (!options.first_id) {
    const FormatInfo &format = plan.format->info();
    const std::uint64_t first = before != nullptr ? id_after(*before, format) : format.first_id;
    if (first > format.last_id)
      return failure(ErrorCode::invalid_argument,
                     "'--first-id auto' finds no free id: the replaced file has " + std::to_string(format.last_id) +
                         ", the last one of the format " + format.name,
                     "name the first of some free ids with '--first-id'");
    if (auto numbered = number_groups(plan, first); !numbered)
      return failure(std::move(numbered).error());
  }
  if (keep)
    if (auto checked = check_kept_lines(plan, **old, call.messages); !checked)
      return failure(std::move(checked).error());

  auto keys = draw(plan, call);
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
    if (!text)
      return text;
    if (plan.reader != nullptr) {
      auto read =
          read_back(*plan.reader, text->reveal(), plan.groups, *keys, keep ? before : nullptr, environment.secrets);
      if (!read)
        return failure(std::move(read).error());
      after = std::move(*read);
    }
    if (environment.control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted: nothing was written");
    return text;
  };
  std::optional<IdChanges> changes;
  const auto result = [&](const Published &made) {
    return GenerateResult{options, plan, destination.folder, made, publisher->replaced(), changes};
  };
  const auto confirm = [&](const Published &made) -> Result<void> {
    if (before != nullptr)
      changes = compare_ids(*before, after);
    return options.json ? print_json(result(made), environment.out) : Result<void>();
  };
  auto published = publisher->publish(options.permissions, filestamp(now), render, confirm);
  if (!published)
    return failure(std::move(published).error());
  call.messages.tell_of_finished_work([&] {
    report(result(*published), call);
    warn_of_folder(publisher->folder(), call.messages);
  });
  return 0;
}

// What a printable key can hold at most; its length in bits says nothing of it.
void warn_of_short_keys(const GeneratePlan &plan, Messages &messages) {
  constexpr unsigned enough = 80; // bits, as of the shortest key that this program makes
  for (const PlannedGroup &group : plan.groups) {
    const unsigned characters = group.bits / 8;
    const std::size_t different = group.spelling.alphabet.count();
    // Whole bits are enough to know of most keys, and spare a start the pages that a logarithm takes.
    if (group.encoding == Encoding::hex || characters * (std::bit_width(different) - 1U) >= enough)
      continue;
    const double entropy = characters * std::log2(static_cast<double>(different));
    if (entropy < enough)
      messages.warning(group.type + " keys of " + std::to_string(characters) + " printable characters have at most " +
                           std::to_string(static_cast<int>(entropy)) + " bits of entropy, and can be guessed",
                       "ask for longer ones with '--bits'");
  }
}

Result<int> execute(const Invocation &call) {
  auto options = read_generate_options(call.options, call.environment.host);
  if (!options)
    return failure(std::move(options).error());
  auto plan = plan_generation(*options, call.environment.plugins);
  if (!plan)
    return failure(std::move(plan).error());
  warn_of_short_keys(*plan, call.messages);
  return options->to_stdout() ? print_keys(*options, *plan, call) : write_file(*options, *plan, call);
}

} // namespace

const Command &generate_command() {
  static const Command command{
      {.name = "generate",
       .synopsis = "[generate] [options]\n"
                   "       ntpkeygen convert FILE --to FORMAT [options]\n"
                   "       ntpkeygen check [FILE...] [--config CONF] [options]\n"
                   "       ntpkeygen explain FILE [options]\n"
                   "       ntpkeygen probe HOST[:PORT] --keys FILE --key ID [options]\n"
                   "       ntpkeygen plugins [options]\n"
                   "       ntpkeygen entropy list [options]\n"
                   "       ntpkeygen entropy bench [SOURCE...] [options]\n"
                   "       ntpkeygen entropy record SOURCE --output FILE [options]\n"
                   "       ntpkeygen entropy assess FILE|SOURCE [options]\n"
                   "       ntpkeygen entropy restart FILE [options]\n"
                   "       ntpkeygen entropy conditioning --n-in N --n-out N --h-in H [options]\n"
                   "       ntpkeygen entropy transpose FILE [options]\n"
                   "       ntpkeygen entropy report FILE|SOURCE... --output FILE [options]\n"
                   "       ntpkeygen entropy selftest [options]",
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
