// The words that chrony takes for a key type, and the MAC functions that they stand for.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::chrony {

struct MacFunction {
  std::string_view word;     // in the file, exactly so
  std::string_view key_type; // canonical name
  MacSpec::Kind kind;
  std::string_view algorithm;
  std::uint8_t tag_bytes; // in a packet of version 4
  std::uint8_t key_bytes; // the only length that the cipher takes; 0: any
  bool usable;            // false: chrony knows the name, but Debian's build does not have the function

  [[nodiscard]] MacSpec spec() const { return {kind, std::string(algorithm), tag_bytes}; }
};

[[nodiscard]] std::span<const MacFunction> mac_functions() noexcept;

// Null: no such type.
[[nodiscard]] const MacFunction *find_mac_function(std::string_view word) noexcept;

// The type of a line that names none: MD5.
[[nodiscard]] const MacFunction &default_function() noexcept;

} // namespace ntpkeygen::plugins::chrony
