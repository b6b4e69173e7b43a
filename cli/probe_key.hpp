// Which key `ntpkeygen probe` asks with: what a keys file says under an id, to the program whose file it is and to
// others.
#pragma once

#include "cli/implementations.hpp"
#include "ntpkeygen/host/probe.hpp"

namespace ntpkeygen::cli {

// Packets of version 3 and 4 carry digests of different lengths.
struct KeyQuestion {
  std::string path{};
  KeyId id = 0;
  std::optional<std::string> format{};
  std::uint8_t ntp_version = 4;
  bool others = false; // those of other implementations are wanted, too
};

// A key that other implementations take from the file, and the first of them.
struct OtherReading {
  std::size_t program = 0;
  std::string names{}; // all of them: "chrony and sntp"
};

struct KeyChoice {
  SecretText file{};
  std::shared_ptr<const KeyFileReader> reader{}; // whose file it is
  std::vector<std::string> products{};           // it, and others that fit and take the same key
  Implementations programs{};
  std::vector<ProgramView> views{}; // of reader, then of `programs` behind it
  std::uint32_t line = 0;
  ProbeKey key{};
  std::vector<ProbeKey> others{};         // at most four, none under 80 bits
  std::vector<OtherReading> read_by{};    // of each of them
  std::size_t too_weak = 0, too_many = 0; // that are not among them
};

// Errors: those of reading the file; not_found, where the program loads no key of this id; unsupported, where nobody
// can know its bytes; invalid_argument, where it depends on the program and none is named.
[[nodiscard]] Result<KeyChoice> choose_key(const KeyQuestion &question, const MacEngine &engine,
                                           const Invocation &call);

// How the server reads the line, and how the program whose file it is: "chrony takes 40 text characters where ...".
[[nodiscard]] std::string difference(const KeyChoice &choice, std::size_t other);

} // namespace ntpkeygen::cli
