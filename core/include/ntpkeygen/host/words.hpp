// Lists and numbers as sentences have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen {

// "1 key", "3 keys".
[[nodiscard]] inline std::string counted(std::size_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

// "chrony", "chrony and sntp", "ntpsec, chrony and sntp".
[[nodiscard]] inline std::string joined_with_and(std::span<const std::string> words) {
  std::string joined;
  for (std::size_t i = 0; i < words.size(); ++i)
    joined += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return joined;
}

// "1-3, 7": ascending numbers, those without a gap between them as one. Behind `most` ranges it only says how many
// numbers there are.
[[nodiscard]] inline std::string ranges_in_words(std::span<const std::uint32_t> numbers,
                                                 std::size_t most = std::numeric_limits<std::size_t>::max()) {
  std::string words;
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < numbers.size(); ++ranges) {
    if (ranges == most)
      return words + ", ... (" + std::to_string(numbers.size()) + " in all)";
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1)
      ++end;
    words += (words.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (end - i > 1)
      words += "-" + std::to_string(numbers[end - 1]);
    i = end;
  }
  return words;
}

// "key 7", "keys 1-3, 7".
[[nodiscard]] inline std::string numbered(std::string_view thing, std::span<const std::uint32_t> numbers,
                                          std::size_t most = std::numeric_limits<std::size_t>::max()) {
  return std::string(thing) + (numbers.size() == 1 ? " " : "s ") + ranges_in_words(numbers, most);
}

} // namespace ntpkeygen
