#include "cli/probe_key.hpp"

#include "cli/fitting_formats.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr std::size_t most_others = 4;
// A packet with the MAC of a weaker key is all that somebody needs to find it by trying.
constexpr std::size_t least_bytes = 80 / 8;

struct Source {
  explicit Source(FormatReading &&of)
      : format(of.format->info().name), reader(std::move(of.reader)), loaded(std::move(of.loaded)),
        products{reader->info().product} {}

  std::string format;
  std::shared_ptr<const KeyFileReader> reader;
  Interpretation loaded;
  std::vector<std::string> products; // of its program, and of others that say the same of the key
};

// Whose file it is; without a word on that, it does not matter where all whose it may be read this key alike.
Result<Source> choose_source(const KeyQuestion &question, std::span<const std::byte> file, const Invocation &call) {
  if (question.format) {
    auto format = call.environment.plugins.key_file_format(*question.format);
    if (!format)
      return failure(std::move(format).error());
    auto source = read_as_format(std::move(*format), file, call);
    if (!source)
      return failure(std::move(source).error());
    return Source(std::move(*source));
  }
  auto fitting = fitting_formats(file, call);
  if (!fitting)
    return failure(std::move(fitting).error());
  if (fitting->empty())
    return failure(ErrorCode::invalid_argument,
                   "no line of " + input_name(question.path) + " is a key's in a format that is known here",
                   "is this the keys file? then name its format with '--format F'");
  std::vector<Source> sources;
  for (FormatReading &each : *fitting)
    sources.emplace_back(std::move(each));
  // What loads no such key has no say, unless none does.
  const auto loads = [&](const Source &source) { return !readings_of(source.loaded, question.id).empty(); };
  if (std::ranges::any_of(sources, loads))
    std::erase_if(sources, [&](const Source &source) { return !loads(source); });
  Source &first = sources.front();
  const Reading *key = known_key(first.loaded, question.id);
  std::vector<std::string> names{first.format};
  bool alike = true;
  for (const Source &other : std::span(sources).subspan(1)) {
    const Reading *others = known_key(other.loaded, question.id);
    names.push_back(other.format);
    first.products.push_back(other.products.front());
    alike = alike && (!loads(first) ||
                      (key != nullptr && others != nullptr && same_key(first.loaded, *key, other.loaded, *others)));
  }
  if (!alike)
    return failure(ErrorCode::invalid_argument,
                   input_name(question.path) + " fits the formats " + joined_with_and(names) +
                       ", and their programs take different keys for id " + std::to_string(question.id),
                   "say whose file it is, such as '--format " + names.front() +
                       "'; 'ntpkeygen explain' shows what differs");
  return std::move(first);
}

tl::unexpected<Error> not_loaded(const KeyQuestion &question, const Source &source, const LineIndex &lines) {
  const Interpretation &loaded = source.loaded;
  const std::string no_key = joined_with_and(source.products) + (source.products.size() == 1 ? " loads" : " load") +
                             " no key " + std::to_string(question.id) + " from " + input_name(question.path);
  const auto at = [&](const Extent &line) { return ": line " + std::to_string(lines.line_at(line.offset)) + ": "; };
  const std::string explain = "'ntpkeygen explain " + question.path + "' shows what each program loads";
  const bool none_at_all = loaded.outcome == FileOutcome::rejected || loaded.outcome == FileOutcome::exits;
  if (!none_at_all)
    for (const Refusal &refusal : loaded.refusals)
      if (refusal.id == question.id)
        return failure(ErrorCode::not_found, no_key + at(refusal.origin) + refusal.reason, explain);
  if (loaded.outcome != FileOutcome::loaded && loaded.decided_by)
    return failure(ErrorCode::not_found, no_key + at(*loaded.decided_by) + loaded.reason, explain);
  std::vector<std::uint32_t> ids;
  for (const Reading &reading : loaded.readings)
    if (ids.empty() || ids.back() != reading.id)
      ids.push_back(reading.id);
  constexpr std::size_t most_ranges = 10;
  return failure(ErrorCode::not_found, no_key,
                 ids.empty()
                     ? explain
                     : (source.products.size() == 1 ? "it loads " : "they load ") + numbered("key", ids, most_ranges));
}

tl::unexpected<Error> not_known(const KeyQuestion &question, const Source &source, const LineIndex &lines) {
  const auto readings = readings_of(source.loaded, question.id);
  const std::string program = source.reader->info().product, id = std::to_string(question.id);
  std::vector<std::string> numbers;
  for (const Reading &reading : readings)
    numbers.push_back(std::to_string(lines.line_at(reading.origin.offset)));
  if (readings.front().certainty == Certainty::indeterminate)
    return failure(ErrorCode::unsupported,
                   "nobody can know all bytes of the key that " + program + " takes from line " + numbers.front() +
                       " of " + input_name(question.path) + ", so nothing can be asked with it",
                   "give key " + id + " the full length of its type");
  return failure(ErrorCode::unsupported,
                 program + " takes one of lines " + joined_with_and(numbers) + " of " + input_name(question.path) +
                     " for key " + id + ", and the file does not tell which",
                 "leave one line with this id");
}

