// The nearest known word for one that was mistyped.
#pragma once

#include "ntpkeygen/host/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ntpkeygen {

// How many characters must be inserted, left out, replaced or swapped with their neighbour to make `a` into `b`
// (optimal string alignment distance), without regard to ASCII case. Words over 63 characters are far from everything.
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) noexcept {
  constexpr std::size_t limit = 64;
  if (a.size() >= limit || b.size() >= limit)
    return std::max(a.size(), b.size());
  const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i - 1]) == lower(b[j - 1]); };
  std::array<std::array<std::size_t, limit>, 3> rows{}; // the distances of a's first i characters, in row i % 3
  for (std::size_t j = 0; j <= b.size(); ++j)
    rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto &row = rows[i % 3];
    const auto &above = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(i, j) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j))
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

// Whether a word that was begun is continued in another: "--out" in "--output".
[[nodiscard]] inline bool begins(std::string_view begun, std::string_view word) noexcept {
  const std::size_t dashes = std::min(begun.find_first_not_of('-'), begun.size());
  return begun.size() >= dashes + 2 && equal_ignoring_case(begun, word.substr(0, begun.size()));
}

// The first of the candidates (a range of strings) that the word is the beginning of, else the nearest one, the first
// among equals; nullopt when none is within two edits. Of four characters and fewer only one may be wrong, and that not
// the first: DES is no mistyped AES.
template <class Candidates>
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word, const Candidates &candidates) {
  if (const auto begun =
          std::ranges::find_if(candidates, [&](std::string_view candidate) { return begins(word, candidate); });
      begun != std::ranges::end(candidates))
    return std::string(*begun);
  const bool is_short = word.size() <= 4;
  std::size_t least = is_short ? std::min<std::size_t>(2, word.size()) : 3;
  std::optional<std::string> nearest;
  for (const std::string_view candidate : candidates) {
    if (is_short && (word.empty() || candidate.empty() || lower(word.front()) != lower(candidate.front())))
      continue;
    if (const std::size_t distance = edit_distance(word, candidate); distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

} // namespace ntpkeygen
