#include "cli/server_name.hpp"

#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/numbers.hpp"

#include <algorithm>

namespace ntpkeygen::cli {

Result<ServerName> parse_server_name(const std::string &typed) {
  const auto invalid = [&](const std::string &why) {
    return failure(ErrorCode::invalid_argument, "'" + printable(typed) + "' is no server: " + why,
                   "write a name or an address, such as time1, time1:123, 192.0.2.1 or '[2001:db8::1]:123'");
  };
  if (typed.find('/') != std::string::npos)
    return invalid("there is a '/' in it");
  ServerName server;
  std::string port;
  bool has_port = false;
  if (typed.starts_with('[')) {
    const std::size_t end = typed.find(']');
    if (end == std::string::npos)
      return invalid("the closing bracket is missing");
    server.host = typed.substr(1, end - 1);
    port = typed.substr(end + 1);
    has_port = !port.empty();
    if (has_port && !port.starts_with(':'))
      return invalid("behind the bracket only ':PORT' can stand");
    port.erase(0, has_port ? 1 : 0);
  } else if (std::ranges::count(typed, ':') == 1) {
    const std::size_t colon = typed.find(':');
    server.host = typed.substr(0, colon);
    port = typed.substr(colon + 1);
    has_port = true;
  } else {
    server.host = typed; // more colons are those of an IPv6 address
  }
  if (server.host.empty())
    return invalid("the name is empty");
  constexpr std::size_t longest_name = 253; // RFC 1035 section 2.3.4, without the last dot
  if (server.host.size() > longest_name + 1)
    return invalid("no name is so long");
  if (std::ranges::any_of(server.host, [](char c) { return c <= ' ' || c == '\x7f'; }))
    return invalid("there is a blank or a control character in it");
  if (has_port) {
    const auto number = parse_number<std::uint16_t>(port);
    if (!number || *number == 0)
      return invalid("a port is a number from 1 to 65535");
    server.port = *number;
  }
  return server;
}

} // namespace ntpkeygen::cli
