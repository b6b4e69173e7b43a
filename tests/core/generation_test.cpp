#include "ntpkeygen/host/generation.hpp"

#include "support/plain_memory.hpp"
#include "support/random_sources.hpp"
#include "support/result.hpp"
#include "support/run_control.hpp"

#include <array>
#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;

std::bitset<256> characters(unsigned char first, unsigned char last) {
  std::bitset<256> alphabet;
  for (unsigned c = first; c <= last; ++c)
    alphabet.set(c);
  return alphabet;
}

PlannedGroup group(Encoding encoding, std::uint32_t count, std::uint16_t bits = 128) {
  PlannedGroup planned{.type = "AES", .mac = {MacSpec::Kind::cmac, "aes128", 16}, .bits = bits, .encoding = encoding};
  planned.spelling.type = "AES";
  planned.spelling.alphabet = characters('$', '}');
  planned.spelling.forbidden_prefixes = {"HEX:", "ASCII:"};
  planned.first_id = 1;
  planned.count = count;
  return planned;
}

std::string text_of(const KeyFile &file, const Line &line) {
  const auto bytes = slice(file.key_bytes.reveal(), line.key.bytes);
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

class Generation : public ::testing::Test {
protected:
  Result<KeyFile> generate(const std::vector<PlannedGroup> &groups, RandomSource &source) {
    return generate_keys(groups, source, memory, control);
  }
  test::PlainMemory memory;
  test::RecordingControl control;
};

TEST_F(Generation, NumbersKeysThroughTheGroups) {
  test::SeededSource source(1);
  auto first = group(Encoding::ascii, 2);
  auto second = group(Encoding::hex, 3, 256);
  second.first_id = 3;
  second.type = "SHA256";
  const auto file = generate({first, second}, source);
  ASSERT_TRUE(succeeded(file));
  ASSERT_EQ(file->lines.size(), 5U);
  EXPECT_EQ(file->types, (std::vector<std::string>{"AES", "SHA256"}));
  for (std::uint32_t i = 0; i < 5; ++i) {
    const Key &key = file->lines[i].key;
    EXPECT_EQ(key.id, i + 1);
    EXPECT_EQ(key.type, i < 2 ? 0 : 1);
    EXPECT_EQ(key.bytes.size, i < 2 ? 16U : 32U);
    EXPECT_FALSE(file->lines[i].written());
  }
  EXPECT_EQ(file->key_bytes.size(), 2 * 16U + 3 * 32U);
}

TEST_F(Generation, HexKeysAreTheSourcesBytes) {
  std::vector<std::uint8_t> bytes(32);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  test::ScriptedSource source(bytes);
  const auto file = generate({group(Encoding::hex, 2)}, source);
  ASSERT_TRUE(succeeded(file));
  EXPECT_EQ(static_cast<int>(file->key_bytes.reveal()[17]), 17);
  EXPECT_EQ(source.used(), 32U);
}

// Over a million characters, and the bound is what chance passes once in about a thousand million runs.
void expect_uniform(const KeyFile &file, const std::bitset<256> &alphabet) {
  std::array<std::uint64_t, 256> seen{};
  for (const std::byte byte : file.key_bytes.reveal())
    ++seen[static_cast<std::uint8_t>(byte)];
  const double expected = static_cast<double>(file.key_bytes.size()) / static_cast<double>(alphabet.count());
  ASSERT_GE(file.key_bytes.size(), 1'000'000U);
  double chi_square = 0;
  for (std::size_t c = 0; c < seen.size(); ++c) {
    if (!alphabet[c]) {
      EXPECT_EQ(seen[c], 0U) << "character " << c << " must not occur";
      continue;
    }
    EXPECT_GT(seen[c], 0U) << "character " << c << " never occurs";
    const double off = static_cast<double>(seen[c]) - expected;
    chi_square += off * off / expected;
  }
  // Wilson and Hilferty's approximation of the upper quantile at 6 sigma.
  const double degrees = static_cast<double>(alphabet.count()) - 1;
  const double root = 1 - 2 / (9 * degrees) + 6 * std::sqrt(2 / (9 * degrees));
  EXPECT_LT(chi_square, degrees * root * root * root);
}

TEST_F(Generation, PrintableKeysAreUniform) {
  test::SeededSource source(20261123);
  for (const auto &alphabet : {characters('$', '}'), characters('!', '~') ^ characters('#', '#')}) {
    auto planned = group(Encoding::ascii, 63'000);
    planned.spelling.alphabet = alphabet;
    const auto file = generate({planned}, source);
    ASSERT_TRUE(succeeded(file));
    expect_uniform(*file, alphabet);
  }
}

TEST_F(Generation, ThrowsAwayBytesThatWouldBiasTheCharacters) {
  auto planned = group(Encoding::ascii, 1, 16);
  planned.spelling.alphabet = characters('a', 'c'); // three characters: 255 is past the last whole multiple
  std::vector<std::uint8_t> bytes(256, 1);
  bytes[0] = 255;
  bytes[1] = 254;
  test::ScriptedSource source(bytes);
  const auto file = generate({planned}, source);
  ASSERT_TRUE(succeeded(file));
  EXPECT_EQ(text_of(*file, file->lines[0]), "cb");
}

TEST_F(Generation, DrawsAgainWhatAPeerWouldReadAsAPrefix) {
  auto planned = group(Encoding::ascii, 1, 40);
  planned.spelling.alphabet = characters('!', '~');
  const auto as_drawn = [](const std::string &text) {
    std::vector<std::uint8_t> bytes;
    for (const char c : text)
      bytes.push_back(static_cast<std::uint8_t>(c - '!'));
    return bytes;
  };
  auto bytes = as_drawn("HEX:aok..b");
  bytes.resize(256);
  test::ScriptedSource source(bytes);
  const auto file = generate({planned}, source);
  ASSERT_TRUE(succeeded(file));
  EXPECT_EQ(text_of(*file, file->lines[0]), "ok..b");
}

// Notes what stands where it is asked for more.
class LookingSource final : public RandomSource {
public:
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    left_over_ += calls_++ == 0 ? 0 : std::ranges::count_if(out, [](std::byte byte) { return byte != std::byte{0}; });
    return source_.fill(out, control);
  }
  [[nodiscard]] int calls() const { return calls_; }
  [[nodiscard]] std::ptrdiff_t left_over() const { return left_over_; }

private:
  test::SeededSource source_{7};
  int calls_ = 0;
  std::ptrdiff_t left_over_ = 0;
};

TEST_F(Generation, WhatBecameACharacterIsWipedWhereItWasDrawn) {
  LookingSource source;
  ASSERT_TRUE(succeeded(generate({group(Encoding::ascii, 100)}, source)));
  EXPECT_GT(source.calls(), 5);
  EXPECT_EQ(source.left_over(), 0);
}

TEST_F(Generation, PassesOnTheSourcesError) {
  for (const Encoding encoding : {Encoding::ascii, Encoding::hex}) {
    test::ScriptedSource source({1, 2, 3});
    EXPECT_TRUE(failed_with(generate({group(encoding, 1)}, source), ErrorCode::end_of_data));
  }
  EXPECT_EQ(memory.outstanding(), 0);
}

// A daemon that loads what it is told to: the readings are made by the test.
class FakeReader final : public KeyFileReader {
public:
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> text,
                                                 SecretMemory &memory) const noexcept override {
    Interpretation file;
    file.outcome = outcome;
    file.reason = "it says so";
    file.store = SecretBytes(memory, text);
    file.macs = {mac};
    file.readings = readings;
    return file;
  }
  MacSpec mac{MacSpec::Kind::cmac, "aes128", 16};
  FileOutcome outcome = FileOutcome::loaded;
  std::vector<Reading> readings;

private:
  ReaderInfo info_{.name = "fake", .product = "Fake ntpd", .version = "1.0"};
};

