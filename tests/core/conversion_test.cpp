// Converting between every pair of formats: what the source's program loads is what the target's program loads.
#include "ntpkeygen/host/conversion.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_types/aes/aes.hpp"
#include "key_types/md5/md5.hpp"
#include "key_types/sha1/sha1.hpp"
#include "key_types/sha256/sha256.hpp"
#include "key_types/sha384/sha384.hpp"
#include "key_types/sha512/sha512.hpp"
#include "support/base64.hpp"
#include "support/collecting_registrar.hpp"
#include "support/key_files.hpp"
#include "support/result.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <random>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

namespace ntpkeygen {
namespace {

using test::bytes_of;
using test::succeeded;
using test::text_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Dialect {
  std::unique_ptr<KeyFileFormat> format;
  std::unique_ptr<KeyFileReader> reader;
};

class Converting : public ::testing::Test {
protected:
  Dialect ntpsec{plugins::ntpsec::make_format(), plugins::ntpsec::make_reader()};
  Dialect classic{plugins::classic::make_format(), plugins::classic::make_reader()};
  Dialect chrony{plugins::chrony::make_format(), plugins::chrony::make_reader()};
  Dialect busybox{plugins::busybox::make_format(), plugins::busybox::make_reader()};
  std::vector<const Dialect *> all{&ntpsec, &classic, &chrony, &busybox};
  test::PlainMemory memory;

  Interpretation read(const Dialect &dialect, std::string_view file) {
    auto loaded = dialect.reader->interpret(bytes_of(file), memory);
    EXPECT_TRUE(succeeded(loaded));
    return std::move(*loaded);
  }
  Result<Conversion> convert(const Dialect &from, const Dialect &to, std::string_view file,
                             std::optional<Encoding> encoding = std::nullopt) {
    return convert_keys(*from.format, SecretText(memory, bytes_of(file)), read(from, file), *to.format, to.reader.get(),
                        encoding, memory);
  }
  std::string text(const Dialect &from, const Dialect &to, std::string_view file,
                   std::optional<Encoding> encoding = std::nullopt) {
    auto conversion = convert(from, to, file, encoding);
    return succeeded(conversion) ? text_of(conversion->text) : "";
  }
  // "3 why".
  std::vector<std::string> refusals(const Dialect &from, const Dialect &to, std::string_view file,
                                    std::optional<Encoding> encoding = std::nullopt) {
    std::vector<std::string> found;
    auto conversion = convert(from, to, file, encoding);
    if (succeeded(conversion))
      for (const RefusedKey &refused : conversion->refused)
        found.push_back(std::to_string(refused.id) + " " + refused.reason);
    return found;
  }

