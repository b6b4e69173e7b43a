// MAC functions of the ntpds, and the look-up of the names that libcrypto has for them.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ntpkeygen::plugins::ntpd {

struct MacFunction {
  std::string_view key_type; // canonical name
  MacSpec::Kind kind;
  std::string_view algorithm;
  std::uint8_t tag_bytes;  // in ntpd's packets: at most 20
  std::uint8_t full_bytes; // what the function gives
  std::uint8_t key_bytes;  // the only length that the cipher takes; 0: any
  bool usable;             // false: ntpd takes the name, but libcrypto computes nothing with it

  [[nodiscard]] MacSpec spec() const { return {kind, std::string(algorithm), tag_bytes}; }
};

constexpr MacFunction digest(std::string_view type, std::string_view algorithm, unsigned full_bytes) {
  // NTPsec's include/ntp_types.h: a bare MAC has at most 20 bytes. NTP Classic's a_md5encrypt.c cuts digests to that.
  return {type,
          MacSpec::Kind::keyed_digest,
          algorithm,
          static_cast<std::uint8_t>(std::min(full_bytes, 20U)),
          static_cast<std::uint8_t>(full_bytes),
          0,
          true};
}
constexpr MacFunction cipher(std::string_view type, std::string_view algorithm, std::uint8_t key_bytes,
                             std::uint8_t tag_bytes = 16) {
  return {type, MacSpec::Kind::cmac, algorithm, tag_bytes, tag_bytes, key_bytes, true};
}

// What both ntpds have, with either version of libcrypto: their tables begin with it. Into these tables:
enum CommonFunction : std::uint8_t {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  sha512_224,
  sha512_256,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512,
  shake128,
  shake256,
  ripemd160,
  sm3,
  md5_sha1,
  aes_128,
  common_functions
};
template <std::size_t N>
constexpr std::array<MacFunction, common_functions + N> with_common_functions(const std::array<MacFunction, N> &own) {
  std::array<MacFunction, common_functions + N> all{
      digest("MD5", "md5", 16),
      digest("SHA1", "sha1", 20),
      digest("SHA224", "sha224", 28),
      digest("SHA256", "sha256", 32),
      digest("SHA384", "sha384", 48),
      digest("SHA512", "sha512", 64),
      digest("SHA512-224", "sha512-224", 28),
      digest("SHA512-256", "sha512-256", 32),
      digest("SHA3-224", "sha3-224", 28),
      digest("SHA3-256", "sha3-256", 32),
      digest("SHA3-384", "sha3-384", 48),
      digest("SHA3-512", "sha3-512", 64),
      digest("SHAKE128", "shake128", 16),
      digest("SHAKE256", "shake256", 32),
      digest("RIPEMD160", "ripemd160", 20),
      digest("SM3", "sm3", 32),
      digest("MD5-SHA1", "md5-sha1", 36),
      cipher("AES", "aes128", 16),
  };
  std::ranges::copy(own, all.begin() + common_functions);
  return all;
}

struct Name {
  std::string_view text; // in upper case, as ntpd asks libcrypto for it
  std::uint8_t function; // into the table
};
constexpr bool by_text(const Name &a, const Name &b) {
  return a.text < b.text;
}
constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
// Among sorted names. Null: there is no such name.
[[nodiscard]] const Name *find_name(std::span<const Name> names, std::string_view type_field) noexcept;

// As in old versions, where every type was MD5 and only the first letter counted.
[[nodiscard]] constexpr bool is_old_md5(std::string_view type_field) noexcept {
  return !type_field.empty() && upper(type_field.front()) == 'M';
}

} // namespace ntpkeygen::plugins::ntpd
