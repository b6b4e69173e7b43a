// What tests of key file formats and readers share: files from text, keys as hex, and what parse reported.
#pragma once

#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/key_file_reader.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include "support/plain_memory.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen::test {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::string hex_of(std::span<const std::byte> bytes) {
  std::string digits(2 * bytes.size(), '\0');
  hex::encode(bytes, reinterpret_cast<std::byte *>(digits.data()));
  return digits;
}

class RecordedDiagnostics final : public Diagnostics {
public:
  void report(const Diagnostic &diagnostic) noexcept override {
    reports.push_back({diagnostic.severity, diagnostic.where, std::string(diagnostic.rule)});
  }
  [[nodiscard]] std::vector<std::string> rules() const {
    std::vector<std::string> names;
    for (const Report &report : reports)
      names.push_back(report.rule);
    return names;
  }

  struct Report {
    Severity severity{};
    Extent where{};
    std::string rule{};
  };
  std::vector<Report> reports{};
};

// One reading as a line of text: "7 md5 736563", "7 cmac-aes128 ?16" where the bytes are not known.
inline std::string summary_of(const Interpretation &interpretation, const Reading &reading) {
  return std::to_string(reading.id) + " " + mac_name(interpretation.macs.at(reading.mac)) + " " +
         (reading.certainty == Certainty::indeterminate ? "?" + std::to_string(reading.bytes.size)
                                                        : hex_of(slice(interpretation.store.reveal(), reading.bytes)));
}
inline std::vector<std::string> keys_of(const Interpretation &interpretation) {
  std::vector<std::string> keys;
  for (const Reading &reading : interpretation.readings)
    keys.push_back(summary_of(interpretation, reading));
  return keys;
}

// One refusal as a line of text: "7 invalid-hex", "- bad-key-id" where the line names no id.
inline std::vector<std::string> refusals_of(const Interpretation &interpretation) {
  std::vector<std::string> refusals;
  for (const Refusal &refusal : interpretation.refusals)
    refusals.push_back((refusal.id ? std::to_string(*refusal.id) : "-") + " " + refusal.rule);
  return refusals;
}

// A parsed file, line by line: "7 AES 128 hex 3031..." for a key, else the line's kind.
inline std::vector<std::string> lines_of(const KeyFile &file) {
  std::vector<std::string> lines;
  for (const Line &line : file.lines) {
    const Key &key = line.key;
    switch (line.kind) {
    case Line::Kind::blank:
      lines.emplace_back("blank");
      break;
    case Line::Kind::comment:
      lines.emplace_back("comment");
      break;
    case Line::Kind::unknown:
      lines.emplace_back("unknown");
      break;
    case Line::Kind::key:
      lines.push_back(std::to_string(key.id) + " " + file.types.at(key.type) + " " + std::to_string(key.bits) +
                      (key.encoding == Encoding::hex ? " hex " : " ascii ") +
                      hex_of(slice(file.key_bytes.reveal(), key.bytes)));
    }
  }
  return lines;
}

// A key file without text, line by line.
class KeyFileBuilder {
public:
  explicit KeyFileBuilder(SecretMemory &memory) : memory_(memory), bytes_(memory) {}

  KeyFileBuilder &add(KeyId id, std::string_view type, Encoding encoding, std::string_view key) {
    const auto offset = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(key);
    file_.lines.push_back({.kind = Line::Kind::key,
                           .raw = {Line::unwritten, 0},
                           .key = {.id = id,
                                   .bits = static_cast<std::uint16_t>(8 * key.size()),
                                   .type = file_.type_index(type),
                                   .encoding = encoding,
                                   .bytes = {offset, static_cast<std::uint32_t>(key.size())}}});
    return *this;
  }
  // A line that is there already, as `text` has it.
  KeyFileBuilder &add_written(std::string_view text) {
    SecretWriter all(memory_);
    all.append(file_.text.reveal());
    file_.lines.push_back({.kind = Line::Kind::comment,
                           .raw = {static_cast<std::uint32_t>(all.size()), static_cast<std::uint32_t>(text.size())}});
    all.append(text);
    file_.text = all.take();
    return *this;
  }
  [[nodiscard]] KeyFile take() {
    file_.key_bytes = bytes_.take();
    return std::move(file_);
  }

private:
  SecretMemory &memory_;
  SecretWriter bytes_;
  KeyFile file_{};
};

inline std::string text_of(const SecretText &text) {
  return std::string(text.reveal_text());
}

} // namespace ntpkeygen::test
