// What holds for every format that parses, and for every reader: over the observed files, generated ones and random
// bytes.
#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "support/base64.hpp"
#include "support/key_files.hpp"
#include "support/result.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <gmock/gmock.h>
#include <random>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

namespace ntpkeygen {
namespace {

using test::bytes_of;
using test::failed_with;
using test::succeeded;
using test::text_of;

struct Dialect {
  const char *name;
  std::unique_ptr<KeyFileFormat> (*make_format)();
  std::unique_ptr<KeyFileReader> (*make_reader)();
  unsigned recognised; // how sure the format is of a file of its own

  friend void PrintTo(const Dialect &dialect, std::ostream *out) { *out << dialect.name; }
};

class Laws : public ::testing::TestWithParam<Dialect> {
protected:
  static std::vector<std::string> observed_files() {
    std::ifstream file(NTPKEYGEN_VECTORS "/dialects/observed.json");
    rapidjson::IStreamWrapper stream(file);
    rapidjson::Document document;
    document.ParseStream(stream);
    std::vector<std::string> files;
    for (const rapidjson::Value &each : document["cases"].GetArray())
      files.push_back(test::from_base64(each["file_base64"].GetString()));
    return files;
  }

  // Every kind of line that the format writes by default, with keys of `random`.
  std::string generated_file(std::mt19937_64 &random) {
    SecretWriter text(memory);
    test::KeyFileBuilder file(memory);
    KeyId id = 0;
    for (const KeyGroup &group : format->recipe().groups) {
      const auto spelling = format->spelling({.name = group.type}, group.bits, group.encoding);
      for (std::uint32_t i = 0; i < group.count; ++i) {
        std::string key(group.bits / 8U, '\0');
        for (char &c : key)
          do
            c = static_cast<char>(random());
          while (group.encoding == Encoding::ascii && !spelling->alphabet.test(static_cast<unsigned char>(c)));
        file.add(++id, group.type, group.encoding, key);
      }
    }
    return *format->header("ntpkey_X_host.1", "Mon Nov 23 08:00:00 2026") +
           text_of(*format->render(file.take(), memory));
  }

  // Pieces of key lines and of what breaks them, in any order.
  static std::string random_file(std::mt19937_64 &random) {
    static constexpr std::array<std::string_view, 33> pieces{
        "1",
        "65535",
        "7x",
        " ",
        " ",
        "\t",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "#",
        "# note",
        "MD5",
        "SHA1",
        "AES",
        "AES-256",
        "AES128CMAC",
        "NOPE",
        "secret",
        "0123456789abcdef",
        "00112233445566778899aabbccddeeff",
        "\xef\xbb\xbf",
        "10.0.0.1",
        ",",
        "\xff\x80",
        "HEX:",
        "ASCII:",
        "AES128",
        "!",
        "\\",
        "\\\n",
        "-",
        "                                                                "};
    std::string file;
    for (std::uint64_t i = random() % 60; i != 0; --i)
      switch (random() % 12) {
      case 0:
        file.append(random() % 700, static_cast<char>(random()));
        break;
      case 1:
        file.push_back('\0');
        break;
      default:
        file.append(pieces[random() % pieces.size()]);
      }
    return file;
  }

  // Mostly sound lines, with a fault here and there.
  static std::string likely_file(std::mt19937_64 &random) {
    static constexpr std::array<std::string_view, 7> types{"MD5",    "SHA1", "SHA256", "AES128CMAC",
                                                           "AES128", "Misc", "NOPE"};
    static constexpr std::array<std::string_view, 6> tails{"", "", " # note", "#note", "\t", " 10.0.0.1,fe80::1/64"};
    const bool plain = random() % 2 == 0; // what most programs take
    std::string file;
    for (std::uint64_t i = random() % 8; i != 0; --i) {
      file += std::to_string(1 + random() % 9) + " " + std::string(types[random() % (plain ? 2 : types.size())]) + " ";
      if (!plain && random() % 16 == 0)
        file += random() % 2 == 0 ? "HEX:" : "ASCII:";
      const std::uint64_t length = plain ? 2 + random() % 20 * 2 : random() % 3 == 0 ? 16 : 1 + random() % 70;
      for (std::uint64_t j = 0; j < length; ++j)
        file += "0123456789abcdefABCDEF"[random() % 22];
      file.append(tails[random() % (tails.size() - (plain ? 1 : 0))]).append("\n");
      if (random() % 30 == 0)
        file[random() % file.size()] = static_cast<char>(random());
    }
    return file;
  }

