#include "ntpkeygen/host/lint.hpp"

#include "key_strength.hpp"
#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/words.hpp"
#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "published_keys.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <new>

namespace ntpkeygen {
namespace {

constexpr std::size_t least_bits = 80; // as few as a key type takes
constexpr std::size_t ntpd_key = 32;   // bytes that both ntpds take of a key
constexpr std::size_t ntpd_line = 511; // bytes that they read at once, line feed included
constexpr std::size_t ntpd_text = 20;  // characters; a longer key is hex to them
constexpr KeyId last_ntpd_id = 65535;

// The words of a line, as every reader takes them.
struct Words {
  std::array<std::string_view, 3> first{}; // empty: not there
  std::string_view rest{};                 // from the fourth on
};

Words words_of(std::string_view line) noexcept {
  Words words;
  std::size_t at = c_blanks.skip(line, 0);
  for (std::string_view &word : words.first) {
    const std::size_t end = c_blanks.find(line, at);
    word = line.substr(at, end - at);
    at = c_blanks.skip(line, end);
  }
  words.rest = line.substr(at);
  return words;
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  std::size_t i = 0, j = 0;
  const auto skip = [](std::string_view text, std::size_t &at) {
    while (at < text.size() && (text[at] == '-' || text[at] == '_'))
      ++at;
  };
  for (;; ++i, ++j) {
    skip(a, i);
    skip(b, j);
    if (i == a.size() || j == b.size())
      return i == a.size() && j == b.size();
    if (lower(a[i]) != lower(b[j]))
      return false;
  }
}

bool begins_like(std::string_view text, std::string_view beginning) noexcept {
  return text.size() >= beginning.size() && same_word(text.substr(0, beginning.size()), beginning);
}

bool is_published(const PublishedKey &known, std::span<const std::byte> key) noexcept {
  if (!known.hex)
    return known.text == as_text(key);
  if (known.text.size() != 2 * key.size())
    return false;
  for (std::size_t i = 0; i < key.size(); ++i)
    if (static_cast<unsigned>(hex::value(known.text[2 * i]) << 4U | hex::value(known.text[2 * i + 1])) !=
        std::to_integer<unsigned>(key[i]))
      return false;
  return true;
}

// Few keys begin with the byte that one of the published ones begins with and have its length, too.
class PublishedKeys {
public:
  PublishedKeys() noexcept {
    for (const PublishedKey &known : published_keys) {
      const std::size_t size = known.hex ? known.text.size() / 2 : known.text.size();
      const unsigned first = known.hex
                                 ? static_cast<unsigned>(hex::value(known.text[0]) << 4U | hex::value(known.text[1]))
                                 : static_cast<unsigned char>(known.text[0]);
      lengths_[first] |= std::uint64_t{1} << size;
    }
  }
  [[nodiscard]] const PublishedKey *find(std::span<const std::byte> key) const noexcept {
    if (key.empty() || key.size() >= 64 || (lengths_[std::to_integer<std::size_t>(key[0])] >> key.size() & 1U) == 0)
      return nullptr;
    const auto *const found =
        std::ranges::find_if(published_keys, [&](const PublishedKey &known) { return is_published(known, key); });
    return found == published_keys.end() ? nullptr : found;
  }

private:
  std::array<std::uint64_t, 256> lengths_{};
};

// For each key whether it was there before. It holds no key, nor anything made of one but the order of its slots.
class SeenKeys {
public:
  explicit SeenKeys(const KeyFile &file) : file_(file), slots_(std::bit_ceil(2 * file.lines.size() + 2), 0) {}

  // The line that had the same bytes first; null: none did.
  [[nodiscard]] const Line *first_with_key_of(const Line &line) noexcept {
    const std::string_view key = bytes_of(line);
    std::size_t at = std::hash<std::string_view>{}(key) & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1))
      if (const Line &other = file_.lines[slots_[at] - 1]; bytes_of(other) == key)
        return &other;
    slots_[at] = static_cast<std::uint32_t>(&line - file_.lines.data() + 1);
    return nullptr;
  }

private:
  [[nodiscard]] std::string_view bytes_of(const Line &line) const noexcept {
    return as_text(slice(file_.key_bytes.reveal(), line.key.bytes));
  }
  const KeyFile &file_;
  std::vector<std::uint32_t> slots_; // indices of lines, from 1
};

