#include "ntpkeygen/host/lint.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen {
namespace {

using enum Severity;
using Part = LinePart;

constexpr std::array rules{
    LintRule{"ambiguous-type", warning, Part::type, "the type is not written as any program calls it",
             "write MD5, SHA1 or SHA256, or AES as the daemon spells it"},
    LintRule{"apparmor-denies", error, Part::whole, "the AppArmor profile does not let the daemon read the keys file",
             "keep the keys where the profile has them, or add a rule to the file in /etc/apparmor.d/local"},
    LintRule{"bad-key-id", error, Part::id, "the line does not begin with a key id",
             "begin the line with a number from 1 to 65535, in digits alone, or with '#' if it is a comment"},
    LintRule{"bad-key-reference", error, Part::whole, "this is no key id that the daemon takes",
             "write a number from 1 to 65535, in digits alone"},
    LintRule{"beyond-latin-1", error, Part::key, "the key has characters beyond Latin-1",
             "write the key in printable ASCII or in hex"},
    LintRule{"byte-order-mark", error, Part::whole,
             "the file begins with a byte order mark, which programs take for a part of the first line",
             "save the file without one: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE"},
    LintRule{"carriage-return", warning, Part::rest,
             "the line ends in CR LF, and some programs take the CR for a part of the key or lose the line",
             "end lines with a line feed alone: sed -i 's/\\r$//' FILE"},
    LintRule{"colons-in-hex", error, Part::key, "the hex digits have colons between them", "write hex digits only"},
    LintRule{"continued-line", warning, Part::whole,
             "the line ends in a backslash, so busybox ntpd reads the next one as a part of it",
             "do not let a line end in a backslash"},
    LintRule{"control-character", warning, Part::whole, "the file has control characters",
             "remove them: keys files are plain text"},
    LintRule{"daemon-cannot-read", warning, Part::whole, "the daemon's own user cannot read the keys file",
             "give the file to the daemon's group, with mode 0640"},
    LintRule{"deprecated-type", advice, Part::type, "the type is deprecated or was never approved as a MAC",
             "use AES-128-CMAC where every program involved can"},
    LintRule{"different-keys", error, Part::key, "programs load different keys from this line",
             "write the key so that all of them read it alike; 'ntpkeygen explain' shows what each one loads"},
    LintRule{"duplicate-id", error, Part::id, "another line has the same key id", "give each key an id of its own"},
    LintRule{"empty-key", error, Part::key, "nothing stands behind the key's prefix",
             "write the key behind the prefix, without a blank"},
    LintRule{"file-rejected", error, Part::whole, "a program rejects the whole file for this line",
             "mend or remove the line"},
    LintRule{"folder-writable", error, Part::whole, "somebody else can put another file in the place of this one",
             "keep the file in a folder that only root can write to"},
    LintRule{"foreign-owner", warning, Part::whole, "the file belongs to somebody else, who can change the keys",
             "give the file to root"},
    LintRule{"hash-in-key", error, Part::key, "a '#' in the key cuts it there", "use a key without '#'"},
    LintRule{"hex-taken-as-text", warning, Part::key,
             "hex digits are taken as text here, where both ntpds take them for bytes",
             "for chrony, put HEX: before the digits if they are bytes; else use a key that does not look like hex"},
    LintRule{"implicit-type", warning, Part::key, "the line has no type, which only chrony takes, as MD5",
             "write the type between key id and key"},
    LintRule{"imprecise-key-id", error, Part::id, "the key id is read as another number than is written there",
             "write the key id in digits alone"},
    LintRule{"include-loop", error, Part::whole, "the files include each other, or too many levels deep",
             "remove the line"},
    LintRule{"include-missing", warning, Part::whole, "the file that is included here is not read",
             "mend the path, or remove the line"},
    LintRule{"indeterminate-key", error, Part::key, "nobody can know all bytes of the key that is loaded",
             "use a key of exactly the cipher's length"},
    LintRule{"invalid-address", error, Part::rest, "what follows the key is not a list of addresses",
             "remove it, or put a '#' before it"},
    LintRule{"invalid-hex", error, Part::key, "the key has to be hex digits, and has other characters",
             "write hex digits only, or a text of at most 20 characters"},
    LintRule{"key-id-out-of-range", error, Part::id, "the key id is not one that the program takes",
             "use key ids from 1 to 65535"},
    LintRule{"key-id-zero", error, Part::id, "0 is no key id: NTP uses it for packets without a key",
             "use key ids from 1 to 65535"},
    LintRule{"key-not-loaded", error, Part::whole, "the key that is used here is not loaded",
             "add the key to the keys file, the same as the other side has"},
    LintRule{"key-not-trusted", error, Part::whole, "the key that is used here is not trusted",
             "add its id to a trustedkey line"},
    LintRule{"key-too-long", error, Part::key, "the key is longer than programs take it",
             "use a key of at most 32 bytes"},
    LintRule{"keys-file-missing", error, Part::whole, "the keys file is not there, so no key is loaded",
             "mend the path, or put the file there"},
    LintRule{"line-too-long", warning, Part::whole,
             "the line has more than the 511 bytes that both ntpds read at once: they take the rest for a line of its "
             "own, and perhaps load a key from it",
             "shorten the line, also if it is a comment"},
    LintRule{"loaded-not-trusted", warning, Part::whole, "keys are loaded and not trusted",
             "add those that peers use to a trustedkey line, and take the others out of the keys file"},
    LintRule{"mangled-by-gear", advice, Part::key,
             "the key has a character that network gear mangles when it is pasted (?, \", \\, ; or a leading $)",
             "use a key of letters and digits if a router or switch shares it"},
    LintRule{"missing-key", error, Part::rest, "the line has no key", "write key id, type and key"},
    LintRule{"missing-type", error, Part::type, "the line ends behind the key id", "write key id, type and key"},
    LintRule{"no-final-newline", warning, Part::rest,
             "the last line has no line feed, so the next one that is added would become a part of it",
             "end the file with a line feed"},
    LintRule{"no-keys", warning, Part::whole, "the file has no key",
             "is this the keys file? 'ntpkeygen' makes a new one"},
    LintRule{"no-keys-file", error, Part::whole, "the configuration names no keys file, so no key is loaded",
             "add 'keys FILE' for ntpd, 'keyfile FILE' for chronyd"},
    LintRule{"non-ascii", warning, Part::key, "the key has characters beyond ASCII, which programs read differently",
             "write the key in printable ASCII or in hex"},
    LintRule{"not-read", error, Part::whole, "a program stops reading at this line", "mend or remove the line"},
    LintRule{"not-utf-8", error, Part::whole, "the line is not UTF-8", "write plain ASCII"},
    LintRule{"nul-byte", warning, Part::whole, "a program reads the line up to its first NUL byte only",
             "remove the NUL bytes: tr -d '\\0'"},
    LintRule{"odd-hex-digits", error, Part::key, "the key has an odd number of hex digits", "write two for each byte"},
    LintRule{"other-keys-file", warning, Part::whole, "the daemon reads another keys file than the one that is checked",
             "check the file that is named here"},
    LintRule{"patterned-key", warning, Part::key, "the key follows a pattern that is quickly guessed",
             "draw a random key"},
    LintRule{"prefix-taken-as-text", error, Part::key, "the prefix is taken for a part of the key",
             "leave out the prefix; only chrony has HEX: and ASCII:, in capitals"},
    LintRule{"program-exits", error, Part::whole, "a program exits for this line", "mend or remove the line"},
    LintRule{"published-key", error, Part::key, "the key is published", "draw a new key, and give it to all peers"},
    LintRule{"readable-by-group", warning, Part::whole, "a group that is not the daemon's can read the keys",
             "give the file to the daemon's group, or take the group's right to read"},
    LintRule{"readable-by-others", error, Part::whole, "every user of this machine can read the keys",
             "take the right to read from others; the keys may be known, so make new ones"},
    LintRule{
        "relative-path", warning, Part::whole,
        "the path begins at the daemon's working folder, which is / for a service, and not at the folder of this file",
        "write the whole path"},
    LintRule{"repeated-keys-file", warning, Part::whole, "only the last keys file that is named is read",
             "leave one of the lines"},
    LintRule{"reused-key", warning, Part::key, "another line has the same key",
             "make a key of its own for each pair of machines (RFC 8633 section 4.1)"},
    LintRule{"signed-hex", warning, Part::key, "a sign stands among the hex digits", "write hex digits only"},
    LintRule{"trailing-comment", advice, Part::rest, "a comment follows the key, for which chrony skips the line",
             "put the comment on a line of its own if chrony or ntpdig shares the file"},
    LintRule{"trailing-text", warning, Part::rest,
             "something follows the key: chrony skips such a line, NTP Classic takes it for a list of addresses, and "
             "busybox ntpd stops reading",
             "remove it"},
    LintRule{"trusted-not-loaded", warning, Part::whole, "a key is trusted and not loaded",
             "add the key to the keys file, or take its id out of the trustedkey line"},
    LintRule{"type-taken-for-key", warning, Part::type, "the type is taken for the key", "put the key behind the type"},
    LintRule{"unknown-type", error, Part::type, "the program has no such key type",
             "spell the type as the program does, see ntpkeygen-files(5), or 'ntpkeygen convert' the file for it"},
    LintRule{"unusable-type", error, Part::type, "the program takes the type, but computes no MAC with it",
             "use AES, or SHA1 where a program has no AES"},
    LintRule{"weak-key", warning, Part::key, "the key has less than 80 bits of entropy, and can be guessed",
             "use 16 random bytes in hex, or 20 random characters"},
    LintRule{"writable-by-others", error, Part::whole, "others can write to the file, and so change the keys",
             "take the right to write from everybody but the owner"},
    LintRule{"wrong-key-length", error, Part::key, "the key does not have the cipher's length",
             "use exactly 16 bytes for AES-128, 24 for AES-192, 32 for AES-256: as 32, 48 or 64 hex digits"},
};
static_assert(std::ranges::is_sorted(rules, {}, &LintRule::id));

} // namespace