  std::vector<std::string> many_files() {
    std::mt19937_64 random(20261123);
    std::vector<std::string> files = observed_files();
    const std::string generated = generated_file(random);
    files.push_back(generated);
    files.push_back(generated.substr(0, generated.size() - 1)); // no final line feed
    std::string crlf;
    for (const char c : generated)
      crlf += c == '\n' ? "\r\n" : std::string(1, c);
    files.push_back(crlf);
    files.emplace_back();
    files.emplace_back(1, '\0');
    files.emplace_back("\n");
    files.emplace_back(3000, '#');
    for (const std::size_t size : {510U, 511U, 512U, 1022U, 1023U})
      files.push_back("1 MD5 " + std::string(size - 6, 'a') + "\n2 MD5 b\n");
    for (int i = 0; i < 2000; ++i) {
      files.push_back(random_file(random));
      files.push_back(likely_file(random));
    }
    return files;
  }

  test::PlainMemory memory;
  std::unique_ptr<KeyFileFormat> format = GetParam().make_format();
  std::unique_ptr<KeyFileReader> reader = GetParam().make_reader();
};

// For the readers that are no format's own, too.
class ReaderLaws : public Laws {};

TEST_P(Laws, RenderingWhatWasParsedGivesTheFile) {
  for (const std::string &file : many_files()) {
    test::RecordedDiagnostics diagnostics;
    const Result<KeyFile> parsed = format->parse(SecretText(memory, bytes_of(file)), memory, diagnostics);
    ASSERT_TRUE(succeeded(parsed));
    const Result<SecretText> rendered = format->render(*parsed, memory);
    ASSERT_TRUE(succeeded(rendered));
    ASSERT_EQ(text_of(*rendered), file);
    std::uint32_t at = 0;
    for (const Line &line : parsed->lines) {
      ASSERT_EQ(line.raw.offset, at);
      at += line.raw.size;
    }
    ASSERT_EQ(at, file.size());
  }
}

TEST_P(Laws, EveryUnknownLineIsReported) {
  for (const std::string &file : many_files()) {
    test::RecordedDiagnostics diagnostics;
    const Result<KeyFile> parsed = format->parse(SecretText(memory, bytes_of(file)), memory, diagnostics);
    ASSERT_TRUE(succeeded(parsed));
    for (const Line &line : parsed->lines)
      if (line.kind == Line::Kind::unknown) {
        ASSERT_TRUE(std::ranges::any_of(diagnostics.reports, [&](const auto &report) {
          return report.severity == Severity::error && report.where.offset == line.raw.offset;
        })) << file;
      }
    for (const auto &report : diagnostics.reports)
      ASSERT_THAT(report.rule, ::testing::MatchesRegex("[a-z0-9-]+"));
  }
}

// A key line is a key that the daemon takes whole: where the file is loaded and no other line has the id, the reader
// says the same bytes.
TEST_P(Laws, KeyLinesAreWhatTheReaderLoads) {
  std::size_t compared = 0;
  for (const std::string &file : many_files()) {
    test::RecordedDiagnostics diagnostics;
    const Result<KeyFile> parsed = format->parse(SecretText(memory, bytes_of(file)), memory, diagnostics);
    const Result<Interpretation> loaded = reader->interpret(bytes_of(file), memory);
    ASSERT_TRUE(succeeded(parsed) && succeeded(loaded));
    if (loaded->outcome != FileOutcome::loaded)
      continue;
    for (const Line &line : parsed->lines) {
      if (line.kind != Line::Kind::key)
        continue;
      const auto reading = std::ranges::find(loaded->readings, line.key.id, &Reading::id);
      ASSERT_TRUE(reading != loaded->readings.end()) << file;
      if (reading->origin.offset != line.raw.offset)
        continue;
      ++compared;
      ASSERT_EQ(reading->certainty, Certainty::certain);
      ASSERT_EQ(test::hex_of(slice(loaded->store.reveal(), reading->bytes)),
                test::hex_of(slice(parsed->key_bytes.reveal(), line.key.bytes)))
          << file;
    }
  }
  EXPECT_GT(compared, 1000U);
}

TEST_P(Laws, GeneratedFilesAreLoadedWhole) {
  std::mt19937_64 random(1);
  const std::string file = generated_file(random);
  const Result<Interpretation> loaded = reader->interpret(bytes_of(file), memory);
  ASSERT_TRUE(succeeded(loaded));
  EXPECT_EQ(loaded->outcome, FileOutcome::loaded);
  std::size_t keys = 0;
  for (const KeyGroup &group : format->recipe().groups)
    keys += group.count;
  EXPECT_EQ(loaded->readings.size(), keys);
  EXPECT_TRUE(loaded->refusals.empty());
  EXPECT_EQ(format->recognise(bytes_of(file)), GetParam().recognised);
}

TEST_P(ReaderLaws, ReadingsAndRefusalsAreInOrder) {
  for (const std::string &file : many_files()) {
    const Result<Interpretation> loaded = reader->interpret(bytes_of(file), memory);
    ASSERT_TRUE(succeeded(loaded));
    for (std::size_t i = 1; i < loaded->readings.size(); ++i)
      ASSERT_LT(loaded->readings[i - 1].id, loaded->readings[i].id);
    for (std::size_t i = 1; i < loaded->refusals.size(); ++i)
      ASSERT_LE(loaded->refusals[i - 1].origin.offset, loaded->refusals[i].origin.offset);
    for (const Reading &reading : loaded->readings) {
      ASSERT_LT(reading.mac, loaded->macs.size());
      ASSERT_LE(reading.bytes.offset + reading.bytes.size, loaded->store.size());
    }
    ASSERT_EQ(loaded->outcome == FileOutcome::loaded, loaded->reason.empty());
    ASSERT_EQ(loaded->outcome == FileOutcome::loaded, !loaded->decided_by);
    const bool keeps_some = loaded->outcome == FileOutcome::loaded || loaded->outcome == FileOutcome::stopped_early;
    ASSERT_TRUE(keeps_some || loaded->readings.empty());
  }
}

TEST_P(Laws, RecogniseTakesAnyBytes) {
  for (const std::string &file : many_files())
    ASSERT_LE(format->recognise(bytes_of(file)), 100U);
}

TEST_P(ReaderLaws, OutOfMemoryIsAnErrorAtEveryAllocation) {
  std::mt19937_64 random(2);
  const std::string file = generated_file(random) + "1 AES128CMAC short\n";
  const auto all_steps = [&]() -> Result<void> {
    test::RecordedDiagnostics diagnostics;
    const Result<Interpretation> loaded = reader->interpret(bytes_of(file), memory);
    if (!loaded)
      return failure(loaded.error());
    SecretText text;
    try {
      text = SecretText(memory, bytes_of(file));
    } catch (const std::bad_alloc &) {
      return failure(ErrorCode::out_of_memory, "");
    }
    const Result<KeyFile> parsed = format->parse(std::move(text), memory, diagnostics);
    if (!parsed)
      return failure(parsed.error());
    const Result<SecretText> rendered = format->render(*parsed, memory);
    return rendered ? Result<void>() : failure(rendered.error());
  };
  long failed = 0;
  for (;; ++failed) {
    memory.fail_after(failed);
    const Result<void> done = all_steps();
    EXPECT_EQ(memory.outstanding(), 0);
    if (done)
      break;
    ASSERT_TRUE(failed_with(done, ErrorCode::out_of_memory)) << "allocation " << failed;
  }
  EXPECT_GE(failed, 5);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Laws,
    ::testing::Values(Dialect{"ntpsec", plugins::ntpsec::make_format, plugins::ntpsec::make_reader, 95},
                      Dialect{"ntpsec_1_2_5", plugins::ntpsec::make_format, plugins::ntpsec::make_reader_1_2_5, 95},
                      Dialect{"classic", plugins::classic::make_format, plugins::classic::make_reader, 95},
                      Dialect{"chrony", plugins::chrony::make_format, plugins::chrony::make_reader, 95},
                      Dialect{"busybox", plugins::busybox::make_format, plugins::busybox::make_reader, 40}),
    [](const auto &dialect) { return std::string(dialect.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Readers, ReaderLaws,
    ::testing::Values(Dialect{"ntpsec", plugins::ntpsec::make_format, plugins::ntpsec::make_reader, 0},
                      Dialect{"ntpsec_1_2_5", plugins::ntpsec::make_format, plugins::ntpsec::make_reader_1_2_5, 0},
                      Dialect{"ntpdig", plugins::ntpsec::make_format, plugins::ntpsec::make_ntpdig_reader, 0},
                      Dialect{"classic", plugins::classic::make_format, plugins::classic::make_reader, 0},
                      Dialect{"sntp", plugins::classic::make_format, plugins::classic::make_sntp_reader, 0},
                      Dialect{"chrony", plugins::chrony::make_format, plugins::chrony::make_reader, 0},
                      Dialect{"busybox", plugins::busybox::make_format, plugins::busybox::make_reader, 0}),
    [](const auto &dialect) { return std::string(dialect.param.name); });

} // namespace
} // namespace ntpkeygen
