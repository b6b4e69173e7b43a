#include "key_types/sha512/sha512.hpp"

#include "ntpkeygen/sdk/simple_key_type.hpp"

namespace ntpkeygen::plugins::sha512 {

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "SHA512",
      .summary = "SHA-512 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-512", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha512", 64}}},
      .default_bits = 256, // the longest key that both ntpds hold
      .advice = {"a SHA-512 digest over key and packet was never approved as a MAC, and version 4 packets carry 20 "
                 "bytes of it; use AES-128-CMAC, type AES, where every program involved can"},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("a SHA512 key", std::move(info)));
}

} // namespace ntpkeygen::plugins::sha512
