#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "support/key_files.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::succeeded;
using test::text_of;

class NtpsecFormat : public ::testing::Test {
protected:
  test::PlainMemory memory;
  std::unique_ptr<KeyFileFormat> format = plugins::ntpsec::make_format();
};

TEST_F(NtpsecFormat, WritesLinesAsNtpsecsGeneratorDoes) {
  const KeyFile file =
      test::KeyFileBuilder(memory)
          .add(1, "AES", Encoding::ascii, "$%&'()*+,-./0123")
          .add(10, "AES", Encoding::hex, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef")
          .add(65535, "AES", Encoding::hex, "0123456789abcdef0123456789abcdef")
          .take();
  const Result<SecretText> text = format->render(file, memory);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), " 1 AES $%&'()*+,-./0123\n"
                            "10 AES 0123456789abcdef0123456789abcdef\n"
                            "65535 AES-256 3031323334353637383961626364656630313233343536373839616263646566\n");
}

TEST_F(NtpsecFormat, HeaderIsFileNameAndDate) {
  const Result<std::string> header = format->header("ntpkey_AES_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_AES_host.3900000000\n# Mon Nov 23 08:00:00 2026\n");
}

} // namespace
} // namespace ntpkeygen
