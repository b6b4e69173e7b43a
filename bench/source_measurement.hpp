// What a random source gives, and how fast: measured within a time that is given.
#pragma once

#include "bench/open_source.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::bench {

inline constexpr std::array<std::size_t, 6> throughput_requests{16, 32, 256, 4096, 65536, 1048576}; // bytes
inline constexpr std::array<std::size_t, 2> latency_requests{16, 32};

struct Throughput {
  std::size_t request_bytes = 0;
  std::optional<double> bytes_per_second{}; // none: there was no time for it
};
struct Latency {
  std::size_t request_bytes = 0;
  std::uint64_t requests = 0, p50_ns = 0, p99_ns = 0, max_ns = 0; // 0 requests: there was no time for one
};
struct SourceMeasurement {
  std::optional<std::uint64_t> first_byte_ns{}; // opening the source and drawing a byte
  // Opening it as keys are made of it, and drawing what 20 keys of AES-128 take: 256 bytes and 160.
  std::optional<std::uint64_t> twenty_keys_ns{};
  std::vector<Throughput> throughput{};
  std::vector<Latency> latency{};
  SourceStats stats{};
  std::string failure{}; // what ended the measurement early, in the source's words
};

// Set by signals, which the caller arranges: `tick` every now and then, `interrupted` once, with `tick`.
struct Signals {
  volatile std::sig_atomic_t tick = 0, interrupted = 0;
};

// Raw noise counts a byte for each sample. `budget` is for the whole of it, and is kept as far as a single request
// allows. What is timed looks at the clock only after a tick; a source that waits has to be woken by it (no
// SA_RESTART). An interruption ends it.
[[nodiscard]] SourceMeasurement measure(const Openings &source, std::chrono::nanoseconds budget, Signals &signals);

} // namespace ntpkeygen::bench
