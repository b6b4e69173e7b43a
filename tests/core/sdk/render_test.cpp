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

} // namespace
} // namespace ntpkeygen
