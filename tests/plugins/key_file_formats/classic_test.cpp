#include "key_file_formats/classic/classic.hpp"

#include "support/key_files.hpp"
#include "support/result.hpp"

#include <gmock/gmock.h>

namespace ntpkeygen {
namespace {

using test::succeeded;
using test::text_of;

class ClassicFormat : public ::testing::Test {
protected:
  test::PlainMemory memory;
  std::unique_ptr<KeyFileFormat> format = plugins::classic::make_format();
};

TEST_F(ClassicFormat, WritesLinesAsClassicsGeneratorDoes) {
  const KeyFile file = test::KeyFileBuilder(memory)
                           .add(1, "MD5", Encoding::ascii, "!\"$%&'()*+,-./012345")
                           .add(11, "SHA1", Encoding::hex, "0123456789abcdefghij")
                           .add(12, "AES", Encoding::hex, "0123456789abcdef")
                           .take();
  const Result<SecretText> text = format->render(file, memory);
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text_of(*text), " 1 MD5 !\"$%&'()*+,-./012345  # MD5 key\n"
                            "11 SHA1 303132333435363738396162636465666768696a  # SHA1 key\n"
                            "12 AES128CMAC 30313233343536373839616263646566  # AES128CMAC key\n");
}

TEST_F(ClassicFormat, HeaderIsFileNameDateAndAnEmptyLine) {
  const Result<std::string> header = format->header("ntpkey_MD5key_host.3900000000", "Mon Nov 23 08:00:00 2026");
  ASSERT_TRUE(succeeded(header));
  EXPECT_EQ(*header, "# ntpkey_MD5key_host.3900000000\n# Mon Nov 23 08:00:00 2026\n\n");
}

} // namespace
} // namespace ntpkeygen
