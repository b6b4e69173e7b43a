// The generating options, typed and checked for what can be checked without any plugin or file.
#pragma once

#include "cli/options.hpp"
#include "ntpkeygen/host/environment.hpp"
#include "ntpkeygen/host/publisher.hpp"
#include "ntpkeygen/sdk/key_file_format.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::cli {

struct GenerateOptions {
  std::string format{};
  std::vector<std::string> types{}; // empty: the format's own recipe
  std::optional<std::uint32_t> count{};
  std::optional<KeyId> first_id{};   // nullopt: after the replaced file's highest
  std::vector<Encoding> encodings{}; // empty: the format's choice
  std::optional<std::uint16_t> bits{};
  std::vector<std::string> sources{};  // [conditioned:]NAME[:ARG]; several: mixed
  std::optional<double> min_entropy{}; // claimed per sample of conditioned noise; nullopt: what the source claims

  std::optional<std::string> host{};
  std::string directory{}; // empty: the current folder
  std::string output{};    // empty: a stamped name; "-": standard output
  bool keep_current = false, replace = false, adopt = false, link = true, sync = true;
  Permissions permissions{};
  bool json = false;

  [[nodiscard]] bool to_stdout() const { return output == "-"; }
};

[[nodiscard]] std::span<const OptionSpec> generate_option_table();

// Errors: invalid_argument, naming the option and what it takes.
[[nodiscard]] Result<GenerateOptions> read_generate_options(const ParsedOptions &parsed, Host &host);

} // namespace ntpkeygen::cli
