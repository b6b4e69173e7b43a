// Statistical tests of keys: how probable it is that chance makes what was found, if all keys are equally likely.
//
// Each test gives one probability; where it looks at many places, for the worst of them, times their number. A test
// that the data are too few for is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen::test {

struct TestResult {
  std::string name{};
  double probability = 1;
};

// Of symbols below `alphabet`; `key_symbols`: of one key, which they are whole ones of. 0: of no keys.
[[nodiscard]] std::vector<TestResult> test_symbols(std::span<const std::uint8_t> symbols, unsigned alphabet,
                                                   std::size_t key_symbols);

// Of bytes, and of their bits, the highest first. `key_bytes`: of one key; 0: of no keys.
[[nodiscard]] std::vector<TestResult> test_bits(std::span<const std::uint8_t> bytes, std::size_t key_bytes);

// The blocks test of the plugin fips140-2. Of ideal blocks of 20,000 bits, fewer than one in a thousand fails.
[[nodiscard]] TestResult test_blocks(std::span<const std::uint8_t> bytes);

// Of symbols below `alphabet`, those below its largest power of two, as so many bits each: as uniform as the symbols
// are.
[[nodiscard]] std::vector<std::uint8_t> bits_of_symbols(std::span<const std::uint8_t> symbols, unsigned alphabet);

// The worst of some results.
[[nodiscard]] TestResult worst_of(std::span<const TestResult> results);

// As probable as a normal variate so far from its mean, on either side.
[[nodiscard]] double probability_of_sigmas(double sigmas);
// A chi-squared statistic so far out, on either side: counts can be too even as well.
[[nodiscard]] double probability_of_chi_square(double statistic, double degrees);
// As many events of a Poisson process, or more.
[[nodiscard]] double probability_of_count(double mean, std::uint64_t count);

} // namespace ntpkeygen::test