std::span<const LintRule> lint_rules() noexcept {
  return rules;
}

const LintRule *find_lint_rule(std::string_view id) noexcept {
  const auto *const found = std::ranges::lower_bound(rules, id, {}, &LintRule::id);
  return found != rules.end() && found->id == id ? found : nullptr;
}

void Findings::report(const Diagnostic &diagnostic) noexcept {
  try {
    add_told(diagnostic.where.offset, diagnostic.severity, diagnostic.rule, diagnostic.message, diagnostic.hint);
  } catch (...) {
    complete_ = false;
  }
}

void Findings::add(std::uint32_t offset, std::string_view rule, std::string_view message, std::string_view hint) {
  const LintRule *known = find_lint_rule(rule);
  add(offset, known == nullptr ? Severity::error : known->severity, rule, message, hint);
}

void Findings::add(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message,
                   std::string_view hint) {
  if (const LintRule *known = find_lint_rule(rule)) {
    message = message.empty() ? known->sentence : message;
    hint = hint.empty() ? known->remedy : hint;
  } else if (hint.empty()) {
    hint = "mend or remove the line";
  }
  keep(offset, severity, rule, message, hint);
}

void Findings::add_told(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message,
                        std::string_view hint) {
  own_hints_ ? keep(offset, severity, rule, message, hint) : add(offset, severity, rule, message, hint);
}

