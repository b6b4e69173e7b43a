// The fourth field of a key line: addresses that may use the key.
#pragma once

#include <string_view>

namespace ntpkeygen::plugins::classic {

// Whether ntpd takes all of the field: addresses with commas between them, each with or without /BITS.
[[nodiscard]] bool is_address_list(std::string_view field) noexcept;

} // namespace ntpkeygen::plugins::classic
