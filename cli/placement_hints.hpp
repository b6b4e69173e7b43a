// What this machine will do to a keys file in a system folder: hints for the person who put it there.
#pragma once

#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"

#include <string>
#include <vector>

namespace ntpkeygen::cli {

// A keys file as it was published.
struct Placement {
  std::string folder{};       // as the user gave it
  std::string name{}, link{}; // link empty: none
  std::uint32_t mode = 0;
  std::uint32_t group = 0;
};

[[nodiscard]] std::vector<std::string> placement_hints(const Placement &placement, const FormatInfo &format,
                                                       Host &host);

} // namespace ntpkeygen::cli