// A fault that is told once, with the number of its lines.
struct Once {
  std::uint32_t offset = 0;
  std::size_t lines = 0;

  void note(std::size_t at) {
    if (lines++ == 0)
      offset = static_cast<std::uint32_t>(at);
  }
};

} // namespace

bool is_consequence(std::string_view rule) noexcept {
  return rule == "not-read" || rule == "file-rejected" || rule == "program-exits";
}

class KeyLint::Work {
public:
  Work(const LintedKeys &keys, Findings &findings)
      : keys_(keys), findings_(findings), file_(keys.parsed.text.reveal()), text_(as_text(file_)), lines_(file_),
        in_words_(keys.in_words) {
    take_reports();
  }

  void take(ProgramView program) {
    look_at(program);
    program.forget_refusals();
    programs_.push_back(std::move(program));
  }

  void finish() {
    compare();
    if (in_words_)
      look_at_lines();
    look_at_keys();
    if (!findings_.complete())
      throw std::bad_alloc();
    findings_.sort();
  }

private:
  // As much as is needed to find its words: programs read a line without an end in many pieces, from each of which on
  // it would be looked at again.
  [[nodiscard]] std::string_view line_from(std::uint32_t offset) const noexcept {
    constexpr std::size_t enough = 4096;
    const std::string_view rest = text_.substr(offset, enough);
    return rest.substr(0, rest.find('\n'));
  }
  [[nodiscard]] std::uint32_t offset_of(std::string_view part) const noexcept {
    return static_cast<std::uint32_t>(part.data() - text_.data());
  }
  [[nodiscard]] std::string line_number(std::uint32_t offset) const {
    return "line " + std::to_string(lines_.line_at(offset));
  }

  // Where in the line that begins there a rule points to.
  [[nodiscard]] std::uint32_t place_of(std::string_view rule, std::uint32_t offset) const noexcept {
    const LintRule *known = find_lint_rule(rule);
    if (!in_words_ || known == nullptr || known->part == LinePart::whole || offset >= text_.size())
      return offset;
    const std::string_view line = line_from(offset);
    if (rule == "carriage-return")
      return offset + static_cast<std::uint32_t>(std::min(line.find('\r'), line.size()));
    const Words words = words_of(line);
    // Of a line with two words, the second is the key.
    const std::size_t wanted = known->part == LinePart::id                               ? 0
                               : known->part == LinePart::type || words.first[2].empty() ? 1
                                                                                         : 2;
    const std::string_view part = known->part == LinePart::rest ? words.rest : words.first[wanted];
    return part.empty() ? offset + static_cast<std::uint32_t>(line.size()) : offset_of(part);
  }

  // What the format has reported of lines gets its place in the line.
  void take_reports() {
    reported_.reserve(findings_.all_.size());
    for (Findings::Record &finding : findings_.all_) {
      const std::string_view rule = findings_.rules_[finding.rule];
      reported_.push_back({finding.offset, rule});
      const std::uint32_t line = finding.offset;
      finding.offset = place_of(rule, line);
      if (!in_words_ || rule != "bad-key-id")
        continue;
      const std::string_view id = words_of(line_from(line)).first[0];
      if (id.find_first_not_of("0+-") == std::string_view::npos && id.ends_with('0')) {
        const LintRule &zero = *find_lint_rule("key-id-zero");
        finding.rule = static_cast<std::uint16_t>(findings_.rules_.keep(zero.id));
        finding.message = findings_.texts_.keep(zero.sentence);
        finding.hint = findings_.texts_.keep(zero.remedy);
      }
    }
    std::ranges::sort(reported_);
  }
  [[nodiscard]] bool is_reported(std::uint32_t line, std::string_view rule) const {
    return std::ranges::binary_search(reported_, std::pair(line, rule));
  }
  [[nodiscard]] bool is_reported_anywhere(std::string_view rule) const {
    return std::ranges::any_of(reported_, [&](const auto &each) { return each.second == rule; });
  }
  // Whether anything is from this place on, before `end`.
  [[nodiscard]] bool any_reported(std::uint32_t begin, std::size_t end) const {
    const auto found = std::ranges::lower_bound(reported_, std::pair(begin, std::string_view()));
    return found != reported_.end() && found->first < end;
  }