// The file's "text" is the key bytes themselves, so that a reading's extent is easy to make.
class ReadBack : public Generation {
protected:
  void SetUp() override {
    auto generated = generate(groups, source);
    ASSERT_TRUE(succeeded(generated));
    keys = std::move(*generated);
    for (const Line &line : keys.lines)
      reader.readings.push_back({line.key.id, 0, Certainty::certain, {}, line.key.bytes});
  }
  Result<Interpretation> read(const Interpretation *kept = nullptr) {
    return read_back(reader, keys.key_bytes.reveal(), groups, keys, kept, memory);
  }
  std::string complaint() {
    auto result = read();
    return result ? "" : result.error().message;
  }
  test::SeededSource source{7};
  std::vector<PlannedGroup> groups{group(Encoding::hex, 3)};
  KeyFile keys;
  FakeReader reader;
};

TEST_F(ReadBack, AcceptsExactlyTheKeysThatWereMade) {
  EXPECT_TRUE(succeeded(read()));
}

TEST_F(ReadBack, ADaemonMayCutTheTag) {
  reader.mac.tag_bytes = 12;
  EXPECT_TRUE(succeeded(read()));
}

TEST_F(ReadBack, NoticesEveryDifference) {
  const auto good = reader.readings;
  reader.outcome = FileOutcome::rejected;
  EXPECT_THAT(complaint(), ::testing::EndsWith("Fake ntpd 1.0 would not load it: it says so"));
  reader.outcome = FileOutcome::loaded;

  reader.readings.pop_back();
  EXPECT_THAT(complaint(), ::testing::EndsWith("would not load key 3"));

  reader.readings = good;
  ++reader.readings[1].bytes.offset;
  EXPECT_THAT(complaint(), ::testing::EndsWith("would load another key as key 2"));

  reader.readings = good;
  --reader.readings[1].bytes.size;
  EXPECT_THAT(complaint(), ::testing::EndsWith("would load another key as key 2"));

  reader.readings = good;
  reader.readings[0].certainty = Certainty::indeterminate;
  EXPECT_THAT(complaint(), ::testing::EndsWith("would not load key 1"));

  reader.readings = good;
  reader.readings.push_back({9, 0, Certainty::certain, {}, {0, 16}});
  EXPECT_THAT(complaint(), ::testing::EndsWith("would load 4 keys from it instead of 3"));

  reader.readings = good;
  reader.mac.algorithm = "aes256";
  EXPECT_THAT(complaint(), ::testing::EndsWith("would load another key as key 1"));
}

