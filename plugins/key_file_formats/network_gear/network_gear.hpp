// Configuration commands that give keys to network gear: cisco-ios, cisco-ios-xe, junos and arista-eos. They are
// written and never read; where their rules come from is in README.md.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>
#include <vector>

namespace ntpkeygen::plugins::network_gear {

// One for each operating system.
[[nodiscard]] std::vector<std::unique_ptr<KeyFileFormat>> make_formats();

[[nodiscard]] inline Result<void> enroll(Registrar &registrar) {
  for (std::unique_ptr<KeyFileFormat> &format : make_formats())
    if (Result<void> added = registrar.add(std::move(format)); !added)
      return added;
  return {};
}

} // namespace ntpkeygen::plugins::network_gear
