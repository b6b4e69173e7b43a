// The words that NTPsec takes in the second column, and the MAC functions that they stand for.
#pragma once

#include "key_file_formats/ntpd/mac_function.hpp"

namespace ntpkeygen::plugins::ntpsec {

using ntpd::MacFunction;

[[nodiscard]] std::span<const MacFunction> mac_functions() noexcept;

// Whose name libcrypto knows, ntpd's own words for AES-128 included. Null: no such type.
[[nodiscard]] const MacFunction *find_by_name(std::string_view type_field) noexcept;

// What ntpd takes: the same, and MD5 for everything else that begins with M.
[[nodiscard]] const MacFunction *find_mac_function(std::string_view type_field) noexcept;

} // namespace ntpkeygen::plugins::ntpsec
