#include "key_types/sha1/sha1.hpp"

#include "ntpkeygen/sdk/simple_key_type.hpp"

namespace ntpkeygen::plugins::sha1 {

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "SHA1",
      .summary = "SHA-1 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-1", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha1", 20}}},
      .default_bits = 160,
      .advice = {"a SHA-1 digest over key and packet is stronger than MD5's but was never designed or approved as a "
                 "MAC; use AES-128-CMAC, type AES, where every program involved can"},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("a SHA1 key", std::move(info)));
}

} // namespace ntpkeygen::plugins::sha1
