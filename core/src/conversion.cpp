#include "ntpkeygen/host/conversion.hpp"

#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/host/loaded_keys.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace ntpkeygen {
namespace {

// What parse says of faults is not asked for: the reader has told which lines are keys.
class NoDiagnostics final : public Diagnostics {
public:
  void report(const Diagnostic &) noexcept override {}
};

// Puts the new file together, line by line.
class NewKeyFile {
public:
  NewKeyFile(const KeyFileFormat &source, const KeyFileFormat &target, SecretMemory &memory, std::size_t size)
      : source_(source.info()), target_(target.info()), text_(memory, size), key_bytes_(memory, size / 2) {}

  void add_blank() { add_text("\n"); }

  // One or several lines, or what stands behind a key.
  void add_comment(std::string_view comment) {
    while (!comment.empty()) {
      const std::size_t end = std::min(comment.find('\n'), comment.size());
      add_comment_line(comment.substr(0, end));
      comment.remove_prefix(std::min(end + 1, comment.size()));
    }
  }

  void add_key(KeyId id, const std::string &type, Encoding encoding, std::span<const std::byte> bytes) {
    Line line;
    line.kind = Line::Kind::key;
    line.raw.offset = Line::unwritten;
    line.key = {id,
                static_cast<std::uint16_t>(8 * bytes.size()),
                file_.type_index(type),
                encoding,
                {static_cast<std::uint32_t>(key_bytes_.size()), static_cast<std::uint32_t>(bytes.size())}};
    key_bytes_.append(bytes);
    file_.lines.push_back(line);
  }

  void reserve(std::size_t lines) { file_.lines.reserve(lines); }
  [[nodiscard]] KeyFile take() {
    file_.text = text_.take();
    file_.key_bytes = key_bytes_.take();
    return std::move(file_);
  }

private:
  // No program's line buffer is shorter: the rest of a longer comment would be read as a line of its own.
  static constexpr std::size_t longest_line = 250;

  void add_comment_line(std::string_view comment) {
    const std::string &sign = target_.comment_sign;
    if (sign.empty())
      return;
    comment.remove_prefix(std::min(c_blanks.skip(comment, 0), comment.size()));
    const bool signed_already = comment.starts_with(source_.comment_sign);
    if (signed_already)
      comment.remove_prefix(source_.comment_sign.size());
    std::string_view gap = signed_already ? "" : " ";
    do {
      const std::size_t size = std::min(comment.size(), longest_line - sign.size() - gap.size());
      add_text(sign, gap, comment.substr(0, size));
      comment.remove_prefix(size);
      gap = " ";
    } while (!comment.empty());
  }

  void add_text(std::string_view sign, std::string_view gap, std::string_view comment) {
    comment = comment.substr(0, comment.find_last_not_of(" \t\r") + 1);
    const std::size_t begin = text_.size();
    text_.append(sign);
    text_.append(gap);
    // A carriage return ends a line for some readers, NUL for others. What no program reads is pasted into a terminal,
    // which takes some characters for itself.
    const std::string_view mangled = target_.reader.empty() ? "?\"\\;$" : "";
    for (const char c : comment)
      text_.append((c >= 0 && c < ' ') || c == '\x7f' || mangled.find(c) != mangled.npos ? ' ' : c);
    // At the end of a line, it would join the next one to this for busybox.
    if (comment.ends_with('\\'))
      text_.append(' ');
    text_.append('\n');
    add_line(Line::Kind::comment, begin);
  }
  void add_text(std::string_view line) {
    const std::size_t begin = text_.size();
    text_.append(line);
    add_line(Line::Kind::blank, begin);
  }
  void add_line(Line::Kind kind, std::size_t begin) {
    Line line;
    line.kind = kind;
    line.raw = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text_.size() - begin)};
    file_.lines.push_back(line);
  }

  const FormatInfo &source_, &target_;
  SecretWriter text_, key_bytes_;
  KeyFile file_{};
};

// How the target writes a key, or why it cannot.
class Fitting {
public:
  Fitting(const KeyFileFormat &target, std::optional<Encoding> encoding, SecretMemory &memory)
      : target_(target), encoding_(encoding), memory_(memory) {}

  Result<Encoding> choose(KeyId id, const std::string &type, Encoding usual, std::span<const std::byte> bytes) {
    const FormatInfo &format = target_.info();
    if (id < format.first_id || id > format.last_id)
      return failure(ErrorCode::unsupported, "key ids of the " + format.name + " format are " +
                                                 std::to_string(format.first_id) + " to " +
                                                 std::to_string(format.last_id));
    const Encoding first = encoding_.value_or(usual);
    auto tried = try_encoding(first, type, bytes);
    if (tried)
      return first;
    if (encoding_)
      return failure(std::move(tried).error());
    const Encoding other = first == Encoding::ascii ? Encoding::hex : Encoding::ascii;
    auto tried_other = try_encoding(other, type, bytes);
    if (tried_other)
      return other;
    std::string reason = std::move(tried).error().message;
    if (tried_other.error().message != reason)
      reason += ", and " + tried_other.error().message;
    return failure(ErrorCode::unsupported, std::move(reason));
  }

private:
  Result<void> try_encoding(Encoding encoding, const std::string &type, std::span<const std::byte> bytes) {
    const auto [known, is_new] = spelled_.try_emplace({type, bytes.size(), encoding});
    if (is_new)
      known->second = target_.spelling({.name = type}, static_cast<std::uint16_t>(8 * bytes.size()), encoding)
                          .map([](const Spelling &) {});
    if (!known->second || encoding == Encoding::hex)
      return known->second;
    // Which characters a key may have and in which places only the format knows: so it has to write it.
    KeyFile file;
    file.key_bytes = SecretBytes(memory_, bytes);
    Line line;
    line.kind = Line::Kind::key;
    line.raw.offset = Line::unwritten;
    line.key = {target_.info().first_id,
                static_cast<std::uint16_t>(8 * bytes.size()),
                file.type_index(type),
                encoding,
                {0, static_cast<std::uint32_t>(bytes.size())}};
    file.lines.push_back(line);
    if (target_.render(file, memory_))
      return {};
    return failure(ErrorCode::unsupported, "the " + target_.info().name + " format cannot write these bytes in ASCII");
  }

