// What is fuzzed: one function for each parser, which takes any bytes and says what promise they broke. The fuzzers and
// the test that runs without one share them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen::test {

struct FuzzTarget {
  std::string_view name{};
  std::string (*broken_promise)(std::span<const std::byte>){}; // empty: it kept all of them
  bool reads_keys_files = false;                               // its input is a keys file as it is, and nothing else
};

[[nodiscard]] std::span<const FuzzTarget> fuzz_targets() noexcept;

} // namespace ntpkeygen::test
