// NTP packets on the wire, as far as asking one question of a server needs them: a client's request is built, a reply
// is taken apart. Pure functions over bytes, without sockets or clocks. Whatever comes from the network passes through
// parse_packet and nothing else; tests/fuzz holds it to its promises.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/key_type.hpp"
#include "ntpkeygen/sdk/mac_engine.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

inline constexpr std::size_t ntp_header_bytes = 48; // RFC 5905 section 7.3
// No reply to a request without extension fields comes near it.
inline constexpr std::size_t largest_ntp_packet = 2048;
// The longest tag that is sent anywhere: chrony's SHA-512 in version 3.
inline constexpr std::size_t largest_ntp_tag = 64;

// A client's request: mode 3, the transmit time stamp, and nothing that a server has no use for. The stamp need not be
// a time: the server only returns it.
[[nodiscard]] std::vector<std::byte> client_request(std::uint8_t version, std::uint64_t transmit);

// Appends key id and tag over what the packet has so far (RFC 5905 section 7.3).
[[nodiscard]] Result<void> append_mac(std::vector<std::byte> &packet, KeyId id, Mac &mac);

// What a datagram's length and layout make of it.
enum class PacketForm : std::uint8_t {
  empty,
  cut,         // less than a header
  plain,       // a header and perhaps extension fields, no MAC
  crypto_nak,  // key id 0 without a tag behind it (RFC 5905 section 9.2): the server could not verify the request
  key_id_only, // the same with another key id: nothing that a standard knows
  with_mac,
  malformed, // what stands behind the header is neither a MAC nor extension fields
  oversized  // more than largest_ntp_packet
};

struct NtpPacket {
  PacketForm form{};
  // The header, 0 where there is none.
  std::uint8_t leap = 0, version = 0, mode = 0, stratum = 0;
  std::array<char, 4> reference_id{};
  std::uint64_t origin = 0, receive = 0, transmit = 0;
  // What a MAC covers: header and extension fields. 0 where there is no header.
  std::size_t message_bytes = 0;
  KeyId key_id = 0;
  std::size_t tag_bytes = 0; // they stand behind message_bytes and the 4 bytes of the key id

  [[nodiscard]] bool has_header() const { return message_bytes != 0; }
};

inline constexpr std::uint8_t ntp_server_mode = 4;

// Takes any bytes. `size`: how many the datagram had, if more than were received.
[[nodiscard]] NtpPacket parse_packet(std::span<const std::byte> bytes, std::size_t size);
[[nodiscard]] inline NtpPacket parse_packet(std::span<const std::byte> bytes) {
  return parse_packet(bytes, bytes.size());
}

// A kiss-o'-death by which the server refuses its service (RFC 5905 section 7.4): "RATE", "DENY". nullopt also for the
// codes INIT and STEP, by which a server only says that its own clock is not set yet.
[[nodiscard]] std::optional<std::string> kiss_code(const NtpPacket &packet);

// Whether the packet's tag is the one that this function makes with the key. `bytes` are those that `packet` was parsed
// from. A tag may be longer than the function's usual one (chrony does not cut digests in version 3), never shorter;
// the comparison takes constant time. Errors are the engine's.
[[nodiscard]] Result<bool> is_authentic(std::span<const std::byte> bytes, const NtpPacket &packet,
                                        const MacEngine &engine, const MacSpec &mac, std::span<const std::byte> key);

// How far a server's clock is ahead, and how long packets travelled, in seconds (RFC 5905 section 8).
struct ClockReading {
  double offset = 0, delay = 0;
};
// nullopt where the server gave no time. `sent` is when the request left, in Unix nanoseconds, `elapsed` how many more
// it took until the reply was there.
[[nodiscard]] std::optional<ClockReading> read_clock(const NtpPacket &reply, std::int64_t sent, std::uint64_t elapsed);

} // namespace ntpkeygen
