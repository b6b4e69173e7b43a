#include "key_types/sha1/sha1.hpp"

namespace ntpkeygen::plugins::sha1 {
namespace {

class Sha1 final : public KeyType {
public:
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (info_.mac_for(key.size() * 8) != nullptr)
        return {};
      return failure(ErrorCode::invalid_argument,
                     "a SHA1 key has 80 to 1024 bits, not " + std::to_string(key.size() * 8));
    });
  }

private:
  KeyTypeInfo info_{
      .name = "SHA1",
      .summary = "SHA-1 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-1", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha1", 20}}},
      .default_bits = 160,
      .advice = {"a SHA-1 digest over key and packet is stronger than MD5's but was never designed or approved as a "
                 "MAC; use AES-128-CMAC, type AES, where every program involved can"},
  };
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Sha1>());
}

} // namespace ntpkeygen::plugins::sha1
