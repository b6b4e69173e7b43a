#include "bench/source_measurement.hpp"

#include "bench/source_requests.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>

namespace ntpkeygen::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Cancels what runs when its time is over.
class Deadline final : public RunControl {
public:
  Deadline(Clock::time_point end, const std::function<bool()> &interrupted) : end_(end), interrupted_(interrupted) {}
  [[nodiscard]] bool cancelled() const noexcept override { return Clock::now() >= end_ || interrupted_(); }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view) noexcept override {}
  [[nodiscard]] nanoseconds left() const { return std::max(end_ - Clock::now(), Clock::duration::zero()); }

private:
  Clock::time_point end_;
  const std::function<bool()> &interrupted_;
};

// Takes what Google Benchmark measured, and prints nothing.
class RateReporter final : public benchmark::BenchmarkReporter {
public:
  bool ReportContext(const Context &) override { return true; }
  void ReportRuns(const std::vector<Run> &runs) override {
    for (const Run &run : runs)
      if (const auto rate = run.counters.find("bytes_per_second"); rate != run.counters.end())
        bytes_per_second = rate->second;
  }
  std::optional<double> bytes_per_second{};
};

class Measurer {
public:
  Measurer(const RandomSourceProvider &provider, std::string_view argument, nanoseconds budget,
           const std::function<bool()> &interrupted)
      : provider_(provider), argument_(argument), budget_(budget), interrupted_(interrupted),
        end_(Clock::now() + budget) {}

  SourceMeasurement run() {
    result_.first_byte_ns = time_of_opening(first_byte, budget_ / 20);
    if (!result_.failure.empty())
      return std::move(result_);
    result_.twenty_keys_ns = time_of_opening(twenty_keys, budget_ / 20);
    auto opened = OpenSource::open(provider_, argument_);
    if (!opened) {
      result_.failure = opened.error().message;
      return std::move(result_);
    }
    for (const std::size_t size : latency_requests)
      result_.latency.push_back(latency_of(*opened, size, budget_ / 10));
    for (std::size_t i = 0; i < throughput_requests.size(); ++i) {
      const auto share = std::max(end_ - Clock::now(), Clock::duration::zero()) / (throughput_requests.size() - i);
      result_.throughput.push_back(throughput_of(*opened, throughput_requests[i], share));
    }
    result_.stats = opened->stats();
    return std::move(result_);
  }

private:
  // Nothing once the source has failed in earnest; that is told.
  void note(const Error &error) {
    if (error.code != ErrorCode::cancelled && result_.failure.empty())
      result_.failure = error.message;
  }

  // The median of some openings with these requests behind each.
  std::optional<std::uint64_t> time_of_opening(std::span<const std::size_t> requests, nanoseconds share) {
    constexpr std::size_t most = 51;
    Deadline control(std::min(Clock::now() + share, end_), interrupted_);
    std::vector<std::uint64_t> times;
    while (times.size() < most && (times.empty() || !control.cancelled())) {
      const auto begin = Clock::now();
      if (Result<void> drawn = open_and_draw(provider_, argument_, requests, control); !drawn) {
        note(drawn.error());
        break;
      }
      times.push_back(static_cast<std::uint64_t>(nanoseconds(Clock::now() - begin).count()));
    }
    if (times.empty())
      return std::nullopt;
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return times[times.size() / 2];
  }

  Latency latency_of(OpenSource &source, std::size_t size, nanoseconds share) {
    constexpr std::uint64_t most = 1'000'000;
    Deadline control(std::min(Clock::now() + share, end_), interrupted_);
    std::array<std::byte, 32> out{};
    auto histogram = std::make_unique<LatencyHistogram>();
    while (result_.failure.empty() && histogram->count() < most && !control.cancelled())
      if (Result<void> drawn = timed(*histogram, [&] { return source.fill(std::span(out).first(size), control); });
          !drawn) {
        note(drawn.error());
        break;
      }
    if (histogram->count() > 0)
      ns_per_byte_ = static_cast<double>(histogram->quantile(0.5)) / static_cast<double>(size);
    return {size, histogram->count(), histogram->quantile(0.5), histogram->quantile(0.99), histogram->longest()};
  }

  Throughput throughput_of(OpenSource &source, std::size_t size, nanoseconds share) {
    Throughput measured{size, std::nullopt};
    const auto available = static_cast<double>(share.count());
    // Google Benchmark runs a request once to begin with, and then ever more of them, for up to two and a half times as
    // long as it was asked to measure.
    const double expected = ns_per_byte_ * static_cast<double>(size);
    if (!result_.failure.empty() || available <= 0 || ns_per_byte_ <= 0 || 3 * expected > available)
      return measured;
    Deadline control(end_, interrupted_);
    bool complete = true;
    benchmark::RegisterBenchmark("fill",
                                 [&](benchmark::State &state) {
                                   measure_requests(state, size, [&](std::span<std::byte> out) {
                                     Result<void> drawn = source.fill(out, control);
                                     if (!drawn) {
                                       note(drawn.error());
                                       complete = false;
                                     }
                                     return drawn;
                                   });
                                 })
        ->UseRealTime()
        ->MinTime(std::max(available / 2.5e9, 0.0001));
    RateReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter, "all");
    benchmark::ClearRegisteredBenchmarks();
    if (complete && reporter.bytes_per_second) {
      measured.bytes_per_second = reporter.bytes_per_second;
      ns_per_byte_ = 1e9 / *reporter.bytes_per_second;
    }
    return measured;
  }

  const RandomSourceProvider &provider_;
  std::string argument_;
  nanoseconds budget_;
  const std::function<bool()> &interrupted_;
  Clock::time_point end_;
  double ns_per_byte_ = 0; // of the last requests that were measured; 0: of none
  SourceMeasurement result_{};
};

} // namespace

SourceMeasurement measure(const RandomSourceProvider &provider, std::string_view argument, nanoseconds budget,
                          const std::function<bool()> &interrupted) {
  return Measurer(provider, argument, budget, interrupted).run();
}

} // namespace ntpkeygen::bench
