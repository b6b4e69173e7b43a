#include "ntpkeygen/host/fingerprint.hpp"

#include "ntpkeygen/sdk/hex.hpp"

#include <cstdint>

namespace ntpkeygen {
namespace {

constexpr std::size_t fingerprint_bytes = 8;

Result<void> update_with_length(Mac &hmac, std::span<const std::byte> bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const std::array length{static_cast<std::byte>(size >> 24), static_cast<std::byte>(size >> 16),
                          static_cast<std::byte>(size >> 8), static_cast<std::byte>(size)};
  return hmac.update(length).and_then([&] { return hmac.update(bytes); });
}

} // namespace

Result<Fingerprinter> Fingerprinter::create(const MacEngine &engine, std::span<const std::byte> pepper) {
  auto hmac = engine.prepare({MacSpec::Kind::hmac, "sha256", fingerprint_bytes}, pepper);
  if (!hmac)
    return failure(std::move(hmac).error());
  return Fingerprinter(std::move(*hmac));
}

Result<Fingerprinter::Digits> Fingerprinter::of(const MacSpec &mac, std::span<const std::byte> key) {
  const std::string name = mac_name(mac);
  std::array<std::byte, fingerprint_bytes> tag{};
  auto finished = update_with_length(*hmac_, std::as_bytes(std::span(name)))
                      .and_then([&] { return update_with_length(*hmac_, key); })
                      .and_then([&] { return hmac_->finish(tag); });
  if (!finished)
    return failure(std::move(finished).error());
  Digits digits{};
  hex::encode(tag, reinterpret_cast<std::byte *>(digits.data()));
  return digits;
}

} // namespace ntpkeygen
