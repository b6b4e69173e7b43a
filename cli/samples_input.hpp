// Samples to be assessed: out of a recording, one symbol a byte, or drawn from a random source.
#pragma once

#include "cli/messages.hpp"
#include "cli/provenance.hpp"
#include "cli/source_alarms.hpp"

#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::cli {

// How long it took to draw samples from a source, request after request.
struct DrawTimes {
  std::size_t samples_of_a_request = 0;
  double first = 0; // seconds from before the source was opened to the end of the first request
  double all = 0;   // of all requests, in seconds
  std::vector<double> requests{};
};

struct SamplesInput {
  std::string name{}; // the file or the source, as it was typed
  bool from_source = false;
  std::vector<std::uint8_t> samples{};    // empty once nobody needs them any more
  std::uint64_t count = 0;                // of samples
  std::uint8_t bits = 8;                  // of a sample
  std::optional<std::string> sha256{};    // once it has been asked for; none without a digest
  std::optional<DrawTimes> times{};       // of a source
  std::optional<Provenance> provenance{}; // of a recording
  SourceAlarms alarms{};                  // of a source

  // Whether the description is one of other samples, and the sentence that says so; empty where it is not.
  [[nodiscard]] bool digest_differs() const {
    return sha256 && provenance && provenance->sha256 && *sha256 != *provenance->sha256;
  }
  [[nodiscard]] std::string digest_warning() const;
};

// As many as SP 800-90B section 3.1.1 asks for.
inline constexpr std::uint64_t samples_to_draw = 1'000'000;

// Whether read_samples() finds a file or a random source of this name.
[[nodiscard]] Result<void> find_samples(const std::string &name, Environment &environment);

// A file, where there is one of this name, else a random source NAME[:ARG], of which `count` samples are drawn.
// `control` shows progress and can end it. Samples are as wide as was asked for; else as the source or the recording's
// description says; else as the largest one needs.
[[nodiscard]] Result<SamplesInput> read_samples(const std::string &name, std::optional<std::uint8_t> bits,
                                                std::uint64_t count, Environment &environment, RunControl &control);

// The same of a file only.
[[nodiscard]] Result<SamplesInput> read_recording(const std::string &path, std::optional<std::uint8_t> bits,
                                                  Environment &environment, const RunControl &control);

// The samples' SHA-256, none without a plugin that has it, or once `control` is cancelled. With several threads, one of
// them computes it beside what the caller does next; until it is taken, the caller opens no plugin, and the samples
// have to live.
[[nodiscard]] std::future<std::optional<std::string>> sha256_of(const SamplesInput &input, unsigned threads,
                                                                Environment &environment, const RunControl &control);

} // namespace ntpkeygen::cli
