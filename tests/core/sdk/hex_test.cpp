#include "ntpkeygen/sdk/hex.hpp"

#include "support/key_files.hpp"

#include <gmock/gmock.h>
#include <string>

namespace ntpkeygen {
namespace {

using test::bytes_of;
using test::hex_of;

TEST(Hex, EncodesEveryByte) {
  for (unsigned i = 0; i < 256; ++i) {
    const std::byte byte{static_cast<unsigned char>(i)};
    const char *const digits = "0123456789abcdef";
    EXPECT_EQ(hex_of({&byte, 1}), std::string({digits[i >> 4], digits[i & 15]}));
  }
  std::string upper(4, '\0');
  hex::encode(bytes_of("\xab\xcd"), reinterpret_cast<std::byte *>(upper.data()), hex::upper);
  EXPECT_EQ(upper, "ABCD");
}

struct Decoded {
  std::size_t taken;
  std::string bytes; // as hex, of `room` bytes that were 0xff before
};
Decoded decode(std::string_view text, std::size_t room) {
  std::string out(room, '\xff');
  const std::size_t taken = hex::decode(text, {reinterpret_cast<std::byte *>(out.data()), out.size()});
  return {taken, hex_of(bytes_of(out))};
}

TEST(Hex, DecodesBothCases) {
  EXPECT_EQ(decode("0123456789abcdefABCDEF", 11).bytes, "0123456789abcdefabcdef");
  EXPECT_EQ(decode("0123456789abcdefABCDEF", 11).taken, 22U);
}

TEST(Hex, DecodesUntilTheRoomIsFull) {
  const Decoded decoded = decode("00112233445566778899", 8);
  EXPECT_EQ(decoded.taken, 16U);
  EXPECT_EQ(decoded.bytes, "0011223344556677");
}

TEST(Hex, LeavesAnOddDigitInTheUpperHalf) {
  const Decoded decoded = decode("abc", 3);
  EXPECT_EQ(decoded.taken, 3U);
  EXPECT_EQ(decoded.bytes, "abc0ff");
}

// Every byte value at each of the first sixteen places: eight digits are decoded at once, and the rest one by one.
TEST(Hex, StopsAtTheFirstThatIsNoDigit) {
  for (std::size_t place = 0; place < 16; ++place)
    for (int value = 0; value < 256; ++value) {
      std::string text(16, '7');
      text[place] = static_cast<char>(value);
      const bool digit =
          std::string_view("0123456789abcdefABCDEF").find(static_cast<char>(value)) != std::string_view::npos;
      EXPECT_EQ(decode(text, 8).taken, digit ? 16U : place) << "value " << value << " at " << place;
      EXPECT_EQ(hex::is_hex(text), digit);
    }
}

TEST(Hex, DecodesEveryDigitAtEveryPlace) {
  const std::string_view digits = "0123456789abcdefABCDEF";
  for (std::size_t place = 0; place < 10; ++place)
    for (std::size_t i = 0; i < digits.size(); ++i) {
      std::string text(10, '0');
      text[place] = digits[i];
      std::string expected(10, '0');
      expected[place] = digits[i < 16 ? i : i - 6];
      EXPECT_EQ(decode(text, 5).bytes, expected);
    }
}

} // namespace
} // namespace ntpkeygen
