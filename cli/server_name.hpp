// HOST[:PORT] as people type it.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <cstdint>
#include <string>

namespace ntpkeygen::cli {

struct ServerName {
  std::string host{};
  std::uint16_t port = 123;
};

// A name, an IPv4 address, or an IPv6 address, which stands in brackets where a port follows: "[::1]:123" (RFC 3986
// section 3.2.2).
[[nodiscard]] Result<ServerName> parse_server_name(const std::string &typed);

} // namespace ntpkeygen::cli
