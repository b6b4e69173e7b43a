#include "key_file_formats/network_gear/network_gear.hpp"

#include "support/key_files.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using namespace std::string_literals;

template <class T>::testing::AssertionResult refused(const Result<T> &result, ErrorCode code, std::string_view words) {
  ::testing::AssertionResult failed = failed_with(result, code);
  if (failed && result.error().message.find(words) == std::string::npos)
    return ::testing::AssertionFailure() << "it says: " << result.error().message;
  return failed;
}

class NetworkGear : public ::testing::Test {
protected:
  const KeyFileFormat &format(std::string_view name) {
    for (const auto &known : formats)
      if (known->info().name == name)
        return *known;
    throw std::invalid_argument(std::string(name));
  }
  Result<std::string> render(std::string_view name, const KeyFile &file) {
    return format(name).render(file, memory).map([](const SecretText &text) { return text_of(text); });
  }
  Result<Spelling> spelling(std::string_view name, const char *type, unsigned bits,
                            Encoding encoding = Encoding::ascii) {
    return format(name).spelling({.name = type}, static_cast<std::uint16_t>(bits), encoding);
  }
  KeyFile one_key(KeyId id, std::string_view type, std::string_view key) {
    return test::KeyFileBuilder(memory).add(id, type, Encoding::ascii, key).take();
  }

  test::PlainMemory memory;
  std::vector<std::unique_ptr<KeyFileFormat>> formats = plugins::network_gear::make_formats();
};

TEST_F(NetworkGear, FormatsAreWrittenOnlyAndSayWhereTheyAreFrom) {
  std::vector<std::string> names;
  for (const auto &each : formats) {
    const FormatInfo &info = each->info();
    names.push_back(info.name);
    EXPECT_EQ(info.reader, "");
    EXPECT_THAT(info.notice, HasSubstr("vendor's page"));
    EXPECT_THAT(info.notice, HasSubstr("not tried on a device"));
    EXPECT_EQ(info.first_id, 1U);
    ASSERT_EQ(each->recipe().groups.size(), 1U);
    const KeyGroup &group = each->recipe().groups[0];
    EXPECT_EQ(group.encoding, Encoding::ascii);
    EXPECT_EQ(group.count, 10U);
    EXPECT_TRUE(succeeded(each->spelling({.name = group.type}, group.bits, group.encoding)));
    EXPECT_EQ(each->recognise(test::bytes_of("ntp authentication-key 1 md5 abc\n")), 0U);
  }
  EXPECT_THAT(names, ElementsAre("cisco-ios", "cisco-ios-xe", "junos", "arista-eos"));
  EXPECT_EQ(format("cisco-ios").info().last_id, 4294967295U);
  EXPECT_EQ(format("cisco-ios-xe").info().last_id, 4294967295U);
  EXPECT_EQ(format("junos").info().last_id, 4294967295U);
  EXPECT_EQ(format("arista-eos").info().last_id, 65534U);
}

TEST_F(NetworkGear, WritesWhatIsPastedIntoCiscoIos) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "MD5", Encoding::ascii, "abcXYZ0189")
                           .add(4294967295, "MD5", Encoding::ascii, "k")
                           .take();
  const Result<std::string> text = render("cisco-ios", file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, "ntp authentication-key 1 md5 abcXYZ0189\n"
                   "ntp trusted-key 1\n"
                   "ntp authentication-key 4294967295 md5 k\n"
                   "ntp trusted-key 4294967295\n"
                   "ntp authenticate\n");
}

TEST_F(NetworkGear, WritesWhatIsPastedIntoCiscoIosXe) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "AES", Encoding::ascii, "0123456789abcdef")
                           .add(2, "SHA1", Encoding::ascii, "sha1key")
                           .add(3, "SHA256", Encoding::ascii, "sha256key")
                           .add(4, "MD5", Encoding::ascii, "md5key")
                           .take();
  const Result<std::string> text = render("cisco-ios-xe", file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, "ntp authentication-key 1 cmac-aes-128 0123456789abcdef\n"
                   "ntp trusted-key 1\n"
                   "ntp authentication-key 2 hmac-sha1 sha1key\n"
                   "ntp trusted-key 2\n"
                   "ntp authentication-key 3 hmac-sha2-256 sha256key\n"
                   "ntp trusted-key 3\n"
                   "ntp authentication-key 4 md5 md5key\n"
                   "ntp trusted-key 4\n"
                   "ntp authenticate\n");
}

