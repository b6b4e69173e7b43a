// Samples as symbols of an alphabet without gaps.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

struct Symbols {
  // Maps the values that occur to 0, 1, 2, ... in their order (section 6.4 asks for less, NIST's tool does just this).
  explicit Symbols(std::span<const std::uint8_t> samples) : mapped(samples.begin(), samples.end()) {
    std::array<bool, 256> occurs{};
    for (const std::uint8_t sample : samples)
      occurs[sample] = true;
    std::array<std::uint8_t, 256> map{};
    for (std::size_t value = 0; value < occurs.size(); ++value)
      if (occurs[value]) {
        largest = static_cast<std::uint8_t>(value);
        map[value] = static_cast<std::uint8_t>(alphabet++);
      }
    if (alphabet != largest + 1U)
      std::ranges::transform(mapped, mapped.begin(), [&map](std::uint8_t sample) { return map[sample]; });
  }

  std::vector<std::uint8_t> mapped;
  unsigned alphabet = 0; // how many different ones there are
  std::uint8_t largest = 0;
};

} // namespace ntpkeygen::plugins::sp800_90b