  void look_at(const ProgramView &program) {
    const Interpretation &loaded = program.loaded;
    const bool home = program.name == keys_.format.reader;
    bool decided = loaded.outcome == FileOutcome::loaded || !loaded.decided_by;
    for (const Refusal &refusal : loaded.refusals) {
      decided = decided || (refusal.origin.offset == loaded.decided_by->offset && !is_consequence(refusal.rule));
      if (is_consequence(refusal.rule) || (home && is_reported(refusal.origin.offset, refusal.rule)))
        continue;
      if (home && refusal.rule == "duplicate-id" && refusal.id)
        told_duplicates_.push_back(*refusal.id);
      findings_.add_told(place_of(refusal.rule, refusal.origin.offset), Severity::error, refusal.rule, refusal.reason);
    }
    if (!decided)
      findings_.add(loaded.decided_by->offset,
                    loaded.outcome == FileOutcome::rejected ? "file-rejected"
                    : loaded.outcome == FileOutcome::exits  ? "program-exits"
                                                            : "not-read",
                    loaded.reason);
    if (!in_words_)
      return;
    for (const Reading &reading : loaded.readings) {
      const std::uint32_t begin = reading.origin.offset;
      if (begin == 0 || text_[begin - 1] == '\n' || text_[begin - 1] == '\r' || is_reported(begin, "line-too-long"))
        continue;
      findings_.add(begin, Severity::error, "line-too-long",
                    program.name +
                        " takes what follows from here for a line of its own, because the line is longer "
                        "than its buffer, and loads key " +
                        std::to_string(reading.id) + " from it");
    }
  }

  void compare() {
    const auto doubtful = [](const ProgramView &program) {
      return std::ranges::any_of(program.loaded.readings,
                                 [](const Reading &each) { return each.certainty != Certainty::certain; });
    };
    if (programs_.empty() || (programs_.size() == 1 && !doubtful(programs_.front())))
      return;
    for (SideBySide ids(programs_); ids.next();) {
      const std::vector<Answer> answers = ids.answers();
      const Answer &first = answers.front();
      if (answers.size() == 1 && (first.kind == Answer::Kind::key || first.kind == Answer::Kind::nothing))
        continue;
      const std::string words = difference_in_words(file_, lines_, programs_, answers);
      if (words.empty())
        continue;
      const auto count = [&](Answer::Kind kind) { return std::ranges::count(answers, kind, &Answer::kind); };
      const std::uint32_t line = first.readings.front().origin.offset;
      const std::string_view rule = count(Answer::Kind::key) > 1      ? "different-keys"
                                    : count(Answer::Kind::one_of) > 0 ? "duplicate-id"
                                                                      : "indeterminate-key";
      if (rule == "indeterminate-key" && is_reported(line, "wrong-key-length"))
        continue;
      if (rule == "duplicate-id")
        told_duplicates_.push_back(ids.id());
      findings_.add(place_of(rule, line), Severity::error, rule, "key " + std::to_string(ids.id()) + ": " + words);
    }
  }

