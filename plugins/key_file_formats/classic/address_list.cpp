#include "key_file_formats/classic/address_list.hpp"

#include "ntpkeygen/sdk/decimal.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace ntpkeygen::plugins::classic {
namespace {

constexpr std::size_t longest_address = 127; // is_ip_address's buffer, without its NUL

using CString = std::array<char, longest_address + 1>;

CString c_string(std::string_view text) noexcept {
  CString copy{};
  text.copy(copy.data(), longest_address);
  return copy;
}

// As getaddrinfo takes a numeric IPv6 address: with a zone that is a number, or an interface's name where the address
// is local to a link. Whether that interface exists is not to be known here: it is taken to.
bool is_ipv6(std::string_view text) noexcept {
  const std::size_t percent = text.find('%');
  in6_addr address{};
  if (inet_pton(AF_INET6, c_string(text.substr(0, percent)).data(), &address) != 1)
    return false;
  if (percent == std::string_view::npos)
    return true;
  const std::string_view zone = text.substr(percent + 1);
  const bool on_link = IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_LINKLOCAL(&address);
  return on_link ? !zone.empty() : plain_decimal(zone).has_value();
}

bool is_address(std::string_view text) noexcept {
  if (text.size() > longest_address)
    return false;
  in_addr address{};
  if (inet_pton(AF_INET, c_string(text).data(), &address) == 1)
    return true;
  if (!text.empty() && text.front() == '[') {
    text.remove_prefix(1);
    text = text.substr(0, text.find(']'));
  }
  return is_ipv6(text);
}

// Digits only. Too many bits for the address are only logged, but ntpd stops reading digits above 1000.
bool is_prefix_length(std::string_view text) noexcept {
  unsigned bits = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || bits > 1000)
      return false;
    bits = 10 * bits + static_cast<unsigned>(c - '0');
  }
  return true;
}

} // namespace

bool is_address_list(std::string_view field) noexcept {
  for (std::size_t at = 0;;) {
    const std::size_t comma = field.find(',', at);
    const std::string_view item = field.substr(at, comma == std::string_view::npos ? comma : comma - at);
    const std::size_t slash = item.find('/');
    if (slash != std::string_view::npos && !is_prefix_length(item.substr(slash + 1)))
      return false;
    if (!is_address(item.substr(0, slash)))
      return false;
    if (comma == std::string_view::npos)
      return true;
    at = comma + 1;
  }
}

} // namespace ntpkeygen::plugins::classic
