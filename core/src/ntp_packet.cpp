#include "ntpkeygen/host/ntp_packet.hpp"

#include "ntpkeygen/host/ntp_time.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <algorithm>
#include <cstring>

namespace ntpkeygen {
namespace {

// Offsets of the header's fields, RFC 5905 figure 8.
constexpr std::size_t stratum_at = 1, reference_id_at = 12, origin_at = 24, receive_at = 32, transmit_at = 40;
constexpr std::uint8_t client_mode = 3;
constexpr std::size_t key_id_bytes = 4;
// RFC 7822 section 3: what is left and is no longer than this is a MAC and not an extension field.
constexpr std::size_t largest_v4_mac = key_id_bytes + 20;
constexpr std::size_t smallest_mac = key_id_bytes + 4;
constexpr std::size_t smallest_extension_field = 16;

template <class Number> Number big_endian(std::span<const std::byte> bytes, std::size_t at) {
  Number value = 0;
  for (const std::byte byte : bytes.subspan(at, sizeof(Number)))
    value = static_cast<Number>(value << 8U | std::to_integer<Number>(byte));
  return value;
}

template <class Number> void put_big_endian(std::span<std::byte, sizeof(Number)> out, Number value) {
  for (std::size_t i = out.size(); i-- != 0; value = static_cast<Number>(value >> 8U))
    out[i] = static_cast<std::byte>(value & 0xffU);
}

bool can_be_mac(std::size_t size) {
  return size >= smallest_mac && size <= key_id_bytes + largest_ntp_tag && size % 4 == 0;
}

// Where extension fields end and a MAC, or nothing, begins; the field that cannot be one where they are not whole.
std::size_t skip_extension_fields(std::span<const std::byte> bytes) {
  std::size_t at = ntp_header_bytes;
  while (bytes.size() - at > largest_v4_mac) {
    const std::size_t length = big_endian<std::uint16_t>(bytes, at + 2);
    if (length < smallest_extension_field || length % 4 != 0 || length > bytes.size() - at)
      break;
    at += length;
  }
  return at;
}

PacketForm form_of_rest(std::size_t rest, KeyId key_id) {
  if (rest == 0)
    return PacketForm::plain;
  if (rest == key_id_bytes)
    return key_id == 0 ? PacketForm::crypto_nak : PacketForm::key_id_only;
  return can_be_mac(rest) ? PacketForm::with_mac : PacketForm::malformed;
}

// 64 bits of NTP time, RFC 5905 figure 3, in the era that they are in: differences are taken modulo 2^64.
std::uint64_t ntp_timestamp(std::int64_t unix_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t seconds = unix_ns / second - (unix_ns % second < 0 ? 1 : 0);
  const auto rest = static_cast<std::uint64_t>(unix_ns - seconds * second);
  return static_cast<std::uint64_t>(seconds + unix_epoch_in_ntp_seconds) << 32U |
         ((rest << 32U) / static_cast<std::uint64_t>(second));
}

double seconds_between(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(static_cast<std::int64_t>(to - from)) / 4294967296.0;
}

} // namespace

std::vector<std::byte> client_request(std::uint8_t version, std::uint64_t transmit) {
  std::vector<std::byte> packet(ntp_header_bytes);
  packet[0] = static_cast<std::byte>(version << 3U | client_mode);
  put_big_endian(std::span(packet).subspan<transmit_at, 8>(), transmit);
  return packet;
}

Result<void> append_mac(std::vector<std::byte> &packet, KeyId id, Mac &mac) {
  if (auto updated = mac.update(packet); !updated)
    return updated;
  std::array<std::byte, key_id_bytes> id_bytes{};
  std::array<std::byte, largest_ntp_tag> tag{};
  auto size = mac.finish(tag);
  if (!size)
    return failure(std::move(size).error());
  put_big_endian(std::span(id_bytes), id);
  packet.insert(packet.end(), id_bytes.begin(), id_bytes.end());
  packet.insert(packet.end(), tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(*size));
  return {};
}

NtpPacket parse_packet(std::span<const std::byte> bytes, std::size_t size) {
  NtpPacket packet;
  if (size == 0) {
    packet.form = PacketForm::empty;
    return packet;
  }
  if (size > largest_ntp_packet || size > bytes.size()) {
    packet.form = PacketForm::oversized;
    return packet;
  }
  bytes = bytes.first(size);
  if (size < ntp_header_bytes) {
    packet.form = PacketForm::cut;
    return packet;
  }
  const auto first = std::to_integer<unsigned>(bytes[0]);
  packet.leap = static_cast<std::uint8_t>(first >> 6U);
  packet.version = static_cast<std::uint8_t>(first >> 3U & 7U);
  packet.mode = static_cast<std::uint8_t>(first & 7U);
  packet.stratum = std::to_integer<std::uint8_t>(bytes[stratum_at]);
  std::memcpy(packet.reference_id.data(), &bytes[reference_id_at], packet.reference_id.size());
  packet.origin = big_endian<std::uint64_t>(bytes, origin_at);
  packet.receive = big_endian<std::uint64_t>(bytes, receive_at);
  packet.transmit = big_endian<std::uint64_t>(bytes, transmit_at);

  // Extension fields came with version 4; before, all that follows is the MAC.
  packet.message_bytes = packet.version >= 4 ? skip_extension_fields(bytes) : ntp_header_bytes;
  const std::size_t rest = size - packet.message_bytes;
  if (rest >= key_id_bytes)
    packet.key_id = big_endian<std::uint32_t>(bytes, packet.message_bytes);
  packet.form = form_of_rest(rest, packet.key_id);
  if (packet.form == PacketForm::with_mac)
    packet.tag_bytes = rest - key_id_bytes;
  return packet;
}

std::optional<std::string> kiss_code(const NtpPacket &packet) {
  if (!packet.has_header() || packet.stratum != 0)
    return std::nullopt;
  std::string code(packet.reference_id.begin(), packet.reference_id.end());
  if (!std::ranges::all_of(code, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }))
    return std::nullopt;
  if (code == "INIT" || code == "STEP")
    return std::nullopt;
  return code;
}