  // The law. Returns how many keys it has been shown for.
  std::size_t check(const Dialect &from, const Dialect &to, const std::string &file, std::optional<Encoding> encoding) {
    auto conversion = convert(from, to, file, encoding);
    EXPECT_TRUE(succeeded(conversion)) << file;
    if (!conversion)
      return 0;
    const Interpretation before = read(from, file), after = read(to, conversion->text.reveal_text());
    EXPECT_EQ(after.outcome, FileOutcome::loaded);
    EXPECT_TRUE(after.refusals.empty());
    std::vector<std::string> expected, got;
    for (const Reading &key : before.readings) {
      const bool refused =
          std::ranges::any_of(conversion->refused, [&](const RefusedKey &other) { return other.id == key.id; });
      EXPECT_TRUE(refused || key.certainty == Certainty::certain);
      if (!refused)
        expected.push_back(test::summary_of(before, key));
    }
    for (const Reading &key : after.readings)
      got.push_back(test::summary_of(after, key));
    EXPECT_EQ(got, expected) << file << "\n->\n" << conversion->text.reveal_text();
    EXPECT_EQ(conversion->keys, expected.size());
    return expected.size();
  }
  std::size_t check_all(const std::string &file) {
    std::size_t keys = 0;
    for (const Dialect *from : all)
      for (const Dialect *to : all)
        for (const auto encoding :
             {std::optional<Encoding>(), std::optional(Encoding::hex), std::optional(Encoding::ascii)})
          keys += check(*from, *to, file, encoding);
    return keys;
  }
};

TEST(KeyTypeName, IsThatOfEveryKeyType) {
  test::CollectingRegistrar registrar;
  for (const auto enroll : {plugins::aes::enroll, plugins::md5::enroll, plugins::sha1::enroll, plugins::sha256::enroll,
                            plugins::sha384::enroll, plugins::sha512::enroll})
    ASSERT_TRUE(succeeded(enroll(registrar)));
  for (const auto &type : registrar.key_types)
    for (const KeyLengths &lengths : type->info().lengths)
      EXPECT_EQ(key_type_name(lengths.mac), type->info().name);
}

// Lines that some of the programs take, with comments of all kinds between them.
std::string random_file(std::mt19937_64 &random) {
  static constexpr std::array<std::string_view, 12> types{"MD5",    "SHA1",    "SHA256",     "SHA512",
                                                          "AES",    "AES-256", "AES128CMAC", "AES128",
                                                          "AES192", "AES256",  "SHA224",     "Misc"};
  static constexpr std::array<std::string_view, 6> between{"", "\n", "# lab\n", "! old\n", "  ; \tolder \r\n", "#\\\n"};
  static constexpr std::array<std::string_view, 5> behind{"\n", "\n", "  # note\n", "#note \\\n", "\r\n"};
  static constexpr std::array<std::size_t, 10> lengths{1, 5, 10, 16, 20, 21, 24, 32, 33, 64};
  const auto any = [&](const auto &list) { return list[random() % list.size()]; };
  std::string file;
  for (std::uint64_t i = random() % 12; i != 0; --i) {
    file += any(between);
    if (random() % 20 == 0)
      file += "#" + std::string(random() % 3000, random() % 2 == 0 ? 'x' : ' ') + std::to_string(random() % 10) +
              " MD5 in\n";
    file += std::to_string(random() % (random() % 8 == 0 ? 70000 : 15)) + " ";
    file += any(types);
    file += ' ';
    const std::size_t length = any(lengths);
    const std::uint64_t kind = random() % 4;
    if (kind == 0) {
      for (std::size_t j = 0; j < length; ++j)
        file += static_cast<char>('!' + random() % ('~' - '!' + 1));
    } else {
      file += kind == 1 ? "HEX:" : "";
      for (std::size_t j = 0; j < 2 * length - (random() % 16 == 0 ? 1 : 0); ++j)
        file += "0123456789abcdefABCDEF"[random() % 22];
    }
    file += any(behind);
  }
  return file;
}

TEST_F(Converting, KeepsWhatIsLoadedBetweenAllFormats) {
  std::mt19937_64 random(20261123);
  std::size_t keys = 0;
  for (int i = 0; i < 2000 && !HasFailure(); ++i)
    keys += check_all(random_file(random));
  EXPECT_GT(keys, 20000U);
}

TEST_F(Converting, KeepsWhatIsLoadedOfTheObservedFiles) {
  std::ifstream file(NTPKEYGEN_VECTORS "/dialects/observed.json");
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document document;
  document.ParseStream(stream);
  for (const rapidjson::Value &each : document["cases"].GetArray())
    check_all(test::from_base64(each["file_base64"].GetString()));
}

TEST_F(Converting, NamesFollowTheTargetAndCommentsStay) {
  EXPECT_EQ(text(chrony, ntpsec,
                 "# lab\n"
                 "! two signs\n"
                 "\n"
                 "7 AES128 HEX:00112233445566778899AABBCCDDEEFF\n"
                 "8 AES256 HEX:00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n"
                 "9 SHA1 ASCII:some_text\n"
                 "10 SHA256 0123456789abcdef01234567\n"),
            "# lab\n"
            "# ! two signs\n"
            "\n"
            " 7 AES 00112233445566778899aabbccddeeff\n"
            " 8 AES-256 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
            " 9 SHA1 some_text\n"
            "10 SHA256 303132333435363738396162636465663031323334353637\n");
}

TEST_F(Converting, NotesBehindKeysStandAboveThemOnce) {
  EXPECT_EQ(text(ntpsec, chrony, "1 MD5 a # one\n2 MD5 b # one\n3 MD5 c\n4 MD5 d# one\n5 MD5 e # other\n"),
            "# one\n1 MD5 a\n2 MD5 b\n3 MD5 c\n# one\n4 MD5 d\n# other\n5 MD5 e\n");
}

TEST_F(Converting, CommentsCannotBecomeKeys) {
  // busybox reads lines of any length; the rest of a long one would be a line of its own for the others.
  const std::string converted = text(busybox, ntpsec, "#" + std::string(600, ' ') + "5 MD5 injected\n1 MD5 key\n");
  EXPECT_THAT(test::keys_of(read(ntpsec, converted)), ElementsAre("1 md5 6b6579"));
  EXPECT_THAT(converted, HasSubstr("5 MD5 injected\n"));
  // A carriage return, a NUL and a backslash end or join lines somewhere.
  EXPECT_EQ(text(chrony, busybox, std::string("# a\\\n1 MD5 x\n# b\r2 MD5 y\n# c\0003 MD5 z\n", 36)),
            "# a\\ \n 1 MD5 x\n# b 2 MD5 y\n# c 3 MD5 z\n");
  EXPECT_EQ(text(busybox, chrony, "# a\\\n1 MD5 x\n2 MD5 y\n"), "# a\\ \n# 1 MD5 x\n2 MD5 y\n");
}

TEST_F(Converting, TheKeyInUseIsConvertedWhereverItStands) {
  const std::string file = "1 MD5 first\n2 MD5 two\n1 MD5 second\n";
  EXPECT_EQ(text(ntpsec, classic, file), " 2 MD5 two  # MD5 key\n 1 MD5 second  # MD5 key\n");
  EXPECT_EQ(text(classic, ntpsec, file), " 1 MD5 first\n 2 MD5 two\n");
}

// Cut, as the program does it: the bytes that it uses.
TEST_F(Converting, KeysThatTheProgramCutsAreConvertedAsItUsesThem) {
  EXPECT_EQ(text(ntpsec, chrony, "1 MD5 " + std::string(70, '6') + "\n2 SHA1 00112233445566778899a\n"),
            "1 MD5 HEX:" + std::string(64, '6') + "\n2 SHA1 HEX:00112233445566778899\n");
}

TEST_F(Converting, EncodingsFollowTheSourceOrTheOption) {
  const std::string file = "1 MD5 abcdefghijkl\n2 SHA1 6162636465666768696a6b6c\n";
  EXPECT_EQ(text(ntpsec, chrony, file), "1 MD5 abcdefghijkl\n2 SHA1 HEX:6162636465666768696A6B6C\n");
  EXPECT_EQ(text(ntpsec, chrony, file, Encoding::hex),
            "1 MD5 HEX:6162636465666768696A6B6C\n2 SHA1 HEX:6162636465666768696A6B6C\n");
  EXPECT_EQ(text(ntpsec, chrony, file, Encoding::ascii), "1 MD5 abcdefghijkl\n2 SHA1 abcdefghijkl\n");
  // Where the usual encoding does not do, the other one may.
  EXPECT_EQ(text(ntpsec, busybox, file), " 1 MD5 abcdefghijkl\n 2 SHA1 6162636465666768696a6b6c\n");
  EXPECT_EQ(text(chrony, ntpsec, "1 MD5 HEX:616263\n2 MD5 abcdefghijklmnopqrstuvwxyz\n"),
            " 1 MD5 abc\n 2 MD5 6162636465666768696a6b6c6d6e6f707172737475767778797a\n");
}

TEST_F(Converting, SaysWhatTheTargetCannotHold) {
  const std::string file = "0 MD5 a\n"
                           "70000 MD5 a\n"
                           "1 MD5 HEX:000102\n"
                           "2 MD5 a#b\n"
                           "3 SHA1 HEX:" +
                           std::string(66, '0') +
                           "\n"
                           "4 AES256 HEX:" +
                           std::string(64, '0') + "\n5 MD5 fine\n";
  EXPECT_THAT(
      refusals(chrony, classic, file),
      ElementsAre("0 key ids of the classic format are 1 to 65535",
                  "70000 key ids of the classic format are 1 to 65535",
                  HasSubstr("1 the classic format cannot write MD5 keys of 24 bits in hex"),
                  HasSubstr("2 the classic format cannot write these bytes in ASCII, and the classic format cannot "
                            "write MD5 keys of 24 bits in hex"),
                  AllOf(HasSubstr("3 the classic format cannot hold SHA1 keys of 264 bits"), Not(HasSubstr(", and "))),
                  HasSubstr("4 the classic format cannot hold AES keys of 256 bits")));
  EXPECT_EQ(text(chrony, classic, file), " 5 MD5 fine  # MD5 key\n");
  EXPECT_THAT(refusals(ntpsec, busybox, "1 SHA256 0123456789abcdef01234567\n"),
              ElementsAre(HasSubstr("1 the busybox format cannot hold keys of type SHA256")));
  EXPECT_THAT(refusals(ntpsec, chrony, "1 SHA1 00112233445566778899aa\n", Encoding::ascii),
              ElementsAre("1 the chrony format cannot write these bytes in ASCII"));
}

TEST_F(Converting, EveryIdOfTheTargetIsUsed) {
  for (const Dialect *to : {&ntpsec, &classic, &busybox})
    EXPECT_THAT(refusals(chrony, *to, "0 MD5 a\n1 MD5 a\n65535 MD5 a\n65536 MD5 a\n"),
                ElementsAre(StartsWith("0 key ids of the"), StartsWith("65536 key ids of the")));
  EXPECT_THAT(refusals(chrony, chrony, "0 MD5 a\n1 MD5 a\n4294967295 MD5 a\n"),
              ElementsAre("0 key ids of the chrony format are 1 to 4294967295"));
}

TEST_F(Converting, PaddedKeysThatNobodyKnowsAreRefused) {
  EXPECT_THAT(refusals(ntpsec, chrony, "1 AES short\n"),
              ElementsAre("1 nobody can know all bytes of this key: the program fills it up from its own memory"));
}

// A program whose answer for duplicates cannot be told from the file.
TEST_F(Converting, OneOfSeveralLinesIsRefusedUnlessTheySayTheSame) {
  const std::string file = "1 MD5 a\n1 MD5 b\n2 MD5 c\n2 MD5 c\n";
  Interpretation loaded;
  loaded.outcome = FileOutcome::loaded;
  loaded.store = SecretBytes(memory, bytes_of("abcc"));
  loaded.macs = {{MacSpec::Kind::keyed_digest, "md5", 16}};
  for (std::uint32_t i = 0; i < 4; ++i)
    loaded.readings.push_back({i / 2 + 1, 0, Certainty::one_of, {8 * i, 7}, {i, 1}});
  auto conversion = convert_keys(*ntpsec.format, SecretText(memory, bytes_of(file)), loaded, *chrony.format,
                                 chrony.reader.get(), std::nullopt, memory);
  ASSERT_TRUE(succeeded(conversion));
  EXPECT_EQ(text_of(conversion->text), "2 MD5 c\n");
  ASSERT_EQ(conversion->refused.size(), 1U);
  EXPECT_THAT(conversion->refused.front().reason, HasSubstr("one of several lines"));
}

// A write-only format: nothing reads its files back, and its comments begin as it says.
class Gear final : public KeyFileFormat {
public:
  explicit Gear(std::string comment_sign) {
    info_.name = "gear";
    info_.comment_sign = std::move(comment_sign);
  }
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }
  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &,
                                                                std::uint16_t) const noexcept override {
    return std::vector{Encoding::ascii};
  }
  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &, std::uint16_t, Encoding) const noexcept override {
    return Spelling{};
  }
  [[nodiscard]] Result<std::string> header(std::string_view, std::string_view) const noexcept override { return ""; }
  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<SecretText> {
      SecretWriter out(memory);
      for (const Line &line : file.lines)
        line.written() ? out.append(slice(file.text.reveal(), line.raw)) : out.append("key\n");
      return out.take();
    });
  }

