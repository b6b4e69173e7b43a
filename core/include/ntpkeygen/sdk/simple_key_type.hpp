// A key type that is nothing but its data, as those of NTP are.
#pragma once

#include "ntpkeygen/sdk/key_type.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ntpkeygen {

class SimpleKeyType final : public KeyType {
public:
  // `a_key` is what messages call one: "an AES key".
  SimpleKeyType(std::string_view a_key, KeyTypeInfo info) : a_key_(a_key), info_(std::move(info)) {}

  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (info_.mac_for(key.size() * 8) != nullptr)
        return {};
      return failure(ErrorCode::invalid_argument,
                     a_key_ + " has " + lengths() + " bits, not " + std::to_string(key.size() * 8));
    });
  }

private:
  // "128, 192 or 256", "80 to 1024"
  [[nodiscard]] std::string lengths() const {
    std::string text;
    for (const KeyLengths &some : info_.lengths) {
      if (!text.empty())
        text += &some == &info_.lengths.back() ? " or " : ", ";
      text += std::to_string(some.min_bits);
      if (some.max_bits != some.min_bits)
        text += " to " + std::to_string(some.max_bits);
    }
    return text;
  }

  std::string a_key_;
  KeyTypeInfo info_;
};

} // namespace ntpkeygen
