// The keys file of busybox ntpd: how it is written, and what that ntpd loads from any bytes. The rules are in
// README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>

namespace ntpkeygen::plugins::busybox {

[[nodiscard]] std::unique_ptr<KeyFileFormat> make_format();
[[nodiscard]] std::unique_ptr<KeyFileReader> make_reader(); // ntpd of busybox 1.35

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_format()).and_then([&] { return registrar.add(make_reader()); });
}

} // namespace ntpkeygen::plugins::busybox
