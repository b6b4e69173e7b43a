// The operating systems of network gear, as data: their commands and their limits.
#pragma once

#include "ntpkeygen/sdk/key_type.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::network_gear {

// A key type that a system has.
struct SystemWord {
  std::string_view key_type; // canonical name
  std::uint16_t bits;        // 0: any that fit
  std::string_view text;
  std::size_t longest; // characters, and so bytes
};

struct System {
  std::string_view name, product;
  std::string_view source; // the vendor's page that names the commands
  std::string_view comment_sign;
  std::string_view before_id, before_type, before_key, after_key; // of the command that defines a key
  std::string_view trust;                                         // what stands before the id in the one that trusts it
  std::string_view enable;                                        // the command that has keys checked; empty: none
  std::string_view use;                                           // how a server is given a key
  std::span<const SystemWord> types;
  std::string_view holds; // `types`, for a message
  KeyId last_id;
  std::string_view recipe_type;
  std::uint16_t recipe_bits;
};

[[nodiscard]] std::span<const System> systems() noexcept;

} // namespace ntpkeygen::plugins::network_gear
