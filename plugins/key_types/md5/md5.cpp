#include "key_types/md5/md5.hpp"

namespace ntpkeygen::plugins::md5 {
namespace {

class Md5 final : public KeyType {
public:
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (info_.mac_for(key.size() * 8) != nullptr)
        return {};
      return failure(ErrorCode::invalid_argument,
                     "an MD5 key has 80 to 1024 bits, not " + std::to_string(key.size() * 8));
    });
  }

private:
  KeyTypeInfo info_{
      .name = "MD5",
      .summary = "MD5 keyed digest with a key of 80 to 1024 bits",
      .aliases = {},
      .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "md5", 16}}},
      .default_bits = 160,
      .advice = {"MD5 is deprecated for NTP (RFC 8573 section 2 says it must not be used); use AES-128-CMAC, type AES, "
                 "where every program involved can"},
  };
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Md5>());
}

} // namespace ntpkeygen::plugins::md5
