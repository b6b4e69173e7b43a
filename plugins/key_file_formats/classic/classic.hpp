// NTP Classic's keys file: how it is written, and what its ntpd and sntp load from any bytes. The rules are in
// README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::classic {

[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format();
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader();      // ntpd 4.2.8p15
[[nodiscard]] std::unique_ptr<KeyFileReader> make_sntp_reader(); // sntp 4.2.8p15

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  Result<void> added = registrar.add(make_format());
  for (const auto make : {make_reader, make_sntp_reader})
    if (added)
      added = registrar.add(make());
  return added;
}

} // namespace ntpkeygen::plugins::classic
