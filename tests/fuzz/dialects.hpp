// The formats that are parsed and the programs whose reading is imitated, with the limits that their READMEs declare.
#pragma once

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include <array>

namespace ntpkeygen::test {

struct ReaderUnderTest {
  std::unique_ptr<KeyFileReader> (*make)();
  KeyId first_id, last_id;
  std::size_t longest_key; // bytes
};
inline constexpr std::array readers_under_test{
    ReaderUnderTest{plugins::ntpsec::make_reader, 1, 65535, 32},
    ReaderUnderTest{plugins::ntpsec::make_reader_1_2_5, 1, 65535, 32},
    ReaderUnderTest{plugins::classic::make_reader, 1, 65535, 32},
    ReaderUnderTest{plugins::chrony::make_reader, 0, 0xffffffff, 2047},
    ReaderUnderTest{plugins::busybox::make_reader, 1, 65535, 40},
    ReaderUnderTest{plugins::ntpsec::make_ntpdig_reader, 1, 0xffffffff, 32},
    ReaderUnderTest{plugins::classic::make_sntp_reader, 0, 0xffffffff, 64},
};

struct FormatUnderTest {
  std::unique_ptr<KeyFileFormat> (*make)();
  std::size_t reader; // its own program's, in readers_under_test
};
inline constexpr std::array formats_under_test{
    FormatUnderTest{plugins::ntpsec::make_format, 0},
    FormatUnderTest{plugins::classic::make_format, 2},
    FormatUnderTest{plugins::chrony::make_format, 3},
    FormatUnderTest{plugins::busybox::make_format, 4},
};

// One of each, made once.
inline const KeyFileReader &reader_under_test(std::size_t index) {
  static const auto made = [] {
    std::array<std::unique_ptr<KeyFileReader>, readers_under_test.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = readers_under_test[i].make();
    return all;
  }();
  return *made[index];
}
inline const KeyFileFormat &format_under_test(std::size_t index) {
  static const auto made = [] {
    std::array<std::unique_ptr<KeyFileFormat>, formats_under_test.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = formats_under_test[i].make();
    return all;
  }();
  return *made[index];
}

// What is asked of memory for a file of `size` bytes grows with it and no faster.
inline constexpr std::size_t fair_share(std::size_t size) {
  return 16 * size + 8192;
}

} // namespace ntpkeygen::test
