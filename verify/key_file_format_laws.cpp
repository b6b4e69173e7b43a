#include "verify/laws.hpp"

#include "verify/files.hpp"
#include "verify/readings.hpp"
#include "verify/trial.hpp"

#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/host/registry.hpp"
#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

namespace ntpkeygen::verify {
namespace {

bool is_write_only(const KeyFileFormat &format) {
  return format.info().reader.empty();
}
const char *const write_only = "it is write-only";

std::string in_words(const KeyTypeInfo &type, std::size_t bits, Encoding encoding) {
  return type.name + " keys of " + std::to_string(bits) + " bits in " + (encoding == Encoding::hex ? "hex" : "ascii");
}

Finding describes_itself(const KeyFileFormat &format, World &) {
  const FormatInfo &info = format.info();
  if (info.summary.empty())
    return broken("it has no summary");
  for (const auto &[what, text] : {std::pair<std::string_view, std::string_view>{"the summary", info.summary},
                                   {"the reader", info.reader},
                                   {"how it is reloaded", info.reload},
                                   {"the notice", info.notice},
                                   {"the comment sign", info.comment_sign}})
    if (std::string flaw = flaw_of_line(what, text); !flaw.empty())
      return broken(flaw);
  if (info.first_id > info.last_id)
    return broken("its first key id is behind its last");
  const Recipe &recipe = format.recipe();
  if (!is_plugin_name(recipe.label) || recipe.announced_as.empty())
    return broken("its recipe has no label for file names, of the characters of names, or nothing to announce");
  std::uint64_t keys = 0;
  for (const KeyGroup &group : recipe.groups)
    keys += group.count;
  if (keys == 0 || keys > std::uint64_t{info.last_id} - info.first_id + 1)
    return broken("its recipe has " + std::to_string(keys) + " keys, and there are " +
                  std::to_string(std::uint64_t{info.last_id} - info.first_id + 1) + " key ids");
  for (const KeyGroup &group : recipe.groups) {
    const KeyTypeInfo type{.name = group.type};
    note_step("spell " + in_words(type, group.bits, group.encoding));
    if (const auto spelling = format.spelling(type, group.bits, group.encoding); !spelling)
      return broken("it cannot hold the keys of its own recipe: " + words_of(spelling.error()));
  }
  return holds();
}

// Each length that a type has.
template <class Visit> void for_each_length(const KeyTypeInfo &type, Visit &&visit) {
  for (const KeyLengths &some : type.lengths)
    for (unsigned bits = some.min_bits; bits <= some.max_bits; bits += 8)
      visit(static_cast<std::uint16_t>(bits), some.mac);
}

std::string flaw_of_spelling(const Spelling &spelling, std::uint16_t bits, Encoding encoding) {
  if (spelling.type.empty() || !flaw_of_line("", spelling.type).empty())
    return "the word for the type is empty, or not one line";
  if (encoding != Encoding::ascii)
    return {};
  std::size_t characters = 0;
  for (std::size_t c = 0; c < spelling.alphabet.size(); ++c) {
    if (!spelling.alphabet[c])
      continue;
    ++characters;
    if (c <= ' ' || c > '~')
      return "its alphabet has character " + std::to_string(c) + ", which is not printable";
    if (c == '#')
      return "its alphabet has '#', which begins a comment for programs that share the key";
  }
  if (characters < 2)
    return "its alphabet has fewer than two characters";
  for (const std::string &prefix : spelling.forbidden_prefixes)
    if (prefix.empty() || prefix.size() > bits / 8U)
      return "it forbids a prefix that is empty, or longer than the key";
  return {};
}

Finding spells_or_refuses(const KeyFileFormat &format, World &world) {
  std::size_t held = 0;
  std::string flaw;
  for (const auto &type : known_key_types(world))
    for_each_length(type->info(), [&](std::uint16_t bits, const MacSpec &) {
      if (!flaw.empty())
        return;
      std::array<bool, 2> spelled{};
      for (const Encoding encoding : {Encoding::ascii, Encoding::hex}) {
        const std::string keys = in_words(type->info(), bits, encoding);
        note_step("spell " + keys);
        const auto spelling = format.spelling(type->info(), bits, encoding);
        spelled.at(static_cast<std::size_t>(encoding)) = spelling.has_value();
        held += spelling ? 1 : 0;
        const std::string wrong =
            spelling ? flaw_of_spelling(*spelling, bits, encoding) : not_refused(spelling, ErrorCode::unsupported);
        if (!wrong.empty())
          flaw = "asked how it spells " + keys + ": what it says " + (spelling ? "will not do: " : "") + wrong;
      }
      const std::string keys = type->info().name + " keys of " + std::to_string(bits) + " bits";
      const auto usual = format.default_encodings(type->info(), bits);
      if (!flaw.empty())
        return;
      if (!usual) {
        if (std::string wrong = not_refused(usual, ErrorCode::unsupported); !wrong.empty())
          flaw = "its encodings of " + keys + ": what it says " + wrong;
        else if (spelled[0] || spelled[1])
          flaw = "it spells " + keys + ", and has no encoding for them";
      } else if (usual->empty()) {
        flaw = "its encodings of " + keys + " are none, and no error";
      } else if (std::ranges::any_of(*usual,
                                     [&](Encoding one) { return !spelled.at(static_cast<std::size_t>(one)); })) {
        flaw = "it gives " + keys + " an encoding in which it cannot spell them";
      }
    });
  if (!flaw.empty())
    return broken(flaw);
  const KeyTypeInfo unknown{.name = "NO-SUCH-TYPE"};
  if (std::string wrong = not_refused(format.spelling(unknown, 128, Encoding::hex), ErrorCode::unsupported);
      !wrong.empty())
    return broken("asked how it spells a type that there is not: what it says " + wrong);
  return held == 0 ? not_tried("it holds none of the key types that are installed") : holds();
}

// A group for each type, length and encoding that the format can hold, a key each.
std::vector<PlannedGroup> all_groups(const KeyFileFormat &format, World &world) {
  std::vector<PlannedGroup> groups;
  for (const auto &type : known_key_types(world))
    for_each_length(type->info(), [&](std::uint16_t bits, const MacSpec &mac) {
      for (const Encoding encoding : {Encoding::ascii, Encoding::hex})
        if (auto spelling = format.spelling(type->info(), bits, encoding))
          groups.push_back({type->info().name, mac, bits, encoding, *std::move(spelling), 0, 1});
    });
  return groups;
}

KeyFile keys_of(std::span<const PlannedGroup> groups, SecretMemory &memory) {
  RepeatableSource source;
  TrialControl control;
  auto keys = generate_keys(groups, source, memory, control);
  return keys ? *std::move(keys) : KeyFile{};
}

class IgnoredDiagnostics final : public Diagnostics {
public:
  void report(const Diagnostic &) noexcept override {}
};

// What is written from keys is these keys again; `written`: the lines without text, of which `text` was made.
std::string flaw_of_parsing_back(const KeyFileFormat &format, const KeyFile &written, std::span<const std::byte> text,
                                 SecretMemory &memory) {
  IgnoredDiagnostics diagnostics;
  const auto again = format.parse(SecretText(memory, text), memory, diagnostics);
  if (!again)
    return "it does not parse what it writes: " + words_of(again.error());
  std::size_t at = 0;
  for (const Line &line : again->lines) {
    if (line.kind != Line::Kind::key)
      continue;
    if (at == written.lines.size())
      return "it parses more keys than it wrote";
    const Key &was = written.lines[at++].key, &is = line.key;
    const std::string named = "key " + std::to_string(was.id) + " (" +
                              in_words({.name = written.types[was.type]}, was.bits, was.encoding) + ") ";
    if (is.type >= again->types.size() || !lies_inside(is.bytes, again->key_bytes.size()))
      return named + "is parsed without a type or bytes";
    if (is.id != was.id)
      return named + "is parsed as key " + std::to_string(is.id);
    if (again->types[is.type] != written.types[was.type])
      return named + "is parsed as one of type " + again->types[is.type];
    if (is.encoding != was.encoding)
      return named + "is parsed as one of another encoding";
    if (!std::ranges::equal(slice(again->key_bytes.reveal(), is.bytes), slice(written.key_bytes.reveal(), was.bytes)))
      return named + "is parsed as " + std::to_string(is.bytes.size) + " other bytes";
  }
  return at == written.lines.size() ? ""
                                    : "it parses " + std::to_string(at) + " of " +
                                          std::to_string(written.lines.size()) + " keys that it wrote";
}

std::string flaw_of_writing(const KeyFileFormat &format, const KeyFileReader &reader,
                            std::span<const PlannedGroup> groups) {
  note_step("write " + std::to_string(groups.size()) + " keys, the first of them " +
            in_words({.name = groups[0].type}, groups[0].bits, groups[0].encoding));
  WatchedMemory memory;
  const KeyFile keys = keys_of(groups, memory);
  const auto text = format.render(keys, memory);
  if (!text)
    return "it spells keys that it does not write: " + words_of(text.error());
  if (std::string flaw = flaw_of_parsing_back(format, keys, text->reveal(), memory); !flaw.empty())
    return flaw;
  if (const auto loaded = read_back(reader, text->reveal(), groups, keys, nullptr, memory); !loaded)
    return words_of(loaded.error());
  const auto header = format.header("ntpkey_X_host.1", "Mon Nov 23 08:00:00 2026");
  if (!header)
    return "it writes no header: " + words_of(header.error());
  SecretWriter whole(memory);
  whole.append(*header);
  whole.append(text->reveal());
  const auto loaded = read_back(reader, whole.reveal(), groups, keys, nullptr, memory);
  return loaded ? "" : "with its header: " + words_of(loaded.error());
}

Finding reads_what_it_writes(const KeyFileFormat &format, World &world) {
  if (is_write_only(format))
    return not_tried(write_only);
  const auto reader = find_reader(world, format.info().reader);
  if (reader == nullptr)
    return broken("its reader '" + format.info().reader + "' is nowhere");
  std::vector<PlannedGroup> groups = all_groups(format, world);
  if (groups.empty())
    return not_tried("it holds none of the key types that are installed");
  const KeyId first = format.info().first_id, last = format.info().last_id;
  const std::size_t ids = std::min<std::uint64_t>(std::uint64_t{last} - first + 1, 200);
  for (std::size_t begin = 0; begin < groups.size(); begin += ids) {
    const auto some = std::span(groups).subspan(begin, std::min(ids, groups.size() - begin));
    for (const KeyId from : {first, last - static_cast<KeyId>(some.size() - 1)}) {
      KeyId id = from;
      for (PlannedGroup &group : some)
        group.first_id = id++;
      if (std::string flaw = flaw_of_writing(format, *reader, some); !flaw.empty())
        return broken(flaw);
    }
  }
  return holds();
}

// One key on a line that is to be written.
KeyFile one_key(const KeyFileFormat &format, SecretMemory &memory) {
  const KeyGroup &group = format.recipe().groups.front();
  const auto spelling = format.spelling({.name = group.type}, group.bits, group.encoding);
  if (!spelling)
    return {};
  const PlannedGroup planned{group.type, {}, group.bits, group.encoding, *spelling, format.info().first_id, 1};
  return keys_of(std::span(&planned, 1), memory);
}

Finding keeps_to_its_limits(const KeyFileFormat &format, World &) {
  WatchedMemory memory;
  KeyFile file = one_key(format, memory);
  if (file.lines.empty())
    return not_tried("it cannot hold the keys of its own recipe");
  note_step("write a key");
  if (const auto text = format.render(file, memory); !text)
    return broken("it does not write its first key id: " + words_of(text.error()));
  std::vector<KeyId> beyond;
  if (format.info().first_id > 0)
    beyond.push_back(format.info().first_id - 1);
  if (format.info().last_id < std::numeric_limits<KeyId>::max()) {
    beyond.push_back(format.info().last_id + 1);
    beyond.push_back(std::numeric_limits<KeyId>::max());
  }
  for (const KeyId id : beyond) {
    file.lines[0].key.id = id;
    note_step("write key " + std::to_string(id));
    if (std::string flaw = not_refused(format.render(file, memory), ErrorCode::invalid_argument); !flaw.empty())
      return broken("to write key id " + std::to_string(id) + ", which is none of its own, " + flaw);
  }
  file.lines[0].key.id = format.info().first_id;
  file.types = {"NO-SUCH-TYPE"};
  note_step("write a key of a type that there is not");
  if (std::string flaw = not_refused(format.render(file, memory), ErrorCode::unsupported); !flaw.empty())
    return broken("to write a key of a type that there is not " + flaw);
  return holds();
}

Finding loses_no_byte(const KeyFileFormat &format, World &) {
  if (is_write_only(format))
    return not_tried(write_only);
  return finding_of(
      first_flaw(hostile_files(generated_file(format)), "parse a file", [&](const std::string &file) -> std::string {
        WatchedMemory memory;
        std::string flaw;
        {
          IgnoredDiagnostics diagnostics;
          const auto parsed = format.parse(SecretText(memory, bytes_of(file)), memory, diagnostics);
          if (!parsed)
            return "what a file holds is no error, and here it is one: " + words_of(parsed.error());
          const auto text = format.render(*parsed, memory);
          if (!text)
            flaw = "what it parsed it does not write: " + words_of(text.error());
          else if (text->reveal_text() != file)
            flaw = "what is parsed and written is another file";
        }
        return flaw.empty() ? memory.flaw() : flaw;
      }));
}

// Where errors were reported; and what is wrong with a report.
class WatchedDiagnostics final : public Diagnostics {
public:
  explicit WatchedDiagnostics(std::size_t file_size) : file_size_(file_size) {}
  void report(const Diagnostic &diagnostic) noexcept override {
    if (!is_rule_name(diagnostic.rule) || diagnostic.message.empty() || diagnostic.severity > Severity::advice ||
        !lies_inside(diagnostic.where, file_size_))
      flaw_ = "a report has no rule (small letters, digits, hyphens), no message, or no place in the file";
    if (diagnostic.severity == Severity::error)
      errors_.insert(diagnostic.where.offset);
  }
  [[nodiscard]] const std::string &flaw() const { return flaw_; }
  [[nodiscard]] bool has_error_at(std::uint32_t offset) const { return errors_.contains(offset); }

private:
  std::size_t file_size_;
  std::string flaw_;
  std::set<std::uint32_t> errors_;
};

std::string flaw_of_key_line(const KeyFile &file, const Line &line, const FormatInfo &format) {
  const Key &key = line.key;
  // 0 may be loaded somewhere, and be of no use: NTP has it for packets without a key.
  if (key.id != 0 && (key.id < format.first_id || key.id > format.last_id))
    return "a key is parsed as key " + std::to_string(key.id) + ", and its ids are " + std::to_string(format.first_id) +
           " to " + std::to_string(format.last_id);
  if (key.type >= file.types.size())
    return "a key has a type that is not there";
  if (!lies_inside(key.bytes, file.key_bytes.size()) || key.bytes.size == 0)
    return "a key has no bytes, or not in the store";
  if (key.bits != 8 * key.bytes.size)
    return "a key has another number of bits than of bytes";
  if (line.note.size != 0 &&
      (line.note.offset < line.raw.offset || line.note.offset + line.note.size > line.raw.offset + line.raw.size))
    return "the comment behind a key is not on its line";
  return {};
}

std::string flaw_of_parsed(const KeyFile &parsed, const WatchedDiagnostics &diagnostics, std::size_t file_size,
                           const FormatInfo &format) {
  if (!diagnostics.flaw().empty())
    return diagnostics.flaw();
  std::uint32_t end = 0;
  for (const Line &line : parsed.lines) {
    if (line.raw.offset != end)
      return "its lines leave out bytes, or have some twice";
    end += line.raw.size;
    if (line.kind > Line::Kind::unknown)
      return "a line is of a kind that there is not";
    if (std::string flaw = line.kind == Line::Kind::key ? flaw_of_key_line(parsed, line, format) : ""; !flaw.empty())
      return flaw;
    if (line.kind == Line::Kind::unknown && !diagnostics.has_error_at(line.raw.offset))
      return "a line is not understood, and no error is reported";
  }
  return end == file_size ? "" : "its lines end before the file does, or behind it";
}

// Only of a file that is read to its end: a program that gives up may have no key of a line that is one.
std::string flaw_beside_reading(const KeyFile &parsed, const Interpretation &read) {
  std::map<std::uint32_t, const Reading *> readings;
  for (const Reading &reading : read.readings)
    readings.emplace(reading.origin.offset, &reading);
  for (const Line &line : parsed.lines) {
    if (read.outcome != FileOutcome::loaded || line.kind != Line::Kind::key)
      continue;
    const std::string named = "a line that is parsed as key " + std::to_string(line.key.id) + " is ";
    const auto loaded = readings.find(line.raw.offset);
    if (loaded == readings.end()) {
      if (std::ranges::find(read.refusals, line.raw.offset, [](const Refusal &one) { return one.origin.offset; }) ==
          read.refusals.end())
        return named + "neither loaded nor refused by the reader";
      continue;
    }
    const Reading &reading = *loaded->second;
    if (reading.id != line.key.id || (reading.certainty != Certainty::indeterminate &&
                                      !std::ranges::equal(slice(read.store.reveal(), reading.bytes),
                                                          slice(parsed.key_bytes.reveal(), line.key.bytes))))
      return named + "another key for the reader";
  }
  return {};
}

Finding parses_soundly(const KeyFileFormat &format, World &world) {
  if (is_write_only(format))
    return not_tried(write_only);
  const auto reader = find_reader(world, format.info().reader);
  MemoryWithAnEnd end;
  return finding_of(
      first_flaw(hostile_files(generated_file(format)), "parse a file", [&](const std::string &file) -> std::string {
        WatchedMemory memory;
        WatchedDiagnostics diagnostics(file.size());
        const auto parsed = format.parse(SecretText(end, bytes_of(file)), memory, diagnostics);
        if (!parsed)
          return "what a file holds is no error, and here it is one: " + words_of(parsed.error());
        std::string flaw = flaw_of_parsed(*parsed, diagnostics, file.size(), format.info());
        if (flaw.empty() && reader != nullptr)
          if (const auto read = reader->interpret(bytes_of(file), memory))
            flaw = flaw_beside_reading(*parsed, *read);
        return flaw;
      }));
}

// A header must not have lines that somebody's host or file name put there.
Finding writes_headers_of_comments(const KeyFileFormat &format, World &world) {
  const auto reader = is_write_only(format) ? nullptr : find_reader(world, format.info().reader);
  const std::string &sign = format.info().comment_sign;
  std::vector<std::string> names{
      "ntpkey_X_host.1", "", "x\n1 MD5 secret", "x\r\n1 MD5 secret", "x\r1 MD5 secret\r", std::string("x\0y", 3), "\n"};
  for (const std::size_t size : {100U, 200U, 250U, 500U, 1000U, 2000U, 5000U})
    names.push_back(std::string(size, 'x') + " 1 MD5 secret");
  const auto flaw_of_header = [&](const std::string &header) -> std::string {
    for (std::size_t begin = 0; begin < header.size();) {
      const std::size_t end = std::min(header.find('\n', begin), header.size());
      const std::string_view line = std::string_view(header).substr(begin, end - begin);
      if (!line.empty() && (sign.empty() || !line.starts_with(sign)))
        return "a line of the header is no comment: " + shown(line);
      begin = end + 1;
    }
    if (!header.empty() && header.back() != '\n')
      return "the header's last line has no end";
    WatchedMemory memory;
    if (reader != nullptr)
      if (const auto read = reader->interpret(bytes_of(header), memory); read && !read->readings.empty())
        return "its program loads a key from the header";
    return "";
  };
  note_step("write a header");
  for (const std::string &name : names) {
    note_input(name);
    const auto header = format.header(name, "Mon Nov 23 08:00:00 2026");
    const std::string flaw = header ? flaw_of_header(*header) : flaw_of(header.error());
    if (!flaw.empty())
      return broken("for a file name of " + shown(name) + ": " + flaw);
    if (!header && name == names.front())
      return broken("it has no header for an ordinary file name: " + words_of(header.error()));
  }
  return holds();
}

Finding recognises_its_own(const KeyFileFormat &format, World &) {
  const std::string sample = generated_file(format);
  MemoryWithAnEnd end;
  std::string flaw = first_flaw(hostile_files(sample), "recognise a file", [&](const std::string &file) -> std::string {
    const SecretText text(end, bytes_of(file));
    const unsigned sure = format.recognise(text.reveal());
    if (sure > 100)
      return "it is " + std::to_string(sure) + " sure, of 100";
    return format.recognise(text.reveal()) == sure ? "" : "it is surer the second time, or less sure";
  });
  if (flaw.empty() && !is_write_only(format) && format.recognise(bytes_of(sample)) == 0)
    flaw = "it does not recognise what it writes itself";
  return finding_of(flaw);
}

// Listens for a key.
class Eavesdropper final : public Diagnostics {
public:
  explicit Eavesdropper(std::span<const std::byte> key) : key_(key) {}
  void report(const Diagnostic &diagnostic) noexcept override {
    for (const std::string_view said : {diagnostic.message, diagnostic.hint, diagnostic.rule})
      hear(said);
  }
  void hear(std::string_view said) {
    if (flaw_.empty() && quotes(said, key_))
      flaw_ = quoted_key(said);
  }
  void hear(const Error &error) {
    hear(error.message);
    hear(error.hint);
  }
  [[nodiscard]] const std::string &flaw() const { return flaw_; }

private:
  std::span<const std::byte> key_;
  std::string flaw_;
};

Finding says_nothing_of_keys(const KeyFileFormat &format, World &world) {
  WatchedMemory memory;
  std::vector<PlannedGroup> groups = all_groups(format, world);
  if (groups.empty())
    return not_tried("it holds none of the key types that are installed");
  std::string flaw;
  for (PlannedGroup &group : groups) {
    // One of each type in each encoding will do.
    const auto same = [&](const PlannedGroup &one) { return one.type == group.type && one.encoding == group.encoding; };
    if (!flaw.empty() || &group != &*std::ranges::find_if(groups, same))
      continue;
    group.first_id = format.info().first_id;
    KeyFile keys = keys_of(std::span(&group, 1), memory);
    const auto text = format.render(keys, memory);
    if (!text || keys.lines.empty())
      continue; // another law's
    const auto key = keys.key_bytes.reveal();
    flaw = first_flaw(is_write_only(format) ? std::vector<std::string>() : damaged(std::string(text->reveal_text())),
                      "parse a damaged key", [&](const std::string &file) {
                        Eavesdropper diagnostics(key);
                        if (const auto parsed = format.parse(SecretText(memory, bytes_of(file)), memory, diagnostics);
                            !parsed)
                          diagnostics.hear(parsed.error());
                        return diagnostics.flaw();
                      });
    note_step("write a key with a character that it may not have");
    for (const char odd : std::string_view("\0 #\"\xff", 5)) {
      keys.key_bytes.reveal_mutable()[0] = static_cast<std::byte>(odd);
      Eavesdropper diagnostics(key);
      if (const auto written = format.render(keys, memory); !written)
        diagnostics.hear(written.error());
      if (flaw.empty())
        flaw = diagnostics.flaw();
    }
  }
  return finding_of(flaw);
}

Finding keeps_keys_in_secret_memory(const KeyFileFormat &format, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  WatchedMemory memory;
  const KeyFile file = one_key(format, memory);
  if (file.lines.empty())
    return not_tried("it cannot hold the keys of its own recipe");
  const auto text = format.render(file, memory);
  if (!text)
    return broken("it does not write a key: " + words_of(text.error()));
  IgnoredDiagnostics diagnostics;
  // The key as it is, and as it stands in the file.
  const auto key = slice(file.key_bytes.reveal(), file.lines[0].key.bytes);
  const std::array<std::pair<std::string, std::function<void()>>, 3> uses{{
      {"writing a key", [&] { static_cast<void>(format.render(file, memory)); }},
      {"parsing a key",
       [&] { static_cast<void>(format.parse(SecretText(memory, text->reveal()), memory, diagnostics)); }},
      {"recognising a file", [&] { static_cast<void>(format.recognise(text->reveal())); }},
  }};
  for (const hex::DigitPairs &digits : {hex::lower, hex::upper}) {
    SecretWriter in_digits(memory);
    append_hex(in_digits, key, digits);
    for (const auto needle : {key, in_digits.reveal()})
      for (const auto &[use, go] : uses) {
        const FreedMemorySearch search(needle);
        go();
        if (search.found())
          return broken(use + " leaves it in ordinary memory, which is given back without being wiped");
      }
  }
  return holds();
}

Finding works_without_memory(const KeyFileFormat &format, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  WatchedMemory memory, other;
  const KeyFile file = one_key(format, memory);
  if (file.lines.empty())
    return not_tried("it cannot hold the keys of its own recipe");
  const auto expected = format.render(file, memory);
  if (!expected)
    return broken("it does not write a key: " + words_of(expected.error()));
  const auto same_text = [&](const Result<SecretText> &text) {
    return text->reveal_text() == expected->reveal_text() ? "" : "it writes another text, and says nothing";
  };
  std::string trouble = trouble_without_memory("write a key", [&] { return format.render(file, other); }, same_text);
  if (!trouble.empty())
    return broken(trouble);
  const KeyGroup &group = format.recipe().groups.front();
  const KeyTypeInfo type{.name = group.type};
  const auto sound = [](const auto &) { return std::string(); };
  trouble =
      trouble_without_memory("spell a key", [&] { return format.spelling(type, group.bits, group.encoding); }, sound);
  if (trouble.empty())
    trouble = trouble_without_memory(
        "say how keys are encoded", [&] { return format.default_encodings(type, group.bits); }, sound);
  const auto header = format.header("ntpkey_X_host.1", "Mon Nov 23 08:00:00 2026");
  if (trouble.empty() && header)
    trouble = trouble_without_memory(
        "write a header", [&] { return format.header("ntpkey_X_host.1", "Mon Nov 23 08:00:00 2026"); },
        [&](const Result<std::string> &again) {
          return *again == *header ? "" : "it writes another header, and says nothing";
        });
  if (!trouble.empty() || is_write_only(format))
    return finding_of(trouble);
  const std::string sample = generated_file(format) + "1 nonsense\n1 MD5 abcdefghijklmnop";
  IgnoredDiagnostics diagnostics;
  trouble = trouble_without_memory(
      "parse a file",
      [&]() -> Result<KeyFile> {
        // Memory may end before the plugin has its file.
        return guarded([&] { return format.parse(SecretText(other, bytes_of(sample)), other, diagnostics); });
      },
      [&](const Result<KeyFile> &parsed) -> std::string {
        const auto text = format.render(*parsed, memory);
        return text && text->reveal_text() == sample ? "" : "it leaves something out, and says nothing";
      });
  if (trouble.empty()) {
    // It has no error to give: it has to do with what it has.
    note_step("recognise a file");
    for (std::size_t which = 1; which <= 64; ++which) {
      note_allocation(which);
      let_allocation_fail(which);
      static_cast<void>(format.recognise(bytes_of(sample)));
      stop_failing();
    }
  }
  return finding_of(trouble.empty() ? other.flaw() : trouble);
}

constexpr std::array laws{
    Law<KeyFileFormat>{"description", "describes itself, and holds what its recipe makes", describes_itself},
    Law<KeyFileFormat>{"spelling", "spells the keys that it holds, and refuses others with a reason",
                       spells_or_refuses},
    Law<KeyFileFormat>{"round-trip", "reads the keys that it writes, and so does its program", reads_what_it_writes},
    Law<KeyFileFormat>{"limits", "refuses key ids and types that it does not have", keeps_to_its_limits},
    Law<KeyFileFormat>{"lossless", "gives any file back byte for byte", loses_no_byte},
    Law<KeyFileFormat>{"parsing", "accounts for every line of any file, as its program does", parses_soundly},
    Law<KeyFileFormat>{"header", "writes headers of comments only, whatever the file is called",
                       writes_headers_of_comments},
    Law<KeyFileFormat>{"recognising", "recognises what it writes", recognises_its_own},
    Law<KeyFileFormat>{"silence", "holds no part of a key in what it says", says_nothing_of_keys},
    Law<KeyFileFormat>{"secrets", "keeps keys in secret memory", keeps_keys_in_secret_memory},
    Law<KeyFileFormat>{"memory", "fails with an error where memory ends", works_without_memory},
};

} // namespace

template <> std::span<const Law<KeyFileFormat>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
