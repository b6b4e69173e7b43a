// What commands ask of an Interpretation.
#pragma once

#include "ntpkeygen/sdk/key_file_reader.hpp"

#include <algorithm>

namespace ntpkeygen {

// All readings with this id: none, one, or several of which one is in use.
[[nodiscard]] inline std::span<const Reading> readings_of(const Interpretation &file, KeyId id) noexcept {
  // Not equal_range: clang 14 cannot take apart what GCC 12's library returns.
  return {std::ranges::lower_bound(file.readings, id, {}, &Reading::id),
          std::ranges::upper_bound(file.readings, id, {}, &Reading::id)};
}

[[nodiscard]] inline std::span<const std::byte> key_bytes(const Interpretation &file, const Reading &reading) noexcept {
  return slice(file.store.reveal(), reading.bytes);
}

// Whether two keys are used alike. A daemon may cut the MAC on the wire (tag_bytes); the function is what counts.
[[nodiscard]] inline bool same_function(const MacSpec &a, const MacSpec &b) noexcept {
  return a.kind == b.kind && a.algorithm == b.algorithm;
}

// Bytes that nobody knows are never the same.
[[nodiscard]] inline bool same_key(const Interpretation &a, const Reading &x, const Interpretation &b,
                                   const Reading &y) noexcept {
  return x.certainty != Certainty::indeterminate && y.certainty != Certainty::indeterminate &&
         same_function(a.macs[x.mac], b.macs[y.mac]) && equal_in_constant_time(key_bytes(a, x), key_bytes(b, y));
}

// The key in use, as far as it can be known: the only reading, or any of several that say the same. Null: none is
// loaded, or nobody can know which or what.
[[nodiscard]] inline const Reading *known_key(const Interpretation &file, std::span<const Reading> readings) noexcept {
  if (readings.empty() || readings.front().certainty == Certainty::indeterminate)
    return nullptr;
  const bool alike = std::ranges::all_of(
      readings.subspan(1), [&](const Reading &other) { return same_key(file, readings.front(), file, other); });
  return alike ? &readings.front() : nullptr;
}
[[nodiscard]] inline const Reading *known_key(const Interpretation &file, KeyId id) noexcept {
  return known_key(file, readings_of(file, id));
}

} // namespace ntpkeygen
