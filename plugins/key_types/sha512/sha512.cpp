#include "key_types/sha512/sha512.hpp"

namespace ntpkeygen::plugins::sha512 {
namespace {

class Sha512 final : public KeyType {
public:
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (info_.mac_for(key.size() * 8) != nullptr)
        return {};
      return failure(ErrorCode::invalid_argument,
                     "a SHA512 key has 80 to 1024 bits, not " + std::to_string(key.size() * 8));
    });
  }

private:
  KeyTypeInfo info_{
      .name = "SHA512",
      .summary = "SHA-512 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-512", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha512", 64}}},
      .default_bits = 256, // the longest key that both ntpds hold
      .advice =
          {"a SHA-512 digest over key and packet was never approved as a MAC, and version 4 packets carry 20 bytes "
           "of it; use AES-128-CMAC, type AES, where every program involved can"},
  };
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Sha512>());
}

} // namespace ntpkeygen::plugins::sha512