void Findings::keep(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message,
                    std::string_view hint) {
  // Mostly, the line before has the same fault.
  const Record last = all_.empty() ? Record{} : all_.back();
  const auto kept = [](TextTable &table, std::string_view text, std::uint32_t known) {
    return table[known] == text ? known : table.keep(text);
  };
  all_.push_back({offset, kept(texts_, message, last.message), kept(texts_, hint, last.hint),
                  static_cast<std::uint16_t>(kept(rules_, rule, last.rule)), severity});
}

void Findings::replace_hints(std::string_view rule, std::string_view hint) {
  const std::uint32_t kept = texts_.keep(hint);
  for (Record &record : all_)
    if (rules_[record.rule] == rule)
      record.hint = kept;
}

void Findings::name_file(std::string_view name) {
  constexpr std::string_view word = " FILE";
  for (Record &record : all_) {
    const std::string_view hint = texts_[record.hint];
    const std::size_t at = hint.find(word), end = at + word.size();
    if (at == std::string_view::npos || (end != hint.size() && hint[end] != ' '))
      continue;
    std::string named(hint.substr(0, at + 1));
    named.append(name).append(hint.substr(end));
    record.hint = texts_.keep(named);
  }
}

Finding Findings::operator[](std::size_t index) const noexcept {
  const Record &record = all_[index];
  return {record.offset, record.severity, rules_[record.rule], texts_[record.message], texts_[record.hint]};
}

void Findings::sort() {
  std::ranges::stable_sort(all_, {}, &Record::offset);
}

std::size_t Findings::count(Severity severity) const noexcept {
  return static_cast<std::size_t>(std::ranges::count(all_, severity, &Record::severity));
}

} // namespace ntpkeygen
