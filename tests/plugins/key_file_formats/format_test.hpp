// What every test of a key file format or of a reader starts with.
#pragma once

#include "support/key_files.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ntpkeygen {

using test::bytes_of;
using test::failed_with;
using test::keys_of;
using test::refusals_of;
using test::succeeded;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using namespace std::string_literals;

namespace test {

inline KeyTypeInfo type(const char *name) {
  return {.name = name};
}

template <std::unique_ptr<KeyFileFormat> (*make)()> class FormatTest : public ::testing::Test {
protected:
  Result<std::string> render(const KeyFile &file) {
    return format->render(file, memory).map([](const SecretText &text) { return text_of(text); });
  }
  // A file of one key.
  Result<std::string> one(KeyId id, std::string_view name, Encoding encoding, std::string_view key) {
    return render(KeyFileBuilder(memory).add(id, name, encoding, key).take());
  }
  KeyFile parse(std::string_view text) {
    diagnostics.reports.clear();
    Result<KeyFile> file = format->parse(SecretText(memory, bytes_of(text)), memory, diagnostics);
    EXPECT_TRUE(succeeded(file));
    return std::move(*file);
  }
  std::vector<std::string> lines_of(std::string_view text) { return test::lines_of(parse(text)); }
  // The notes of all lines.
  std::vector<std::string> notes_of(std::string_view text) {
    std::vector<std::string> notes;
    for (const Line &line : parse(text).lines)
      notes.emplace_back(text.substr(line.note.offset, line.note.size));
    return notes;
  }
  // The word for a type, or what is wrong with it.
  std::string word(const char *name, std::uint16_t bits, Encoding encoding = Encoding::hex) {
    const Result<Spelling> spelling = format->spelling(type(name), bits, encoding);
    EXPECT_TRUE(spelling || failed_with(spelling, ErrorCode::unsupported));
    return spelling ? spelling->type : "error: " + spelling.error().message;
  }
  bool fits(const char *name, std::uint16_t bits, Encoding encoding) {
    return !word(name, bits, encoding).starts_with("error: ");
  }
  std::vector<Encoding> encodings(const char *name, std::uint16_t bits) {
    return format->default_encodings(type(name), bits).value_or(std::vector<Encoding>{});
  }
  unsigned sure(std::string_view text) { return format->recognise(bytes_of(text)); }
  // Each of these lines is unknown, and is reported for its rule.
  void expect_unknown(const std::vector<std::pair<std::string, std::string>> &lines_and_rules) {
    for (const auto &[line, rule] : lines_and_rules) {
      EXPECT_THAT(lines_of(line + "\n"), ElementsAre("unknown")) << line;
      EXPECT_THAT(diagnostics.rules(), ElementsAre(rule)) << line;
    }
  }

  PlainMemory memory;
  RecordedDiagnostics diagnostics;
  std::unique_ptr<KeyFileFormat> format = make();
};

template <std::unique_ptr<KeyFileReader> (*make)()> class ReaderTest : public ::testing::Test {
protected:
  Interpretation read_any(std::string_view text) {
    Result<Interpretation> read = reader->interpret(bytes_of(text), memory);
    EXPECT_TRUE(succeeded(read));
    return std::move(*read);
  }
  Interpretation read(std::string_view text, FileOutcome expected = FileOutcome::loaded) {
    Interpretation read = read_any(text);
    EXPECT_EQ(read.outcome, expected) << text;
    return read;
  }

  PlainMemory memory;
  std::unique_ptr<KeyFileReader> reader = make();
};

} // namespace test

using test::type;

} // namespace ntpkeygen
