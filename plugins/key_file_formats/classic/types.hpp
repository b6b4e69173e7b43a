// The words that NTP Classic takes in the second column, and the MAC functions that they stand for.
#pragma once

#include "key_file_formats/ntpd/mac_function.hpp"

namespace ntpkeygen::plugins::classic {

using ntpd::MacFunction;

[[nodiscard]] std::span<const MacFunction> mac_functions() noexcept;

// Null: no such type.
[[nodiscard]] const MacFunction *find_mac_function(std::string_view type_field) noexcept;

// Whether libcrypto has the name for something that is no digest: a type to sntp, which computes nothing with it.
[[nodiscard]] bool is_other_object(std::string_view type_field) noexcept;

} // namespace ntpkeygen::plugins::classic
