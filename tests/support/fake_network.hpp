// A network without a wire: what servers do is a function, and time passes only while somebody waits.
#pragma once

#include "ntpkeygen/host/network.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>

namespace ntpkeygen::test {

class FakeNetwork final : public Network {
public:
  static constexpr std::uint64_t second = 1'000'000'000;

  struct Datagram {
    std::uint64_t at = 0;
    std::vector<std::byte> bytes{};
    int error = 0; // instead of bytes: an ICMP message that says so
  };

  [[nodiscard]] Result<std::vector<NetworkAddress>> resolve(const std::string &host, std::uint16_t port,
                                                            const RunControl &) override {
    const auto found = names.find(host);
    if (found == names.end())
      return failure(ErrorCode::not_found, "the name " + host + " does not resolve");
    std::vector<NetworkAddress> addresses;
    for (const std::string &address : found->second)
      addresses.push_back({address + ":" + std::to_string(port), {}});
    return addresses;
  }
  [[nodiscard]] Result<std::unique_ptr<DatagramSocket>> connect(const NetworkAddress &address) override {
    connected.push_back(address.text);
    return std::make_unique<Socket>(*this);
  }
  [[nodiscard]] std::uint64_t now() override { return time; }

  // Called for each datagram that is sent; what it puts into `arriving` comes in at its time.
  std::function<void(const Datagram &)> server;
  std::map<std::string, std::vector<std::string>> names{{"time1", {"192.0.2.1"}}};
  std::vector<std::string> connected;
  std::vector<Datagram> sent, arriving;
  std::uint64_t time = 5 * second;
  int send_error = 0;           // of every send
  std::vector<std::byte> flood; // if any: comes in every millisecond, deadline or not, as in a real socket

private:
  class Socket final : public DatagramSocket {
  public:
    explicit Socket(FakeNetwork &network) : network_(network) {}
    [[nodiscard]] Result<void> send(std::span<const std::byte> datagram) override {
      if (network_.send_error != 0)
        return failure(failed(network_.send_error));
      network_.sent.push_back({network_.time, {datagram.begin(), datagram.end()}, 0});
      if (network_.server)
        network_.server(Datagram(network_.sent.back()));
      return {};
    }
    [[nodiscard]] Result<std::optional<Arrival>> receive(std::span<std::byte> buffer, std::uint64_t deadline,
                                                         const RunControl &control) override {
      if (control.cancelled())
        return failure(ErrorCode::cancelled, "interrupted");
      if (!network_.flood.empty()) {
        network_.time += second / 1000;
        std::ranges::copy(network_.flood, buffer.begin());
        return Arrival{network_.flood.size(), network_.time};
      }
      const auto next = std::ranges::min_element(network_.arriving, {}, &Datagram::at);
      if (next == network_.arriving.end() || next->at > deadline) {
        network_.time = std::max(network_.time, deadline);
        return std::nullopt;
      }
      const Datagram datagram = std::move(*next);
      network_.arriving.erase(next);
      network_.time = std::max(network_.time, datagram.at);
      if (datagram.error != 0)
        return failure(failed(datagram.error));
      std::ranges::copy_n(datagram.bytes.begin(),
                          static_cast<std::ptrdiff_t>(std::min(buffer.size(), datagram.bytes.size())), buffer.begin());
      return Arrival{datagram.bytes.size(), network_.time};
    }

  private:
    static Error failed(int error) {
      return {error == ECANCELED ? ErrorCode::cancelled : ErrorCode::io, error, ::strerror(error), ""};
    }
    FakeNetwork &network_;
  };
};

} // namespace ntpkeygen::test
