// The words that NTP Classic takes in the second column, and the MAC functions that they stand for.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::classic {

struct MacFunction {
  std::string_view key_type; // canonical name
  MacSpec::Kind kind;
  std::string_view algorithm;
  std::uint8_t tag_bytes; // in a packet: at most 20
  std::uint8_t key_bytes; // what the cipher is given; 0: the key as it is

  [[nodiscard]] MacSpec spec() const { return {kind, std::string(algorithm), tag_bytes}; }
};

[[nodiscard]] std::span<const MacFunction> mac_functions() noexcept;

// Null: no such type.
[[nodiscard]] const MacFunction *find_mac_function(std::string_view type_field) noexcept;

// Whether libcrypto has the name for something that is no digest: a type to sntp, which computes nothing with it.
[[nodiscard]] bool is_other_object(std::string_view type_field) noexcept;

} // namespace ntpkeygen::plugins::classic
