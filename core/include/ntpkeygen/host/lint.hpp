// What is wrong with a keys file: rules as data, and the findings that they lead to.
//
// A file is looked at three times: by its format, which reports what it cannot read as it stands; by the programs that
// are to read it, which refuse lines or take other keys than each other; and as text, for traps and weak keys that no
// program minds. Nothing of a key ever gets into a finding.
#pragma once

#include "ntpkeygen/host/key_comparison.hpp"
#include "ntpkeygen/host/text_table.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"

#include <memory>

namespace ntpkeygen {

// Where in a line a finding points to.
enum class LinePart : std::uint8_t { whole, id, type, key, rest };

struct LintRule {
  std::string_view id{};
  Severity severity{}; // what a finding has that does not say otherwise
  LinePart part{};
  std::string_view sentence{}; // what is wrong: the message of a finding that brings none
  std::string_view remedy{};   // what to do: its hint, likewise
};

// All of them, ascending by id; docs/rules.md has a section for each.
[[nodiscard]] std::span<const LintRule> lint_rules() noexcept;
// Null: a rule of a plugin's own.
[[nodiscard]] const LintRule *find_lint_rule(std::string_view id) noexcept;

// What a program says of a line when another one is at fault.
[[nodiscard]] bool is_consequence(std::string_view rule) noexcept;

struct Finding {
  std::uint32_t offset = 0; // into the file
  Severity severity{};
  std::string_view rule{}, message{}, hint{}; // owned by the Findings
};

class Findings final : public Diagnostics {
public:
  // From now on, what is reported gets no hint of a rule that another format's rule happens to be called like.
  void keep_to_own_hints() noexcept { own_hints_ = true; }
  void report(const Diagnostic &diagnostic) noexcept override;
  // An empty message or hint is the rule's own.
  void add(std::uint32_t offset, std::string_view rule, std::string_view message = {}, std::string_view hint = {});
  void add(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message = {},
           std::string_view hint = {});

  // What a format or a program says, in its own words.
  void add_told(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message,
                std::string_view hint = {});

  // Of all findings of a rule.
  void replace_hints(std::string_view rule, std::string_view hint);
  // In the place of the word FILE in hints; as a shell takes it.
  void name_file(std::string_view name);

  // By place; what was found first at a place stays first.
  void sort();
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] Finding operator[](std::size_t index) const noexcept;
  [[nodiscard]] std::size_t count(Severity severity) const noexcept;
  // False: a report was lost for want of memory.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
  friend class KeyLint;
  // Small, since a file may have several faults in every line.
  struct Record {
    std::uint32_t offset = 0;
    std::uint32_t message = 0, hint = 0; // in texts_
    std::uint16_t rule = 0;              // in rules_
    Severity severity{};
  };

  void keep(std::uint32_t offset, Severity severity, std::string_view rule, std::string_view message,
            std::string_view hint);

  TextTable rules_, texts_;
  std::vector<Record> all_;
  bool complete_ = true, own_hints_ = false;
};

// What is known about one of KeyFile::types.
struct TypeFacts {
  std::vector<std::string> names{};  // the canonical one and its aliases
  std::vector<std::string> advice{}; // as KeyTypeInfo has it
  bool drawn = false;                // whether there is a plugin that keys of it can be drawn with
};

struct LintedKeys {
  const KeyFile &parsed;
  const FormatInfo &format;
  std::span<const TypeFacts> types{}; // for each of parsed.types
  bool in_words = true;               // whether lines are id, type and key with blanks between them
};

// Whether the format writes a key as its id, the word for its type and the key, with blanks between them: what is said
// of those words goes wrong where it does not. Errors: out_of_memory.
[[nodiscard]] Result<bool> writes_in_words(const KeyFileFormat &format, SecretMemory &memory);

// Adds what there is to say about a file to what its format reported while it parsed it. Programs are looked at one by
// one, so that what one of them refuses need not be there any more when the next one reads the file.
class KeyLint {
public:
  // Both outlive it.
  KeyLint(const LintedKeys &keys, Findings &findings);
  KeyLint(KeyLint &&) noexcept;
  KeyLint &operator=(KeyLint &&) noexcept;
  ~KeyLint();

  void look_at(ProgramView program);
  // When all programs have been looked at.
  void finish();

private:
  class Work;
  std::unique_ptr<Work> work_;
};

} // namespace ntpkeygen
