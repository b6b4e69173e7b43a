// How random sources are measured, written once: for the helper entropy-bench, which has so many seconds, and for
// ntpkeygen_bench, which has Google Benchmark's options.
#pragma once

#include "bench/latency_histogram.hpp"
#include "bench/open_source.hpp"

#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <span>
#include <vector>

namespace ntpkeygen::bench {

// What is drawn behind an opening: the first byte, and 20 keys of AES-128, ten of them printable characters.
inline constexpr std::array<std::size_t, 1> first_byte{1};
inline constexpr std::array<std::size_t, 2> twenty_keys{256, 160};

[[nodiscard]] inline Result<void> open_and_draw(const std::function<Result<OpenSource>()> &open,
                                                std::span<const std::size_t> requests, RunControl &control) {
  std::array<std::byte, std::ranges::max(twenty_keys)> out; // not cleared: only time is looked at
  const auto opened = open();
  Result<void> drawn = opened ? Result<void>() : failure(opened.error());
  for (std::size_t i = 0; i < requests.size() && drawn; ++i)
    drawn = opened->fill(std::span(out).first(requests[i]), control);
  return drawn;
}

// `draw()`, and how long it took if it succeeded.
template <class Draw> Result<void> timed(LatencyHistogram &histogram, Draw &&draw) {
  const auto begin = std::chrono::steady_clock::now();
  Result<void> drawn = draw();
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
  if (drawn)
    histogram.add(static_cast<std::uint64_t>(took.count()));
  return drawn;
}

// Requests of one size, as many as Google Benchmark wants; `draw(out)`, of the size given, may end it with an error.
template <class Draw> void measure_requests(benchmark::State &state, std::size_t size, Draw &&draw) {
  std::vector<std::byte> out(size);
  for ([[maybe_unused]] auto each : state) {
    if (const Result<void> drawn = draw(std::span(out)); !drawn) {
      state.SkipWithError(drawn.error().message.c_str());
      break;
    }
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  if (size != 0)
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(size));
}

} // namespace ntpkeygen::bench
