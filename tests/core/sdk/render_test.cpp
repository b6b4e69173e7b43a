#include "ntpkeygen/sdk/render.hpp"

#include "support/key_files.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::KeyFileBuilder;
using test::succeeded;
using test::text_of;

class RenderLines : public ::testing::Test {
protected:
  Result<SecretText> render(const KeyFile &file) {
    return render_lines(file, memory, 8, [](SecretWriter &out, const Key &key) -> Result<void> {
      if (key.id == 13)
        return failure(ErrorCode::unsupported, "not 13");
      append_key_id(out, key.id, 3);
      out.append('\n');
      return {};
    });
  }
  test::PlainMemory memory;
};

TEST_F(RenderLines, KeepWhatIsWrittenAndAppendWhatIsNot) {
  const KeyFile file =
      KeyFileBuilder(memory).add_written("# a\r\n").add_written("b\n").add(1, "AES", Encoding::hex, "k").take();
  const Result<SecretText> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), "# a\r\nb\n  1\n");
}

TEST_F(RenderLines, EndALineBeforeANewOne) {
  const KeyFile file = KeyFileBuilder(memory)
                           .add_written("no line feed")
                           .add(12345, "AES", Encoding::hex, "k")
                           .add(2, "AES", Encoding::hex, "k")
                           .take();
  const Result<SecretText> text = render(file);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), "no line feed\n12345\n  2\n");
}

TEST_F(RenderLines, AddNothingToAnUnfinishedLastLine) {
  const Result<SecretText> text = render(KeyFileBuilder(memory).add_written("a\n").add_written("b").take());
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), "a\nb");
}

TEST_F(RenderLines, FailAsTheWriterDoes) {
  EXPECT_TRUE(
      failed_with(render(KeyFileBuilder(memory).add(13, "AES", Encoding::hex, "k").take()), ErrorCode::unsupported));
}

TEST(CommentLines, HaveASignAndFitIntoTheProgramsLines) {
  EXPECT_EQ(comment_lines({"a", "b"}), "# a\n# b\n");
  EXPECT_EQ(comment_lines({"a"}, "!"), "! a\n");
  EXPECT_EQ(comment_lines({"abc"}, "#", 6), "# abc\n");
  EXPECT_TRUE(failed_with(comment_lines({"abc"}, "#", 5), ErrorCode::invalid_argument));
  EXPECT_TRUE(failed_with(comment_lines({"a\n1 MD5 known"}), ErrorCode::invalid_argument));
}

TEST(TypeWords, AreFoundByTypeAndLength) {
  constexpr std::array words{TypeWord{"AES", 128, "aes"}, TypeWord{"AES", 256, "aes-256"}, TypeWord{"MD5", 0, "md5"}};
  EXPECT_EQ(find_word(words, "AES", 256).word, &words[1]);
  EXPECT_EQ(find_word(words, "MD5", 8).word, &words[2]);
  const auto other = find_word(words, "AES", 192), none = find_word(words, "SHA1", 128);
  EXPECT_EQ(other.word, nullptr);
  EXPECT_TRUE(other.other_length);
  EXPECT_EQ(none.word, nullptr);
  EXPECT_FALSE(none.other_length);
}

TEST_F(RenderLines, WithWordsAskForOneWhereTheKeyIsUnlikeTheOneBefore) {
  const FormatInfo format{.name = "made up", .first_id = 1, .last_id = 99};
  std::vector<std::string> asked;
  const auto render_all = [&](const KeyFile &file) {
    return render_keys(
        format, file, memory, 16,
        [&](std::string_view type, std::uint16_t bits, Encoding) -> Result<std::string_view> {
          asked.push_back(std::string(type) + "-" + std::to_string(bits));
          return type == "DES" ? Result<std::string_view>(failure(ErrorCode::unsupported, "no")) : "word";
        },
        [](SecretWriter &out, const Key &key, std::string_view word, std::span<const std::byte> bytes) -> Result<void> {
          out.append(word);
          append_key(out, key.encoding, bytes);
          out.append('\n');
          return {};
        });
  };
  const Result<SecretText> text = render_all(KeyFileBuilder(memory)
                                                 .add(1, "AES", Encoding::hex, "k")
                                                 .add(2, "AES", Encoding::hex, "l")
                                                 .add(3, "AES", Encoding::ascii, "m")
                                                 .add(99, "MD5", Encoding::ascii, "no")
                                                 .take());
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), "word6b\nword6c\nwordm\nwordno\n");
  EXPECT_THAT(asked, ::testing::ElementsAre("AES-8", "AES-8", "MD5-16"));
  EXPECT_TRUE(
      failed_with(render_all(KeyFileBuilder(memory).add(1, "DES", Encoding::hex, "k").take()), ErrorCode::unsupported));
  for (const KeyId id : {0U, 100U}) {
    const auto refused = render_all(KeyFileBuilder(memory).add(id, "AES", Encoding::hex, "k").take());
    ASSERT_TRUE(failed_with(refused, ErrorCode::invalid_argument));
    EXPECT_EQ(refused.error().message, "the made up format has no key id " + std::to_string(id));
    EXPECT_EQ(refused.error().hint, "key ids are 1 to 99");
  }
}

} // namespace
} // namespace ntpkeygen
