// A daemon's configuration as far as it is about keys: an ntp.conf of NTPsec or NTP Classic, or a chrony.conf, with all
// that it includes.
#pragma once

#include "ntpkeygen/host/file_system.hpp"
#include "ntpkeygen/host/lint.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen {

// One of its files. What is wrong with it as such (an include that is not there, a key id that is none) is found while
// it is read.
struct ConfigFile {
  std::string path{};
  SecretText text{};
  Findings findings{};
};

struct ConfigPlace {
  std::size_t file = 0; // index into DaemonConfig::files
  std::uint32_t offset = 0;
};

// A key id that a directive names.
struct KeyUse {
  ConfigPlace place{};
  KeyId id = 0;
  std::string directive{}; // "server", "controlkey"
};

struct TrustedKeys {
  ConfigPlace place{};
  KeyId first = 0, last = 0;
  std::size_t directive = 0; // which trustedkey line it is of
};

struct KeysFileName {
  ConfigPlace place{};
  std::string path{};   // relative ones begin at /, where services are started
  std::string beside{}; // of a relative one: in the folder of the file that names it; else empty
};

struct DaemonConfig {
  std::string program{};      // "ntpsec", "classic" or "chrony", as in --for
  std::string guessed_from{}; // completes "because ..."; empty: it was given
  std::vector<std::unique_ptr<ConfigFile>> files{};
  std::optional<KeysFileName> keys_file{}; // the last one named
  std::vector<KeyUse> uses{};
  std::vector<TrustedKeys> trusted{}; // ntp.conf only: those that count, in the order of the file
  std::optional<std::string> user{};  // chrony.conf only

  [[nodiscard]] Findings &findings_at(const ConfigPlace &place) { return files[place.file]->findings; }
};

// By the first words of their lines. Neither has to be one of them.
[[nodiscard]] bool looks_like_daemon_config(std::string_view text);
[[nodiscard]] bool looks_like_key_lines(std::string_view text);

// `program`: whose configuration it is; where it is not given, the file's name and its directives tell. Errors: those
// of reading the file itself; unsupported for another program.
[[nodiscard]] Result<DaemonConfig> read_daemon_config(FileSystem &files, const std::string &path,
                                                      const std::optional<std::string> &program, SecretMemory &memory);

} // namespace ntpkeygen
