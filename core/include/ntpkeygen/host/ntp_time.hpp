// NTP time, as far as file names need it.
#pragma once

#include <cstdint>

namespace ntpkeygen {

// Seconds from the NTP era's start, 1 January 1900, to the Unix epoch (RFC 5905 figure 4).
inline constexpr std::int64_t unix_epoch_in_ntp_seconds = 2'208'988'800;

// The filestamp: NTP seconds in 64 bits, which go on counting past 2036 where the 32 bits on the wire wrap. A clock
// before 1900 counts as 1900.
[[nodiscard]] constexpr std::uint64_t filestamp(std::int64_t unix_seconds) {
  const std::int64_t seconds = unix_seconds + unix_epoch_in_ntp_seconds;
  return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

} // namespace ntpkeygen
