#include "key_file_formats/network_gear/systems.hpp"

#include <array>
#include <limits>

namespace ntpkeygen::plugins::network_gear {
namespace {

constexpr std::size_t longest_cisco = 32;
// Junos and EOS hand their keys to NTP Classic's ntpd, which reads more characters than this as hex digits.
constexpr std::size_t longest_classic = 20;

constexpr std::array ios_types{SystemWord{"MD5", 0, "md5", longest_cisco}};
constexpr std::array ios_xe_types{
    SystemWord{"AES", 128, "cmac-aes-128", 16},
    SystemWord{"MD5", 0, "md5", longest_cisco},
    SystemWord{"SHA1", 0, "hmac-sha1", longest_cisco},
    SystemWord{"SHA256", 0, "hmac-sha2-256", longest_cisco},
};
constexpr std::array junos_types{
    SystemWord{"MD5", 0, "md5", longest_classic},
    SystemWord{"SHA1", 0, "sha1", longest_classic},
    SystemWord{"SHA256", 0, "sha256", longest_classic},
};
constexpr std::array eos_types{
    SystemWord{"MD5", 0, "md5", longest_classic},
    SystemWord{"SHA1", 0, "sha1", longest_classic},
};

constexpr KeyId every_id = std::numeric_limits<KeyId>::max();

constexpr std::array all{
    System{.name = "cisco-ios",
           .product = "Cisco IOS",
           .source = "Cisco IOS Basic System Management Command Reference, ntp authentication-key",
           .comment_sign = "!",
           .before_id = "ntp authentication-key ",
           .before_type = " ",
           .before_key = " ",
           .after_key = "",
           .trust = "ntp trusted-key ",
           .enable = "ntp authenticate",
           .use = "ntp server ADDRESS key ID",
           .types = ios_types,
           .holds = "MD5",
           .last_id = every_id,
           .recipe_type = "MD5",
           .recipe_bits = 160},
    System{.name = "cisco-ios-xe",
           .product = "Cisco IOS XE",
           .source =
               "Cisco System Management Configuration Guide, IOS XE 16.12 and 17.2, Configuring NTP Authentication",
           .comment_sign = "!",
           .before_id = "ntp authentication-key ",
           .before_type = " ",
           .before_key = " ",
           .after_key = "",
           .trust = "ntp trusted-key ",
           .enable = "ntp authenticate",
           .use = "ntp server ADDRESS key ID",
           .types = ios_xe_types,
           .holds = "AES of 128 bits, MD5, SHA1 and SHA256",
           .last_id = every_id,
           .recipe_type = "AES",
           .recipe_bits = 128},
    System{.name = "junos",
           .product = "Junos OS",
           .source = "Juniper Time Management Administration Guide, NTP Authentication Keys",
           .comment_sign = "#",
           .before_id = "set system ntp authentication-key ",
           .before_type = " type ",
           .before_key = " value \"",
           .after_key = "\"",
           .trust = "set system ntp trusted-key ",
           .enable = "",
           .use = "set system ntp server ADDRESS key ID",
           .types = junos_types,
           .holds = "MD5, SHA1 and SHA256",
           .last_id = every_id,
           .recipe_type = "SHA256",
           .recipe_bits = 160},
    System{.name = "arista-eos",
           .product = "Arista EOS",
           .source = "Arista User Manual, Timekeeping, ntp authentication-key",
           .comment_sign = "!",
           .before_id = "ntp authentication-key ",
           .before_type = " ",
           .before_key = " 0 ",
           .after_key = "",
           .trust = "ntp trusted-key ",
           .enable = "ntp authenticate servers",
           .use = "ntp server ADDRESS key ID",
           .types = eos_types,
           .holds = "MD5 and SHA1",
           .last_id = 65534,
           .recipe_type = "SHA1",
           .recipe_bits = 160},
};

} // namespace

std::span<const System> systems() noexcept {
  return all;
}

} // namespace ntpkeygen::plugins::network_gear
