// chrony's key file: how it is written, and what chronyd loads from any bytes. The rules are in README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::chrony {

[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format();
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader(); // chronyd 4.3

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_format()).and_then([&] { return registrar.add(make_reader()); });
}

} // namespace ntpkeygen::plugins::chrony