  // What can be seen without knowing any format.
  void look_at_lines() {
    if (text_.starts_with("\xEF\xBB\xBF"))
      findings_.add(0, "byte-order-mark");
    else if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
      findings_.add(0, "byte-order-mark", "the file is UTF-16, which no NTP program reads",
                    "iconv -f UTF-16 -t UTF-8 FILE >NEW");
    if (text_.empty())
      return;
    if (text_.back() != '\n')
      findings_.add(static_cast<std::uint32_t>(text_.size()), "no-final-newline");
    Once returns, nuls, controls;
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      const std::string_view line = text_.substr(begin, end - begin);
      if (line.size() >= ntpd_line && !any_reported(static_cast<std::uint32_t>(begin), end))
        findings_.add(static_cast<std::uint32_t>(begin), "line-too-long");
      // Both loops are over all bytes of the file, and the first finds nothing in nearly all lines.
      if (std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; })) {
        std::size_t cr = std::string_view::npos, nul = cr, control = cr;
        for (std::size_t i = line.size(); i-- != 0;)
          if (line[i] == '\r')
            cr = i;
          else if (line[i] == '\0')
            nul = i;
          else if (line[i] != '\t' && (static_cast<unsigned char>(line[i]) < ' ' || line[i] == '\x7f'))
            control = i;
        if (cr != std::string_view::npos)
          returns.note(begin + cr);
        if (nul != std::string_view::npos)
          nuls.note(begin + nul);
        if (control != std::string_view::npos)
          controls.note(begin + control);
      }
      begin = end + 1;
    }
    if (!is_reported_anywhere("carriage-return"))
      tell(returns, "carriage-return");
    if (!is_reported_anywhere("nul-byte"))
      tell(nuls, "nul-byte");
    tell(controls, "control-character");
  }

  void tell(const Once &fault, std::string_view rule, std::string_view message = {}, std::string_view hint = {}) {
    if (fault.lines == 0)
      return;
    const LintRule &known = *find_lint_rule(rule);
    std::string words(message.empty() ? known.sentence : message);
    if (fault.lines > 1)
      words +=
          " (the same in " + std::to_string(fault.lines - 1) + (fault.lines == 2 ? " other line)" : " other lines)");
    findings_.add(fault.offset, known.severity, rule, words, hint);
  }

  void look_at_keys() {
    SeenKeys seen(keys_.parsed);
    std::vector<Once> of_type(keys_.parsed.types.size());
    std::vector<std::pair<KeyId, std::uint32_t>> ids; // with the line's offset
    bool any = false, ascending = true;
    for (const Line &line : keys_.parsed.lines) {
      if (line.kind != Line::Kind::key)
        continue;
      any = true;
      ascending = ascending && (ids.empty() || ids.back().first < line.key.id);
      ids.emplace_back(line.key.id, line.raw.offset);
      const std::string_view raw = as_text(slice(file_, line.raw));
      if (!in_words_) {
        of_type[line.key.type].note(line.raw.offset);
        look_at_bytes(line, line.raw.offset, seen);
        continue;
      }
      const Words words = words_of(raw.substr(0, raw.find('\n')));
      look_at_id(line, words);
      look_at_type(line, words, of_type[line.key.type]);
      look_at_key_field(line, words);
      look_at_bytes(line, offset_of(words.first[2].empty() ? words.first[1] : words.first[2]), seen);
    }
    any = any ||
          std::ranges::any_of(programs_, [](const ProgramView &program) { return !program.loaded.readings.empty(); });
    if (!any)
      findings_.add(0, "no-keys");
    if (in_words_ && !ascending)
      look_at_duplicates(ids);
    tell(comments_, "trailing-comment");
    tell(mangled_, "mangled-by-gear");
    for (std::size_t type = 0; type < of_type.size() && type < keys_.types.size(); ++type)
      for (const std::string &advice : keys_.types[type].advice) {
        // Advice has the form "what is wrong; what to do".
        const std::size_t middle = advice.find("; ");
        tell(of_type[type], "deprecated-type", advice.substr(0, middle),
             middle == std::string::npos ? std::string_view() : std::string_view(advice).substr(middle + 2));
      }
  }

  void look_at_id(const Line &line, const Words &words) {
    const std::string_view written = words.first[0];
    const KeyId id = line.key.id;
    if (plain_decimal(written) != id)
      findings_.add(offset_of(written), "imprecise-key-id",
                    "the key id is read as " + std::to_string(id) + ", which is not what is written there");
    if (id == 0)
      findings_.add(offset_of(written), "key-id-zero");
    else if (id > last_ntpd_id)
      findings_.add(offset_of(written), Severity::warning, "key-id-out-of-range",
                    "only chrony takes key ids above 65535");
  }

  void look_at_type(const Line &line, const Words &words, Once &of_type) {
    const std::string_view written = words.first[1];
    of_type.note(offset_of(written));
    if (words.first[2].empty()) {
      if (!is_reported(line.raw.offset, "type-taken-for-key"))
        findings_.add(offset_of(written), "implicit-type");
      return;
    }
    const std::size_t type = line.key.type;
    if (written != last_type_ || type != last_type_index_) {
      last_type_ = written;
      last_type_index_ = type;
      usual_ = same_word(written, keys_.parsed.types[type]) ||
               (type < keys_.types.size() &&
                std::ranges::any_of(
                    keys_.types[type].names, [&](const std::string &name) { return same_word(written, name); }));
    }
    if (!usual_)
      findings_.add(offset_of(written), "ambiguous-type",
                    "the type is taken for " + keys_.parsed.types[type] + ", which is not what is written there");
  }

  void look_at_key_field(const Line &line, const Words &words) {
    const std::string_view written = words.first[2].empty() ? words.first[1] : words.first[2];
    if (written.empty())
      return;
    const std::string_view key = as_text(slice(keys_.parsed.key_bytes.reveal(), line.key.bytes));
    const bool is_text = line.key.encoding == Encoding::ascii;
    if (!words.rest.empty()) {
      if (words.rest.front() == '#')
        comments_.note(offset_of(words.rest));
      else
        findings_.add(offset_of(words.rest), "trailing-text");
    }
    if (const std::size_t hash = written.find('#'); hash != std::string_view::npos) {
      if (is_text && key.size() >= written.size() - std::min(written.size(), std::string_view("ASCII:").size()) &&
          key.find('#') != std::string_view::npos)
        findings_.add(offset_of(written) + static_cast<std::uint32_t>(hash), Severity::warning, "hash-in-key",
                      "all programs but chrony cut the key before its '#'");
      else
        findings_.add(offset_of(written) + static_cast<std::uint32_t>(hash), "hash-in-key");
    }
    if (!is_text)
      return;
    constexpr std::string_view mangled = "?\"\\;";
    if (key.starts_with('$') || key.find_first_of(mangled) != std::string_view::npos)
      mangled_.note(offset_of(written));
    if (std::ranges::any_of(key, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
      findings_.add(offset_of(written), "non-ascii");
    if (key == written) {
      const bool own = begins_like(key, "HEX:") || begins_like(key, "ASCII:");
      if (own || (begins_like(key, "0x") && key.size() > 2 && hex::is_hex(key.substr(2))))
        findings_.add(offset_of(written), "prefix-taken-as-text");
      else if (key.size() > ntpd_text && hex::is_hex(key))
        findings_.add(offset_of(written), "hex-taken-as-text",
                      counted(key.size(), "hex digit") +
                          " are taken as text here, where both ntpds take them for bytes");
    }
  }

  void look_at_bytes(const Line &line, std::uint32_t place, SeenKeys &seen) {
    const std::span<const std::byte> key = slice(keys_.parsed.key_bytes.reveal(), line.key.bytes);
    const KeyStrength strength = strength_of(key, line.key.encoding == Encoding::ascii);
    if (const PublishedKey *known = published_.find(key))
      findings_.add(place, "published-key",
                    "the key is published " + std::string(known->source) + ", so everybody knows it",
                    with_command("published-key", line));
    else if (strength.patterned)
      findings_.add(place, "patterned-key", {}, with_command("patterned-key", line));
    else if (strength.bits < least_bits)
      findings_.add(place, "weak-key",
                    "the key has at most " + counted(strength.bits, "bit") + " of entropy, and can be guessed",
                    with_command("weak-key", line));
    if (in_words_ && key.size() > ntpd_key)
      findings_.add(place, Severity::warning, "key-too-long",
                    "the key has " + counted(key.size(), "byte") + ", and both ntpds cut it to 32");
    if (const Line *first = seen.first_with_key_of(line); first != nullptr && first->key.id != line.key.id)
      findings_.add(place, "reused-key",
                    "key " + std::to_string(line.key.id) + " is the same as key " + std::to_string(first->key.id) +
                        " in " + line_number(first->raw.offset));
  }

  // The rule's remedy, and the command that draws another key for this line.
  [[nodiscard]] std::string with_command(std::string_view rule, const Line &line) const {
    const Key &key = line.key;
    const FormatInfo &format = keys_.format;
    const std::string &type = keys_.parsed.types[key.type];
    std::string hint = std::string(find_lint_rule(rule)->remedy) + ": ntpkeygen";
    if (key.type < keys_.types.size() && keys_.types[key.type].drawn)
      hint += " --type " + type + (type == "AES" && key.bits > 128 ? "-" + std::to_string(key.bits) : "");
    hint += " --format " + format.name;
    if (key.id >= format.first_id && key.id <= format.last_id)
      hint += " --first-id " + std::to_string(key.id);
    if (in_words_ && (format.name != "busybox" || type != "MD5")) // which it takes as text only
      hint += " --encoding hex";
    return hint + " --count 1 --output -";
  }

  // Those of which the format's own program has not told already.
  void look_at_duplicates(std::vector<std::pair<KeyId, std::uint32_t>> &ids) {
    std::ranges::sort(ids);
    std::ranges::sort(told_duplicates_);
    for (std::size_t i = 1; i < ids.size(); ++i)
      if (ids[i].first == ids[i - 1].first && !std::ranges::binary_search(told_duplicates_, ids[i].first))
        findings_.add(place_of("duplicate-id", ids[i].second), "duplicate-id",
                      "key " + std::to_string(ids[i].first) + " is in " + line_number(ids[i - 1].second) +
                          " already, and programs differ in which of them they use");
  }

  const LintedKeys keys_;
  Findings &findings_;
  std::vector<ProgramView> programs_; // those that have been looked at
  std::span<const std::byte> file_;
  std::string_view text_;
  LineIndex lines_;
  PublishedKeys published_;
  std::vector<std::pair<std::uint32_t, std::string_view>> reported_; // by the format: a line's begin, and the rule
  std::vector<KeyId> told_duplicates_;
  Once comments_, mangled_;
  std::string_view last_type_{};
  std::size_t last_type_index_ = 0;
  bool usual_ = true;
  const bool in_words_;
};

Result<bool> writes_in_words(const KeyFileFormat &format, SecretMemory &memory) {
  if (format.recipe().groups.empty())
    return false;
  const KeyGroup &group = format.recipe().groups.front();
  const auto spelling = format.spelling({.name = group.type}, group.bits, group.encoding);
  if (!spelling)
    return spelling.error().code == ErrorCode::out_of_memory ? failure(spelling.error()) : Result<bool>(false);
  KeyFile one;
  const std::uint32_t size = group.bits / 8U;
  std::size_t character = 0;
  while (group.encoding == Encoding::ascii && character + 1 < spelling->alphabet.size() &&
         !spelling->alphabet[character])
    ++character;
  one.key_bytes = SecretBytes(memory, size);
  std::ranges::fill(one.key_bytes.reveal_mutable(), static_cast<std::byte>(character));
  Line line{.kind = Line::Kind::key, .raw = {Line::unwritten, 0}};
  line.key = {format.info().first_id, group.bits, one.type_index(group.type), group.encoding, {0, size}};
  one.lines.push_back(line);
  const auto text = format.render(one, memory);
  if (!text)
    return text.error().code == ErrorCode::out_of_memory ? failure(text.error()) : Result<bool>(false);
  const std::string_view written = text->reveal_text();
  const Words words = words_of(written.substr(0, written.find('\n')));
  return plain_decimal(words.first[0]) == format.info().first_id && words.first[1] == spelling->type &&
         !words.first[2].empty();
}

KeyLint::KeyLint(const LintedKeys &keys, Findings &findings) : work_(std::make_unique<Work>(keys, findings)) {}
KeyLint::KeyLint(KeyLint &&) noexcept = default;
KeyLint &KeyLint::operator=(KeyLint &&) noexcept = default;
KeyLint::~KeyLint() = default;

void KeyLint::look_at(ProgramView program) {
  work_->take(std::move(program));
}

void KeyLint::finish() {
  work_->finish();
}

} // namespace ntpkeygen