TEST_F(ReadBack, KeptKeysHaveToStayAsTheyWere) {
  auto kept = reader.interpret(keys.key_bytes.reveal(), memory);
  ASSERT_TRUE(succeeded(kept));
  kept->readings = {{40, 0, Certainty::certain, {}, {0, 16}}};
  EXPECT_TRUE(failed_with(read(&*kept), ErrorCode::verification));
  reader.readings.push_back({40, 0, Certainty::certain, {}, {0, 16}});
  EXPECT_TRUE(succeeded(read(&*kept)));
  reader.readings.back().bytes.offset = 16;
  EXPECT_TRUE(failed_with(read(&*kept), ErrorCode::verification));
}

TEST_F(ReadBack, ComparesIdsByTheirKeys) {
  auto before = reader.interpret(keys.key_bytes.reveal(), memory);
  auto after = reader.interpret(keys.key_bytes.reveal(), memory);
  ASSERT_TRUE(succeeded(before) && succeeded(after));
  EXPECT_TRUE(compare_ids(*before, *after).changed.empty());
  EXPECT_TRUE(compare_ids(*before, *after).gone.empty());
  after->readings[2].bytes = after->readings[0].bytes;
  after->readings.erase(after->readings.begin());
  const IdChanges changes = compare_ids(*before, *after);
  EXPECT_EQ(changes.changed, std::vector<KeyId>{3});
  EXPECT_EQ(changes.gone, std::vector<KeyId>{1});
  EXPECT_EQ(compare_ids(*after, *before).added, std::vector<KeyId>{1});
}

TEST_F(ReadBack, IdsThatWereNotLoadedAreComparedAsWell) {
  auto before = reader.interpret(keys.key_bytes.reveal(), memory);
  auto after = reader.interpret(keys.key_bytes.reveal(), memory);
  ASSERT_TRUE(succeeded(before) && succeeded(after));
  const auto refused = [](KeyId id) { return ntpkeygen::Refusal{id, {}, "rule", "reason"}; };
  before->readings.erase(before->readings.begin());
  before->refusals = {refused(900), refused(1), refused(1), refused(2), {}};
  IdChanges changes = compare_ids(*before, *after);
  EXPECT_EQ(changes.changed, std::vector<KeyId>{1}) << "2 is loaded from another line";
  EXPECT_TRUE(changes.gone.empty()) << "nobody used 900";
  EXPECT_TRUE(changes.added.empty());
  EXPECT_TRUE(changes.loaded);
  before->readings.clear(); // another format's file
  changes = compare_ids(*before, *after);
  EXPECT_EQ(changes.changed, (std::vector<KeyId>{1, 2}));
  EXPECT_EQ(changes.gone, std::vector<KeyId>{900});
  EXPECT_FALSE(changes.loaded);
}

} // namespace
} // namespace ntpkeygen
