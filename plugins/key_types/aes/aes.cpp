#include "key_types/aes/aes.hpp"

#include "ntpkeygen/sdk/simple_key_type.hpp"

namespace ntpkeygen::plugins::aes {
namespace {

KeyLengths cmac(std::uint16_t bits, const char *algorithm) {
  return {bits, bits, {MacSpec::Kind::cmac, algorithm, 16}}; // the tag is one AES block, RFC 4493 section 2.4
}

} // namespace

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "AES",
      .summary = "AES-CMAC with a key of 128, 192 or 256 bits",
      .aliases = {{"AES-128", 128},
                  {"AES-192", 192},
                  {"AES-256", 256},
                  {"AES128", 128},
                  {"AES192", 192},
                  {"AES256", 256},
                  {"AES128CMAC", 128},
                  {"AES192CMAC", 192},
                  {"AES256CMAC", 256},
                  {"CMAC", 128}},
      .lengths = {cmac(128, "aes128"), cmac(192, "aes192"), cmac(256, "aes256")},
      .default_bits = 128,
      .advice = {},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("an AES key", std::move(info)));
}

} // namespace ntpkeygen::plugins::aes