  const KeyFileFormat &target_;
  std::optional<Encoding> encoding_;
  SecretMemory &memory_;
  std::map<std::tuple<std::string, std::size_t, Encoding>, Result<void>> spelled_;
};

// A key that the source's program uses, and the line that defines it.
struct UsedKey {
  const Reading *reading = nullptr; // the first, of several
  bool known = false;
};
std::vector<UsedKey> used_keys(const Interpretation &loaded) {
  std::vector<UsedKey> used;
  used.reserve(loaded.readings.size());
  for (auto at = loaded.readings.begin(); at != loaded.readings.end();) {
    const auto end = std::find_if(at, loaded.readings.end(), [&](const Reading &other) { return other.id != at->id; });
    used.push_back({&*at, known_key(loaded, std::span(at, end)) != nullptr});
    at = end;
  }
  std::ranges::sort(used, {}, [](const UsedKey &key) { return key.reading->origin.offset; });
  return used;
}

std::string why_unknown(const Reading &reading) {
  return reading.certainty == Certainty::indeterminate
             ? "nobody can know all bytes of this key: the program fills it up from its own memory"
             : "the program uses one of several lines with this key id, and the file does not tell which";
}

// Whether the target's program loads these keys and nothing else.
Result<void> read_back(const KeyFileReader &reader, std::span<const std::byte> text, const Interpretation &loaded,
                       std::vector<const Reading *> &keys, SecretMemory &memory) {
  auto read = reader.interpret(text, memory);
  if (!read)
    return failure(std::move(read).error());
  if (read->outcome != FileOutcome::loaded)
    return not_as_written(reader, "would not load it: " + read->reason);
  std::ranges::sort(keys, {}, &Reading::id);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (i == read->readings.size() || read->readings[i].id != keys[i]->id ||
        !same_key(*read, read->readings[i], loaded, *keys[i]))
      return not_as_written(reader, "would not load key " + std::to_string(keys[i]->id) + " as it was");
  if (read->readings.size() != keys.size() || !read->refusals.empty())
    return not_as_written(reader, "would find other keys in it, too");
  return {};
}

} // namespace

std::string key_type_name(const MacSpec &mac) {
  std::string name = mac.algorithm;
  if (mac.kind == MacSpec::Kind::cmac)
    name.erase(name.find_last_not_of("0123456789") + 1);
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return name;
}

Result<Conversion> convert_keys(const KeyFileFormat &source_format, SecretText source, const Interpretation &loaded,
                                const KeyFileFormat &target, const KeyFileReader *target_reader,
                                std::optional<Encoding> encoding, SecretMemory &memory) {
  NewKeyFile made(source_format, target, memory, source.size());
  NoDiagnostics no_diagnostics;
  auto parsed = source_format.parse(std::move(source), memory, no_diagnostics);
  if (!parsed)
    return failure(std::move(parsed).error());

  made.reserve(parsed->lines.size());

  std::vector<std::string> types;
  for (const MacSpec &mac : loaded.macs)
    types.push_back(key_type_name(mac));
  Fitting fitting(target, encoding, memory);
  Conversion conversion;
  std::vector<const Reading *> keys;
  std::string_view last_note;
  const std::vector<UsedKey> used = used_keys(loaded);
  keys.reserve(used.size());
  auto next = used.begin();
  for (const Line &line : parsed->lines) {
    const std::string_view text = as_text(slice(parsed->text.reveal(), line.raw));
    if (next == used.end() || next->reading->origin.offset != line.raw.offset) {
      if (line.kind == Line::Kind::comment)
        made.add_comment(text);
      else if (line.kind == Line::Kind::blank)
        made.add_blank();
      continue;
    }
    const Reading &key = *next->reading;
    // cppcheck-suppress legacyUninitvar ; the member of a record, not the variable itself
    const bool known = next++->known;
    if (!known) {
      conversion.refused.push_back({key.id, key.origin, why_unknown(key)});
      continue;
    }
    const Encoding usual = line.kind == Line::Kind::key ? line.key.encoding : Encoding::hex;
    const std::span<const std::byte> bytes = key_bytes(loaded, key);
    auto fits = fitting.choose(key.id, types[key.mac], usual, bytes);
    if (!fits) {
      conversion.refused.push_back({key.id, key.origin, std::move(fits).error().message});
      continue;
    }
    // Behind a key, it would cost chrony the line. A generator puts the same one behind many keys.
    const std::string_view note = as_text(slice(parsed->text.reveal(), line.note));
    if (note != last_note)
      made.add_comment(note);
    last_note = note;
    made.add_key(key.id, types[key.mac], *fits, bytes);
    keys.push_back(&key);
  }
  conversion.keys = keys.size();

  auto text = target.render(made.take(), memory);
  if (!text)
    return failure(std::move(text).error());
  conversion.text = std::move(*text);
  if (target_reader != nullptr)
    if (auto read = read_back(*target_reader, conversion.text.reveal(), loaded, keys, memory); !read)
      return failure(std::move(read).error());
  return conversion;
}

} // namespace ntpkeygen
