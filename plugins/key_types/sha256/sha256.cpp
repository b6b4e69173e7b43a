#include "key_types/sha256/sha256.hpp"

#include "ntpkeygen/sdk/simple_key_type.hpp"

namespace ntpkeygen::plugins::sha256 {

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "SHA256",
      .summary = "SHA-256 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-256", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha256", 32}}},
      .default_bits = 256, // the longest key that both ntpds hold
      .advice = {"a SHA-256 digest over key and packet was never approved as a MAC, and version 4 packets carry 20 "
                 "bytes of it; use AES-128-CMAC, type AES, where every program involved can"},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("a SHA256 key", std::move(info)));
}

} // namespace ntpkeygen::plugins::sha256