TEST_F(NetworkGear, WritesWhatIsPastedIntoJunos) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "MD5", Encoding::ascii, "a")
                           .add(2, "SHA1", Encoding::ascii, "b")
                           .add(3, "SHA256", Encoding::ascii, "c")
                           .take();
  const Result<std::string> text = render("junos", file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, "set system ntp authentication-key 1 type md5 value \"a\"\n"
                   "set system ntp trusted-key 1\n"
                   "set system ntp authentication-key 2 type sha1 value \"b\"\n"
                   "set system ntp trusted-key 2\n"
                   "set system ntp authentication-key 3 type sha256 value \"c\"\n"
                   "set system ntp trusted-key 3\n");
}

TEST_F(NetworkGear, WritesWhatIsPastedIntoAristaEos) {
  const KeyFile file =
      test::KeyFileBuilder(memory).add(1, "MD5", Encoding::ascii, "a").add(65534, "SHA1", Encoding::ascii, "b").take();
  const Result<std::string> text = render("arista-eos", file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(*text, "ntp authentication-key 1 md5 0 a\n"
                   "ntp trusted-key 1\n"
                   "ntp authentication-key 65534 sha1 0 b\n"
                   "ntp trusted-key 65534\n"
                   "ntp authenticate servers\n");
}

TEST_F(NetworkGear, LinesThatAreThereStayAndNothingIsEnabledWithoutAKey) {
  test::KeyFileBuilder both(memory);
  both.add_written("! note").add(7, "MD5", Encoding::ascii, "a");
  EXPECT_EQ(*render("cisco-ios", both.take()),
            "! note\nntp authentication-key 7 md5 a\nntp trusted-key 7\nntp authenticate\n");
  test::KeyFileBuilder none(memory);
  none.add_written("! note\n");
  EXPECT_EQ(*render("cisco-ios", none.take()), "! note\n");
}

TEST_F(NetworkGear, KeysHaveLettersAndDigitsOnly) {
  for (const auto &each : formats) {
    const KeyGroup &group = each->recipe().groups[0];
    const Result<Spelling> spelled = each->spelling({.name = group.type}, group.bits, Encoding::ascii);
    ASSERT_TRUE(succeeded(spelled));
    EXPECT_EQ(spelled->alphabet.count(), 62U);
    for (const char c : "azAZ09"s)
      EXPECT_TRUE(spelled->alphabet.test(static_cast<unsigned char>(c)));
  }
  for (const std::string_view key :
       {"a?b", "a\"b", "a\\b", "a;b", "$ab", "a b", "a\nb", "a#b", "a!b", "a-b", "\xe9", "a\x7f"})
    for (const auto &each : formats)
      EXPECT_TRUE(refused(each->render(one_key(5, "MD5", key), memory), ErrorCode::unsupported,
                          "hold key 5, which has other characters than letters and digits"))
          << key;
  EXPECT_TRUE(refused(render("junos", one_key(5, "MD5", std::string_view("a\0b", 3))), ErrorCode::unsupported,
                      "other characters"));
}

TEST_F(NetworkGear, LimitsAreKept) {
  struct Limit {
    const char *format, *type;
    unsigned longest;
    const char *word;
  };
  for (const Limit &limit :
       {Limit{"cisco-ios", "MD5", 256, "md5"}, Limit{"cisco-ios-xe", "MD5", 256, "md5"},
        Limit{"cisco-ios-xe", "SHA1", 256, "hmac-sha1"}, Limit{"cisco-ios-xe", "SHA256", 256, "hmac-sha2-256"},
        Limit{"junos", "MD5", 160, "md5"}, Limit{"junos", "SHA1", 160, "sha1"}, Limit{"junos", "SHA256", 160, "sha256"},
        Limit{"arista-eos", "MD5", 160, "md5"}, Limit{"arista-eos", "SHA1", 160, "sha1"}}) {
    for (const unsigned bits : {8U, limit.longest}) {
      const Result<Spelling> spelled = spelling(limit.format, limit.type, bits);
      ASSERT_TRUE(succeeded(spelled)) << limit.format << ' ' << limit.type;
      EXPECT_EQ(spelled->type, limit.word);
    }
    EXPECT_TRUE(refused(spelling(limit.format, limit.type, limit.longest + 8), ErrorCode::unsupported,
                        "cannot hold " + (limit.type + " keys of "s) + std::to_string(limit.longest + 8) + " bits"))
        << limit.format;
    EXPECT_TRUE(refused(spelling(limit.format, limit.type, 0), ErrorCode::unsupported, "0 bits"));
    EXPECT_EQ(format(limit.format).info().most_default_bits, limit.longest);
  }
  EXPECT_EQ(spelling("cisco-ios-xe", "AES", 128)->type, "cmac-aes-128");
  EXPECT_TRUE(refused(spelling("cisco-ios-xe", "AES", 256), ErrorCode::unsupported, "AES keys of 256 bits"));
  for (const auto &[name, type] :
       {std::pair("cisco-ios", "AES"), std::pair("cisco-ios", "SHA1"), std::pair("cisco-ios-xe", "SHA512"),
        std::pair("junos", "AES"), std::pair("junos", "SHA384"), std::pair("arista-eos", "SHA256")}) {
    EXPECT_TRUE(refused(spelling(name, type, 128), ErrorCode::unsupported, "cannot hold keys of type "s + type));
    EXPECT_TRUE(refused(format(name).default_encodings({.name = type}, 128), ErrorCode::unsupported, type));
    EXPECT_TRUE(refused(render(name, one_key(1, type, "0123456789abcdef")), ErrorCode::unsupported, type));
  }
}

TEST_F(NetworkGear, KeysAreTextAndNeverHex) {
  for (const auto &each : formats) {
    EXPECT_THAT(*each->default_encodings({.name = "MD5"}, 160), ElementsAre(Encoding::ascii));
    EXPECT_TRUE(refused(each->spelling({.name = "MD5"}, 160, Encoding::hex), ErrorCode::unsupported,
                        "cannot write MD5 keys in hex"));
  }
  EXPECT_TRUE(refused(render("junos", test::KeyFileBuilder(memory).add(1, "MD5", Encoding::hex, "abc").take()),
                      ErrorCode::unsupported, "in hex"));
}

TEST_F(NetworkGear, KeyIdsAreThoseOfTheSystem) {
  EXPECT_TRUE(refused(render("arista-eos", one_key(65535, "MD5", "a")), ErrorCode::invalid_argument,
                      "the arista-eos format has no key id 65535"));
  for (const auto &each : formats)
    EXPECT_TRUE(refused(each->render(one_key(0, "MD5", "a"), memory), ErrorCode::invalid_argument, "no key id 0"));
}

TEST_F(NetworkGear, HeadersAreCommentsOfTheSystem) {
  for (const auto &each : formats) {
    const Result<std::string> header = each->header("ntpkey_MD5_time1.4004412992", "Mon Nov 23 08:56:32 2026");
    ASSERT_TRUE(succeeded(header));
    const std::string mark = each->info().name == "junos" ? "# " : "! ";
    EXPECT_THAT(*header, StartsWith(mark + "ntpkey_MD5_time1.4004412992\n" + mark + "Mon Nov 23 08:56:32 2026\n" +
                                    mark + each->info().notice + "\n" + mark + "a server is given a key with: "));
    EXPECT_EQ(each->info().comment_sign + " ", mark);
    EXPECT_EQ(std::ranges::count(*header, '\n'), 4);
    EXPECT_TRUE(refused(each->header("a\nntp trusted-key 9", ""), ErrorCode::invalid_argument, "comment"));
  }
}

} // namespace
} // namespace ntpkeygen
