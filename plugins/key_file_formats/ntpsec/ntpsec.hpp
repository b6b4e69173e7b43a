// NTPsec's keys file: how it is written, and what NTPsec's ntpd and ntpdig load from any bytes. The rules are in
// README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::ntpsec {

[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format();
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader();        // ntpd 1.2.2
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader_1_2_5();  // ntpd 1.2.5
[[nodiscard]] std::unique_ptr<KeyFileReader> make_ntpdig_reader(); // ntpdig 1.2.2

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  Result<void> added = registrar.add(make_format());
  for (const auto make : {make_reader, make_reader_1_2_5, make_ntpdig_reader})
    if (added)
      added = registrar.add(make());
  return added;
}

} // namespace ntpkeygen::plugins::ntpsec
