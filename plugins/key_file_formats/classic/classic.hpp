// NTP Classic's keys file: how it is written, and what its ntpd loads from any bytes. The rules are in README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::classic {

[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format();
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader(); // ntpd 4.2.8p15

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_format()).and_then([&] { return registrar.add(make_reader()); });
}

} // namespace ntpkeygen::plugins::classic
