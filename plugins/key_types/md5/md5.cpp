#include "key_types/md5/md5.hpp"

#include "ntpkeygen/sdk/simple_key_type.hpp"

namespace ntpkeygen::plugins::md5 {

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "MD5",
      .summary = "MD5 keyed digest with a key of 80 to 1024 bits",
      .aliases = {},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "md5", 16}}},
      .default_bits = 160,
      .advice = {"MD5 is deprecated for NTP (RFC 8573 section 2 says it must not be used); use AES-128-CMAC, type AES, "
                 "where every program involved can"},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("an MD5 key", std::move(info)));
}

} // namespace ntpkeygen::plugins::md5
