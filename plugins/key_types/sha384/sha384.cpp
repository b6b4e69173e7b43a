#include "key_types/sha384/sha384.hpp"

namespace ntpkeygen::plugins::sha384 {
namespace {

class Sha384 final : public KeyType {
public:
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (info_.mac_for(key.size() * 8) != nullptr)
        return {};
      return failure(ErrorCode::invalid_argument,
                     "a SHA384 key has 80 to 1024 bits, not " + std::to_string(key.size() * 8));
    });
  }

private:
  KeyTypeInfo info_{
      .name = "SHA384",
      .summary = "SHA-384 keyed digest with a key of 80 to 1024 bits",
      .aliases = {{"SHA-384", 0}},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "sha384", 48}}},
      .default_bits = 256, // the longest key that both ntpds hold
      .advice =
          {"a SHA-384 digest over key and packet was never approved as a MAC, and version 4 packets carry 20 bytes "
           "of it; use AES-128-CMAC, type AES, where every program involved can"},
  };
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Sha384>());
}

} // namespace ntpkeygen::plugins::sha384
