// What has to hold for a format that parses, whatever the bytes of the file are.
#pragma once

#include "fuzz/key_file_reader_checks.hpp"

#include <map>

namespace ntpkeygen::test {

// Where errors were reported; and whether all reports were as they have to be.
class CheckedDiagnostics final : public Diagnostics {
public:
  explicit CheckedDiagnostics(std::size_t size) : size_(size) {}
  void report(const Diagnostic &diagnostic) noexcept override {
    const Extent where = diagnostic.where;
    sound_ = sound_ && is_rule_name(diagnostic.rule) && !diagnostic.message.empty() && where.offset <= size_ &&
             where.size <= size_ - where.offset;
    if (diagnostic.severity == Severity::error)
      errors_.insert(where.offset);
  }
  [[nodiscard]] bool sound() const { return sound_; }
  [[nodiscard]] bool has_error_at(std::uint32_t offset) const { return errors_.contains(offset); }

private:
  std::size_t size_;
  bool sound_ = true;
  std::set<std::uint32_t> errors_{};
};

inline std::string broken_line(const KeyFile &file, const Line &line) {
  if (line.kind != Line::Kind::key)
    return "";
  const Key &key = line.key;
  if (key.type >= file.types.size())
    return "a type that is not there";
  const std::size_t store = file.key_bytes.size();
  if (key.bytes.size == 0 || key.bytes.size > store || key.bytes.offset > store - key.bytes.size)
    return "a key that is not in the store";
  if (key.bits != 8 * key.bytes.size)
    return "as many bits as the key does not have";
  const std::uint32_t end = line.raw.offset + line.raw.size;
  if (line.note.size != 0 && (line.note.offset < line.raw.offset || line.note.offset + line.note.size > end ||
                              slice(file.text.reveal(), line.note)[0] != std::byte{'#'}))
    return "a note that is not behind the key";
  return "";
}

// The keys that the format can write, on lines that have yet to be written.
inline KeyFile unwritten(const KeyFileFormat &format, const KeyFile &parsed, SecretMemory &memory) {
  KeyFile file;
  file.types = parsed.types;
  const auto write_alone = [&](const Line &line) {
    KeyFile alone;
    alone.types = parsed.types;
    alone.key_bytes = SecretBytes(memory, parsed.key_bytes.reveal());
    alone.lines = {line};
    return format.render(alone, memory).has_value();
  };
  file.key_bytes = SecretBytes(memory, parsed.key_bytes.reveal());
  for (const Line &line : parsed.lines) {
    if (line.kind != Line::Kind::key)
      continue;
    Line fresh;
    fresh.kind = Line::Kind::key;
    fresh.raw.offset = Line::unwritten;
    fresh.key = line.key;
    if (file.lines.size() < 64 && write_alone(fresh)) // each is written twice, with all keys at hand
      file.lines.push_back(fresh);
  }
  return file;
}

// What is written from keys is these keys again.
inline std::string broken_rendering(const KeyFileFormat &format, const KeyFile &parsed, SecretMemory &memory) {
  const KeyFile file = unwritten(format, parsed, memory);
  auto text = format.render(file, memory);
  if (!text)
    return "lines that can be written one by one and not together";
  CheckedDiagnostics diagnostics(text->size());
  const auto again = format.parse(std::move(*text), memory, diagnostics);
  if (!again || again->lines.size() != file.lines.size())
    return "another number of lines than were written";
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const Key &written = file.lines[i].key, &read = again->lines[i].key;
    if (again->lines[i].kind != Line::Kind::key || read.id != written.id || read.encoding != written.encoding ||
        again->types[read.type] != file.types[written.type] ||
        !std::ranges::equal(slice(again->key_bytes.reveal(), read.bytes),
                            slice(file.key_bytes.reveal(), written.bytes)))
      return "another key than was written";
  }
  return "";
}

// Empty when all is as promised, else what is not.
inline std::string broken_by_format(std::size_t index, std::span<const std::byte> file) {
  const KeyFileFormat &format = format_under_test(index);
  const KeyFileReader &reader = reader_under_test(formats_under_test[index].reader);
  if (format.recognise(file) > 100)
    return "surer than sure";
  PlainMemory memory;
  CheckedDiagnostics diagnostics(file.size());
  const auto parsed = format.parse(SecretText(memory, file), memory, diagnostics);
  if (!parsed)
    return "an error for a file's content";
  if (memory.acquired() > fair_share(file.size()))
    return "memory that grows faster than the file";
  if (!diagnostics.sound())
    return "a report without a rule, a message or a place in the file";
  std::uint32_t end = 0;
  for (const Line &line : parsed->lines) {
    if (line.raw.offset != end)
      return "lines that leave something out";
    end += line.raw.size;
    if (std::string broken = broken_line(*parsed, line); !broken.empty())
      return broken;
    if (line.kind == Line::Kind::unknown && !diagnostics.has_error_at(line.raw.offset))
      return "a line that is not understood, and not reported";
  }
  const auto rendered = format.render(*parsed, memory);
  if (end != file.size() || !rendered || !std::ranges::equal(rendered->reveal(), file))
    return "another file than was parsed";

  const auto read = reader.interpret(file, memory);
  if (!read)
    return "an error for a file's content";
  const auto offset_of_origin = [](const auto &each) { return each.origin.offset; };
  std::map<std::uint32_t, const Reading *> reading_at;
  for (const Reading &reading : read->readings)
    reading_at.emplace(reading.origin.offset, &reading);
  for (const Line &line : parsed->lines) {
    if (read->outcome != FileOutcome::loaded || line.kind != Line::Kind::key)
      continue;
    const auto refusal = std::ranges::lower_bound(read->refusals, line.raw.offset, {}, offset_of_origin);
    const bool refused = refusal != read->refusals.end() && refusal->origin.offset == line.raw.offset;
    const auto found = reading_at.find(line.raw.offset);
    if ((found == reading_at.end()) != refused)
      return "a key line that is neither loaded nor refused, or both";
    if (refused && refusal->rule != "duplicate-id")
      return "a key line that the program refuses";
    if (refused)
      continue;
    const Reading &reading = *found->second;
    if (reading.id != line.key.id || reading.certainty != Certainty::certain ||
        !std::ranges::equal(slice(read->store.reveal(), reading.bytes),
                            slice(parsed->key_bytes.reveal(), line.key.bytes)))
      return "a key line of which the program loads another key";
  }
  return broken_rendering(format, *parsed, memory);
}

} // namespace ntpkeygen::test
