// Keys as users get them: made, written to files by the publisher, and read back out of these.
#pragma once

#include "ntpkeygen/host/generation.hpp"

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ntpkeygen::test {

// A format with a type that it holds, at a length, in an encoding.
struct KeyKind {
  std::shared_ptr<const KeyFileFormat> format{};
  std::shared_ptr<const KeyFileReader> reader{}; // null: no program reads the format back
  PlannedGroup group{};                          // without ids and count

  [[nodiscard]] std::string name() const; // "ntpsec AES 128 hex"
  [[nodiscard]] std::size_t key_bytes() const { return group.bits / 8U; }
  [[nodiscard]] std::vector<std::uint8_t> alphabet() const; // of a printable key, ascending
  // That the keys can have, all together.
  [[nodiscard]] double bits_of_a_key() const;
};

// All that there are: each format with each type at its usual lengths, in each encoding.
[[nodiscard]] std::vector<KeyKind> all_key_kinds();

// The bytes of `count` keys, as the format's program reads them out of files in `folder`, which is left empty. Throws
// what goes wrong as std::runtime_error.
[[nodiscard]] std::vector<std::uint8_t> keys_out_of_files(const KeyKind &kind, std::size_t count, RandomSource &source,
                                                          const std::string &folder);

// Each character as its place in the alphabet; throws when one is not in it.
[[nodiscard]] std::vector<std::uint8_t> places_in_alphabet(const KeyKind &kind, std::span<const std::uint8_t> keys);

// The kernel's generator, as the plugin `system` draws from it.
[[nodiscard]] std::unique_ptr<RandomSource> system_source();

} // namespace ntpkeygen::test
