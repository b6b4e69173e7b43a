// The one seam to the network: a name becomes addresses, an address a socket for datagrams. Tests put a scripted one in
// its place, whose time passes only while somebody waits.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

struct NetworkAddress {
  std::string text{};             // "192.0.2.1:123", "[2001:db8::1]:123": for messages
  std::vector<std::byte> bytes{}; // for the Network that made it
};

// What has come in: how long it was, though perhaps not all of it fitted, and when, by Network::now.
struct Arrival {
  std::size_t size = 0;
  std::uint64_t at = 0;
};

// Talks to one address, and hears nobody else. Errors carry errno; those of ICMP messages (ECONNREFUSED, EHOSTUNREACH)
// can come from any call, and can be forged: the socket goes on working after them.
class DatagramSocket {
public:
  virtual ~DatagramSocket() = default;
  [[nodiscard]] virtual Result<void> send(std::span<const std::byte> datagram) = 0;
  // Waits for a datagram until a point in time by Network::now; nullopt: none came. cancelled: the user interrupted it.
  [[nodiscard]] virtual Result<std::optional<Arrival>> receive(std::span<std::byte> buffer, std::uint64_t deadline,
                                                               const RunControl &control) = 0;
};

class Network {
public:
  virtual ~Network() = default;
  // A name or a numeric address of either family; at least one address, the preferred one first. Errors: not_found,
  // unavailable (no name server answers), cancelled.
  [[nodiscard]] virtual Result<std::vector<NetworkAddress>> resolve(const std::string &host, std::uint16_t port,
                                                                    const RunControl &control) = 0;
  // Sends nothing. Errors: io, where there is no way to the address.
  [[nodiscard]] virtual Result<std::unique_ptr<DatagramSocket>> connect(const NetworkAddress &address) = 0;
  // Nanoseconds since some moment, which no clock setting changes.
  [[nodiscard]] virtual std::uint64_t now() = 0;
};

} // namespace ntpkeygen
