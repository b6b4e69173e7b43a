#include "key_file_formats/chrony/types.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::chrony {
namespace {

constexpr MacFunction digest(std::string_view word, std::string_view algorithm, unsigned full_bytes) {
  // ntp.h: a MAC that stands in a packet of version 4 has at most 20 bytes
  return {word, word, MacSpec::Kind::keyed_digest, algorithm, static_cast<std::uint8_t>(std::min(full_bytes, 20U)),
          0,    true};
}
constexpr MacFunction cipher(std::string_view word, std::string_view algorithm, std::uint8_t key_bytes) {
  return {word, "AES", MacSpec::Kind::cmac, algorithm, 16, key_bytes, true};
}
constexpr MacFunction absent(std::string_view word) {
  return {word, word, MacSpec::Kind::keyed_digest, "", 0, 0, false};
}

constexpr std::array functions{
    digest("MD5", "md5", 16),
    digest("SHA1", "sha1", 20),
    digest("SHA256", "sha256", 32),
    digest("SHA384", "sha384", 48),
    digest("SHA512", "sha512", 64),
    cipher("AES128", "aes128", 16),
    cipher("AES256", "aes256", 32),
    digest("SHA3-224", "sha3-224", 28),
    digest("SHA3-256", "sha3-256", 32),
    digest("SHA3-384", "sha3-384", 48),
    digest("SHA3-512", "sha3-512", 64),
    absent("TIGER"),
    absent("WHIRLPOOL"),
};

} // namespace

std::span<const MacFunction> mac_functions() noexcept {
  return functions;
}

const MacFunction *find_mac_function(std::string_view word) noexcept {
  const auto *const found = std::ranges::find(functions, word, &MacFunction::word);
  return found == functions.end() ? nullptr : found;
}

const MacFunction &default_function() noexcept {
  return functions.front();
}

} // namespace ntpkeygen::plugins::chrony
