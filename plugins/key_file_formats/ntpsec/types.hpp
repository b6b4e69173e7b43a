// The words that NTPsec takes in the second column, and the MAC functions that they stand for.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::ntpsec {

struct MacFunction {
  std::string_view key_type; // canonical name
  MacSpec::Kind kind;
  std::string_view algorithm;
  std::uint8_t tag_bytes;  // in ntpd's packets: at most 20
  std::uint8_t full_bytes; // what the function gives
  std::uint8_t key_bytes;  // the only length that the cipher takes; 0: any
  bool usable;             // false: ntpd takes the name, but libcrypto computes nothing with it

  [[nodiscard]] MacSpec spec() const { return {kind, std::string(algorithm), tag_bytes}; }
};

[[nodiscard]] std::span<const MacFunction> mac_functions() noexcept;

// Whose name libcrypto knows, ntpd's own words for AES-128 included. Null: no such type.
[[nodiscard]] const MacFunction *find_by_name(std::string_view type_field) noexcept;

// What ntpd takes: the same, and MD5 for everything else that begins with M.
[[nodiscard]] const MacFunction *find_mac_function(std::string_view type_field) noexcept;

} // namespace ntpkeygen::plugins::ntpsec
