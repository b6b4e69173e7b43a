// Restart data: 1000 samples after each of 1000 restarts, one restart after another (section 3.1.4.1).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

inline constexpr std::uint32_t restarts = 1000, samples_of_one = 1000;

// The column dataset: the first samples of all restarts, then the second ones, and so on.
[[nodiscard]] inline std::vector<std::uint8_t> restart_columns(std::span<const std::uint8_t> rows) {
  std::vector<std::uint8_t> columns(rows.size());
  for (std::size_t row = 0; row < restarts; ++row)
    for (std::size_t column = 0; column < samples_of_one; ++column)
      columns[column * restarts + row] = rows[row * samples_of_one + column];
  return columns;
}

// How often a symbol occurs in one of the rows at most.
[[nodiscard]] inline std::uint32_t largest_restart_count(std::span<const std::uint8_t> rows) {
  std::uint32_t most = 0;
  for (std::size_t row = 0; row < rows.size(); row += samples_of_one) {
    std::array<std::uint32_t, 256> counts{};
    for (const std::uint8_t sample : rows.subspan(row, samples_of_one))
      most = std::max(most, ++counts[sample]);
  }
  return most;
}

} // namespace ntpkeygen::plugins::sp800_90b
