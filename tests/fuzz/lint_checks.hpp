// What has to hold for what `check` finds in any bytes.
#pragma once

#include "fuzz/key_file_reader_checks.hpp"

#include "ntpkeygen/host/lint.hpp"
#include "ntpkeygen/sdk/hex.hpp"

namespace ntpkeygen::test {

// Whether `text` holds the bytes of a key as they are or as hex digits. Only of long ones: the words of a message may
// be somebody's short key.
inline bool tells_of(std::string_view text, std::span<const std::byte> key) {
  constexpr std::size_t longer_than_words = 40;
  if (key.size() >= longer_than_words && text.find(as_text(key)) != std::string_view::npos)
    return true;
  if (2 * key.size() < longer_than_words)
    return false;
  std::string digits(2 * key.size(), '\0');
  hex::encode(key, reinterpret_cast<std::byte *>(digits.data()));
  return text.find(digits) != std::string_view::npos;
}

inline std::string broken_findings(const KeyFile &file, const Findings &findings, std::size_t programs) {
  const std::size_t size = file.text.size();
  const auto lines = static_cast<std::size_t>(std::ranges::count(file.text.reveal_text(), '\n')) + 1;
  // Pieces of a line are lines of their own to some readers; 199 bytes is the shortest piece.
  const std::size_t pieces = lines + size / 199;
  if (findings.size() > (programs + 10) * pieces + 64)
    return "more findings than lines account for";
  std::uint32_t last = 0;
  std::set<std::string_view> messages;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding finding = findings[i];
    if (finding.offset > size)
      return "a finding that is not in the file";
    if (finding.offset < last)
      return "findings that are not in the file's order";
    last = finding.offset;
    if (find_lint_rule(finding.rule) == nullptr)
      return "a rule without a page: " + std::string(finding.rule);
    if (finding.message.empty() || finding.hint.empty())
      return "a finding that does not say what is wrong or what to do";
    if (std::ranges::any_of(finding.message, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }))
      return "a message with control characters";
    messages.insert(finding.message);
  }
  std::string all;
  for (const std::string_view message : messages)
    all.append(message).append("\n");
  for (const Line &line : file.lines)
    if (line.kind == Line::Kind::key && tells_of(all, slice(file.key_bytes.reveal(), line.key.bytes)))
      return "a key in a message";
  return "";
}

// The first byte says which format's file it is, and whether all programs or only its own are to read it. Empty when
// all is as promised, else what is not.
inline std::string broken_by_lint(std::span<const std::byte> input) {
  if (input.empty())
    return "";
  const auto choice = std::to_integer<std::size_t>(input[0]);
  const FormatUnderTest &under_test = formats_under_test[choice % formats_under_test.size()];
  const KeyFileFormat &format = format_under_test(choice % formats_under_test.size());
  const bool every_program = choice / formats_under_test.size() % 2 != 0;
  PlainMemory memory;
  Findings findings;
  const auto parsed = format.parse(SecretText(memory, input.subspan(1)), memory, findings);
  if (!parsed)
    return "an error for a file's content";
  std::vector<TypeFacts> types;
  for (const std::string &type : parsed->types)
    types.push_back({{type}, {"it is old; take another one"}});
  KeyLint lint({*parsed, format.info(), types}, findings);
  std::size_t programs = 0;
  for (std::size_t i = 0; i < readers_under_test.size(); ++i)
    if (every_program || i == under_test.reader) {
      auto loaded = reader_under_test(i).interpret(parsed->text.reveal(), memory);
      if (!loaded)
        return "an error for a file's content";
      lint.look_at({reader_under_test(i).info().name, std::move(*loaded)});
      ++programs;
    }
  lint.finish();
  return broken_findings(*parsed, findings, programs);
}

} // namespace ntpkeygen::test
