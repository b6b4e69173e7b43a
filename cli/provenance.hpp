// Where samples come from and where they were assessed, as far as files say so. Nothing of it is checked but the
// digest.
#pragma once

#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/sdk/random_source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ntpkeygen::cli {

using Facts = std::vector<std::pair<std::string, std::string>>; // name and value, neither of them our words

// The description FILE.json that lies beside a recording FILE.
struct Provenance {
  std::string file{};
  Facts facts{}; // nested ones as "outer.inner"
  std::optional<std::string> sha256{}, nature{};
  std::optional<std::uint8_t> sample_bits{}; // 1 to 8
  std::optional<std::uint64_t> restarts{};   // that the samples follow; 0: they are of one run; none: it does not say
  std::string trouble{};                     // why nothing, or not all, is shown or used; empty: there is none
};
// None where there is no such file.
[[nodiscard]] std::optional<Provenance> provenance_of(const std::string &recording, FileSystem &files);

// Kernel and processor, "unknown" where the system does not say.
struct ThisMachine {
  std::string kernel{}, cpu{};
};
[[nodiscard]] ThisMachine this_machine(FileSystem &files);

// As JSON documents have it: "os", "drbg", "hardware", "raw-noise", "replay".
[[nodiscard]] std::string_view nature_name(SourceNature nature);

// What a user is not to conclude from high figures of samples of this nature; empty where nothing is to be said.
[[nodiscard]] std::string caution_about(std::string_view nature_name);

} // namespace ntpkeygen::cli