private:
  FormatInfo info_{};
  Recipe recipe_{};
};

TEST_F(Converting, CommentsBeginAsInTheTarget) {
  const Dialect signs{std::make_unique<Gear>("!"), nullptr}, none{std::make_unique<Gear>(""), nullptr};
  EXPECT_EQ(text(ntpsec, signs, "#one\n  # two\n\n1 MD5 a # note\n"), "!one\n! two\n\n! note\nkey\n");
  EXPECT_EQ(text(ntpsec, none, "#one\n  # two\n\n1 MD5 a # note\n"), "\nkey\n");
}

// A reader that takes another key, or one more, than was written.
class Wrong final : public KeyFileReader {
public:
  Wrong(std::unique_ptr<KeyFileReader> right, void (*spoil)(Interpretation &))
      : right_(std::move(right)), spoil_(spoil) {}
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return right_->info(); }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> file,
                                                 SecretMemory &memory) const noexcept override {
    auto loaded = right_->interpret(file, memory);
    spoil_(*loaded);
    return loaded;
  }

private:
  std::unique_ptr<KeyFileReader> right_;
  void (*spoil_)(Interpretation &);
};

TEST_F(Converting, NothingIsReturnedThatItsProgramWouldNotLoadAlike) {
  const std::pair<void (*)(Interpretation &), const char *> faults[] = {
      {[](Interpretation &read) { read.store.reveal_mutable()[0] ^= std::byte{1}; }, "would not load key 1 as it was"},
      {[](Interpretation &read) { read.macs[0].algorithm = "sha1"; }, "would not load key 1 as it was"},
      {[](Interpretation &read) { read.readings[1].id = 3; }, "would not load key 2 as it was"},
      {[](Interpretation &read) { read.readings.pop_back(); }, "would not load key 2 as it was"},
      {[](Interpretation &read) { read.readings[1].certainty = Certainty::indeterminate; },
       "would not load key 2 as it was"},
      {[](Interpretation &read) { read.readings.push_back({9, 0, Certainty::certain, {}, {}}); },
       "would find other keys in it, too"},
      {[](Interpretation &read) { read.refusals.push_back({}); }, "would find other keys in it, too"},
      {[](Interpretation &read) {
         read.outcome = FileOutcome::rejected;
         read.reason = "of a whim";
       },
       "would not load it: of a whim"},
  };
  for (const auto &[spoil, message] : faults) {
    const Dialect wrong{plugins::chrony::make_format(), std::make_unique<Wrong>(plugins::chrony::make_reader(), spoil)};
    const auto conversion = convert(ntpsec, wrong, "1 MD5 a\n2 MD5 b\n");
    ASSERT_TRUE(test::failed_with(conversion, ErrorCode::verification));
    EXPECT_THAT(conversion.error().message, HasSubstr(message));
  }
}

} // namespace
} // namespace ntpkeygen
