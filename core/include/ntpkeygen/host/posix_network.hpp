// The network of the machine.
#pragma once

#include "ntpkeygen/host/network.hpp"

namespace ntpkeygen {

class PosixNetwork final : public Network {
public:
  [[nodiscard]] Result<std::vector<NetworkAddress>> resolve(const std::string &host, std::uint16_t port,
                                                            const RunControl &control) override;
  [[nodiscard]] Result<std::unique_ptr<DatagramSocket>> connect(const NetworkAddress &address) override;
  [[nodiscard]] std::uint64_t now() override;
};

} // namespace ntpkeygen
