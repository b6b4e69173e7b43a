// A daemon's configuration joined with the keys that the daemon loads.
#pragma once

#include "cli/key_file_check.hpp"
#include "ntpkeygen/host/daemon_config.hpp"

namespace ntpkeygen::cli {

struct CheckedConfig {
  DaemonConfig config{};
  std::optional<CheckedKeys> keys{}; // of the file named there; none: it could not be found
  std::string keys_path{};
  bool stands_in = false; // it is another file than the one named
};

// `given`: keys files of the command line; the first stands in for the one named in the configuration if that is not on
// this machine. Errors: those of reading the configuration, of reading the keys file other than not_found, and of
// plugins.
[[nodiscard]] Result<CheckedConfig> check_config(const std::string &path, const std::vector<std::string> &given,
                                                 const Implementations &programs, const Invocation &call);

} // namespace ntpkeygen::cli
