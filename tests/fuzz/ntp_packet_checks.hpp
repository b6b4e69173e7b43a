// What has to hold for whatever arrives in a datagram. For the fuzzer and for the test that runs without one.
#pragma once

#include "ntpkeygen/host/ntp_packet.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace ntpkeygen::test {

// FNV-1a in the place of a MAC: different for different messages, and cheap.
class CheapMac final : public Mac {
public:
  explicit CheapMac(std::size_t tag_bytes) : tag_bytes_(tag_bytes) {}
  Result<void> update(std::span<const std::byte> message) noexcept override {
    for (const std::byte byte : message)
      sum_ = (sum_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3U;
    return {};
  }
  Result<std::size_t> finish(std::span<std::byte> tag) noexcept override {
    const std::size_t size = std::min(tag_bytes_, tag.size());
    for (std::size_t i = 0; i < size; ++i)
      tag[i] = static_cast<std::byte>(sum_ >> (i % 8 * 8) & 0xffU);
    sum_ = start;
    return size;
  }

private:
  static constexpr std::uint64_t start = 0xcbf29ce484222325U;
  std::size_t tag_bytes_;
  std::uint64_t sum_ = start;
};

// An engine with one function of 64 bytes, that starts from the key.
class CheapEngine final : public MacEngine {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "cheap"; }
  [[nodiscard]] bool supports(const MacSpec &) const noexcept override { return true; }
  [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &spec,
                                                     std::span<const std::byte> key) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<Mac>> {
      auto mac = std::make_unique<CheapMac>(spec.tag_bytes);
      static_cast<void>(mac->update(key));
      return mac;
    });
  }
};

// Empty when all is as promised, else what is not.
inline const char *broken_promise(std::span<const std::byte> bytes) {
  const NtpPacket packet = parse_packet(bytes);
  const std::size_t size = bytes.size(), key_id = 4;
  const std::size_t expected =
      packet.message_bytes + (packet.form == PacketForm::with_mac ? key_id + packet.tag_bytes
                              : packet.form == PacketForm::crypto_nak || packet.form == PacketForm::key_id_only ? key_id
                                                                                                                : 0);
  switch (packet.form) {
  case PacketForm::empty:
    if (size != 0)
      return "only no bytes are empty";
    break;
  case PacketForm::cut:
    if (size == 0 || size >= ntp_header_bytes)
      return "cut is less than a header";
    break;
  case PacketForm::oversized:
    if (size <= largest_ntp_packet)
      return "oversized is more than the largest packet";
    break;
  case PacketForm::malformed:
    break;
  case PacketForm::crypto_nak:
    if (packet.key_id != 0)
      return "a crypto-NAK has key id 0";
    [[fallthrough]];
  case PacketForm::key_id_only:
  case PacketForm::plain:
  case PacketForm::with_mac:
    if (expected != size)
      return "the parts are not the whole";
  }
  if ((packet.form == PacketForm::with_mac) != (packet.tag_bytes != 0) || packet.tag_bytes > largest_ntp_tag)
    return "a tag of an impossible size";
  if (packet.has_header() != (size >= ntp_header_bytes && size <= largest_ntp_packet))
    return "a header that is not there, or is and was not seen";
  if (packet.has_header() && (packet.message_bytes < ntp_header_bytes || packet.message_bytes > size))
    return "a message that is not inside the packet";
  if (packet.has_header() && packet.version < 4 && packet.message_bytes != ntp_header_bytes)
    return "version 3 has no extension fields";

  // What cannot be received whole is not looked at.
  if (size != 0 && parse_packet(bytes.first(size - 1), size).form != PacketForm::oversized)
    return "a datagram that was cut off was taken for a whole one";

  static_cast<void>(kiss_code(packet));
  static_cast<void>(read_clock(packet, 1'700'000'000'000'000'000, 1'000'000));

  // With a MAC of ours in the place of what was there, it is authentic, and with one bit changed it is not.
  const CheapEngine engine;
  const std::array key_bytes{std::byte{7}, std::byte{9}};
  const MacSpec spec{MacSpec::Kind::keyed_digest, "cheap", 16};
  const auto before = is_authentic(bytes, packet, engine, spec, key_bytes);
  if (!before || (*before && packet.form != PacketForm::with_mac))
    return "authentic without a MAC";
  if (packet.form == PacketForm::with_mac && packet.tag_bytes >= spec.tag_bytes) {
    std::vector<std::byte> own(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(packet.message_bytes));
    CheapMac mac(packet.tag_bytes);
    static_cast<void>(mac.update(key_bytes));
    if (!append_mac(own, packet.key_id, mac) || own.size() != size)
      return "a MAC in place of another changes the size";
    const NtpPacket again = parse_packet(own);
    if (again.form != packet.form || again.message_bytes != packet.message_bytes)
      return "a MAC in place of another changes the layout";
    const auto right = is_authentic(own, again, engine, spec, key_bytes);
    own.back() ^= std::byte{1};
    const auto wrong = is_authentic(own, again, engine, spec, key_bytes);
    if (!right || !*right || !wrong || *wrong)
      return "the MAC does not decide";
  }
  return "";
}

} // namespace ntpkeygen::test
