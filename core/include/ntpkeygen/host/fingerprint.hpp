// Fingerprints: names for keys that tell nothing about them, so that reports can be shown.
//
// HMAC-SHA-256 under a secret pepper, over the MAC's name and the key, each behind its length in four bytes, the first
// the highest; cut to 64 bits. Who does not have the pepper cannot try guesses of a weak key against a fingerprint.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <array>
#include <memory>
#include <span>

namespace ntpkeygen {

class Fingerprinter {
public:
  static constexpr std::size_t least_pepper = 32; // bytes

  // `pepper` has `least_pepper` bytes or more. Errors: unsupported (an engine without HMAC-SHA-256).
  [[nodiscard]] static Result<Fingerprinter> create(const MacEngine &engine, std::span<const std::byte> pepper);

  using Digits = std::array<char, 16>;
  [[nodiscard]] Result<Digits> of(const MacSpec &mac, std::span<const std::byte> key);

private:
  explicit Fingerprinter(std::unique_ptr<Mac> hmac) : hmac_(std::move(hmac)) {}

  std::unique_ptr<Mac> hmac_;
};

} // namespace ntpkeygen