// A MAC as long as this program puts it into packets of the version.
MacSpec on_the_wire(MacSpec mac, const ReaderInfo &program, std::uint8_t ntp_version, const MacEngine &engine) {
  constexpr std::uint8_t longest_in_version_4 = 20; // RFC 7822 section 3
  mac.tag_bytes = std::min(mac.tag_bytes, longest_in_version_4);
  if (ntp_version == 3 && program.whole_digests_in_version_3 && mac.kind == MacSpec::Kind::keyed_digest)
    for (const std::uint8_t whole : std::to_array<std::uint8_t>({64, 48, 32, 28})) {
      MacSpec longer = mac;
      longer.tag_bytes = whole;
      if (engine.supports(longer))
        return longer;
    }
  return mac;
}

bool same(const ProbeKey &a, const ProbeKey &b) {
  return a.mac == b.mac && equal_in_constant_time(a.bytes, b.bytes);
}

void add_others(KeyChoice &choice, const KeyQuestion &question, const MacEngine &engine) {
  std::vector<ProbeKey> all;
  std::vector<std::vector<std::string>> names;
  std::vector<std::size_t> firsts;
  for (std::size_t program = 0; program < choice.views.size(); ++program) {
    const Interpretation &loaded = choice.views[program].loaded;
    const ReaderInfo &info = program == 0 ? choice.reader->info() : choice.programs[program - 1]->info();
    for (const Reading &reading : readings_of(loaded, question.id)) {
      if (reading.certainty == Certainty::indeterminate)
        continue;
      const ProbeKey key{question.id, on_the_wire(loaded.macs[reading.mac], info, question.ntp_version, engine),
                         key_bytes(loaded, reading)};
      // Programs know functions that the engine does not.
      if (same(key, choice.key) || !engine.prepare(key.mac, key.bytes))
        continue;
      const auto known = std::ranges::find_if(all, [&](const ProbeKey &other) { return same(key, other); });
      if (known != all.end()) {
        names[static_cast<std::size_t>(known - all.begin())].push_back(info.name);
        continue;
      }
      all.push_back(key);
      names.push_back({info.name});
      firsts.push_back(program);
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].bytes.size() < least_bytes) {
      ++choice.too_weak;
    } else if (choice.others.size() == most_others) {
      ++choice.too_many;
    } else {
      choice.others.push_back(all[i]);
      choice.read_by.push_back({firsts[i], joined_with_and(names[i])});
    }
  }
}

} // namespace

Result<KeyChoice> choose_key(const KeyQuestion &question, const MacEngine &engine, const Invocation &call) {
  Environment &environment = call.environment;
  auto input = read_key_file(environment.files, question.path, environment.secrets);
  if (!input)
    return failure(std::move(input).error());
  KeyChoice choice;
  choice.file = std::move(input->text);
  auto source = choose_source(question, choice.file.reveal(), call);
  if (!source)
    return failure(std::move(source).error());
  const LineIndex lines(choice.file.reveal());
  if (readings_of(source->loaded, question.id).empty())
    return not_loaded(question, *source, lines);
  const Reading *reading = known_key(source->loaded, question.id);
  if (reading == nullptr)
    return not_known(question, *source, lines);
  choice.line = lines.line_at(reading->origin.offset);
  choice.reader = source->reader;
  choice.products = source->products;
  choice.key = {question.id,
                on_the_wire(source->loaded.macs[reading->mac], choice.reader->info(), question.ntp_version, engine),
                key_bytes(source->loaded, *reading)};
  if (question.others) {
    auto programs = open_implementations(std::nullopt, call);
    if (!programs)
      return failure(std::move(programs).error());
    std::erase(*programs, source->reader);
    choice.programs = std::move(*programs);
    auto views = cli::read_as(choice.programs, choice.file.reveal(), environment.secrets);
    if (!views)
      return failure(std::move(views).error());
    choice.views = std::move(*views);
  }
  choice.views.insert(choice.views.begin(), {source->reader->info().name, std::move(source->loaded)});
  add_others(choice, question, engine);
  return choice;
}

std::string difference(const KeyChoice &choice, std::size_t other) {
  const LineIndex lines(choice.file.reveal());
  std::array<Answer, 2> answers;
  const std::size_t program = choice.read_by[other].program;
  answers[0] = {Answer::Kind::key, {0}, readings_of(choice.views[0].loaded, choice.key.id)};
  answers[1] = {Answer::Kind::key, {program}, readings_of(choice.views[program].loaded, choice.key.id)};
  if (choice.key.mac.kind == choice.others[other].mac.kind &&
      choice.key.mac.algorithm == choice.others[other].mac.algorithm &&
      equal_in_constant_time(choice.key.bytes, choice.others[other].bytes))
    return choice.views[program].name + " sends " + std::to_string(choice.others[other].mac.tag_bytes) +
           " bytes of the MAC in this version of NTP, and " + choice.views[0].name + " " +
           std::to_string(choice.key.mac.tag_bytes);
  return difference_in_words(choice.file.reveal(), lines, choice.views, answers);
}

} // namespace ntpkeygen::cli