Result<bool> is_authentic(std::span<const std::byte> bytes, const NtpPacket &packet, const MacEngine &engine,
                          const MacSpec &mac, std::span<const std::byte> key) {
  if (packet.form != PacketForm::with_mac || packet.tag_bytes < mac.tag_bytes)
    return false;
  MacSpec as_long = mac;
  as_long.tag_bytes = static_cast<std::uint8_t>(packet.tag_bytes);
  if (packet.tag_bytes != mac.tag_bytes && !engine.supports(as_long))
    return false;
  auto prepared = engine.prepare(as_long, key);
  if (!prepared)
    return failure(std::move(prepared).error());
  std::array<std::byte, largest_ntp_tag> tag{};
  if (auto updated = (*prepared)->update(bytes.first(packet.message_bytes)); !updated)
    return failure(std::move(updated).error());
  auto size = (*prepared)->finish(tag);
  if (!size)
    return failure(std::move(size).error());
  return equal_in_constant_time(bytes.subspan(packet.message_bytes + key_id_bytes, packet.tag_bytes),
                                std::span(tag).first(*size));
}

std::optional<ClockReading> read_clock(const NtpPacket &reply, std::int64_t sent, std::uint64_t elapsed) {
  if (!reply.has_header() || reply.receive == 0 || reply.transmit == 0)
    return std::nullopt;
  // The reply's arrival by the monotonic clock: somebody may set the other one meanwhile.
  const std::uint64_t t1 = ntp_timestamp(sent), t4 = ntp_timestamp(sent + static_cast<std::int64_t>(elapsed));
  const double there = seconds_between(t1, reply.receive), back = seconds_between(t4, reply.transmit);
  return ClockReading{(there + back) / 2, there - back};
}

} // namespace ntpkeygen
