// What one program, in one version, really loads from a keys file.
//
// A reader answers for the whole file, because line buffers, stops, rejections, duplicates and padding make one line's
// meaning depend on the others. It imitates its program, mistakes included; it does not judge.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/key_file.hpp"
#include "ntpkeygen/sdk/mac_engine.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

enum class FileOutcome : std::uint8_t {
  loaded,        // read to its end
  stopped_early, // what stood before a certain line was loaded, the rest silently not
  rejected,      // the program runs on, without any key of this file
  exits          // the program ends, or never starts
};

enum class Certainty : std::uint8_t {
  certain,
  one_of,       // several readings with this id, and one of them is in use; which one is not to be known from here
  indeterminate // a key is loaded whose bytes no one can know; `bytes` has its length and nothing else
};

// One key that is loaded.
struct Reading {
  KeyId id = 0;
  std::uint8_t mac = 0; // index into Interpretation::macs
  Certainty certainty{};
  Extent origin{}; // the line in the file, line end excluded
  Extent bytes{};  // into Interpretation::store; its size is the key's length for every certainty
};

// A line that a person would take to define a key, and that defines none.
struct Refusal {
  std::optional<KeyId> id{}; // where the line names one
  Extent origin{};
  std::string rule{}; // short, kebab-case, stable
  std::string reason{};
};

struct Interpretation {
  FileOutcome outcome{};
  std::optional<Extent> decided_by{}; // the line that made the outcome what it is
  std::string reason{};               // one sentence; empty when loaded
  SecretBytes store{};
  std::vector<MacSpec> macs{};
  std::vector<Reading> readings{}; // ascending by id; no id twice but for one_of; empty when rejected or exits
  std::vector<Refusal> refusals{}; // in file order
};

struct ReaderInfo {
  std::string name{};                             // as in --for: "ntpsec", "ntpsec@1.2.5"
  std::string product{};                          // "NTPsec ntpd"
  std::string version{};                          // the version whose behaviour this is
  std::string format{};                           // the format that this program's files are in
  bool client = false;                            // a one-shot client, not a daemon
  bool sends_unauthenticated_without_key = false; // asked for a key it lacks, it sends a plain request
  bool whole_digests_in_version_3 = false;        // digests over 20 bytes are cut in NTP version 4 only
};

class KeyFileReader {
public:
  virtual ~KeyFileReader() = default;
  [[nodiscard]] virtual const ReaderInfo &info() const noexcept = 0;
  // Takes any bytes; an error is out of memory or a fault, never the content.
  [[nodiscard]] virtual Result<Interpretation> interpret(std::span<const std::byte> file,
                                                         SecretMemory &memory) const noexcept = 0;
};

} // namespace ntpkeygen
