#include "bench/source_measurement.hpp"

#include "bench/source_requests.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <utility>

namespace ntpkeygen::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Cancels what runs when its time is over.
class Deadline final : public RunControl {
public:
  Deadline(Clock::time_point end, Signals &signals) : end_(end), signals_(signals) {}
  // Asked within what is timed, where reading the clock could take as long as all the rest.
  [[nodiscard]] bool cancelled() const noexcept override {
    if (signals_.tick == 0)
      return is_over_;
    signals_.tick = 0;
    return is_over();
  }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view) noexcept override {}
  [[nodiscard]] bool is_over() const noexcept {
    is_over_ = is_over_ || signals_.interrupted != 0 || Clock::now() >= end_;
    return is_over_;
  }

private:
  Clock::time_point end_;
  Signals &signals_;
  mutable bool is_over_ = false;
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
  Measurer(const Openings &source, nanoseconds budget, Signals &signals)
      : source_(source), budget_(budget), signals_(signals), end_(Clock::now() + budget) {}

  SourceMeasurement run() {
    result_.first_byte_ns = time_of_opening(source_.as_it_is, first_byte, budget_ / 20);
    if (!result_.failure.empty())
      return std::move(result_);
    result_.twenty_keys_ns = time_of_opening(source_.for_keys, twenty_keys, budget_ / 4); // noise takes its time
    // Noise that no keys can be made of is measured all the same.
    const std::string failure_of_keys = std::exchange(result_.failure, {});
    measure_requests_of_sizes();
    if (result_.failure.empty())
      result_.failure = failure_of_keys;
    return std::move(result_);
  }

private:
  void measure_requests_of_sizes() {
    auto opened = source_.as_it_is();
    if (!opened)
      return note(opened.error());
    for (const std::size_t size : latency_requests)
      result_.latency.push_back(latency_of(*opened, size, budget_ / 10));
    for (std::size_t i = 0; i < throughput_requests.size(); ++i) {
      const auto share = std::max(end_ - Clock::now(), Clock::duration::zero()) / (throughput_requests.size() - i);
      result_.throughput.push_back(throughput_of(*opened, throughput_requests[i], share));
    }
    result_.stats = opened->stats();
  }

  // What ended a request, if it was not its time.
  void note(const Error &error) {
    if (error.code != ErrorCode::cancelled && result_.failure.empty())
      result_.failure = error.message;
  }

  // The median of some openings with these requests behind each.
  std::optional<std::uint64_t> time_of_opening(const std::function<Result<OpenSource>()> &open,
                                               std::span<const std::size_t> requests, nanoseconds share) {
    constexpr std::size_t most = 51;
    Deadline control(std::min(Clock::now() + share, end_), signals_);
    std::vector<std::uint64_t> times;
    while (times.size() < most && (times.empty() || !control.is_over())) {
      const auto begin = Clock::now();
      if (Result<void> drawn = open_and_draw(open, requests, control); !drawn) {
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
    Deadline control(std::min(Clock::now() + share, end_), signals_);
    std::array<std::byte, 32> out{};
    auto histogram = std::make_unique<LatencyHistogram>();
    while (result_.failure.empty() && histogram->count() < most && !control.is_over())
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
    Deadline control(end_, signals_);
    if (!result_.failure.empty() || control.is_over() || ns_per_byte_ <= 0 || 3 * expected > available)
      return measured;
    bool complete = true;
    std::uint64_t requests = 0; // that were answered, and how long they and a last one took
    nanoseconds took{};
    benchmark::RegisterBenchmark("fill",
                                 [&](benchmark::State &state) {
                                   const auto begin = Clock::now();
                                   measure_requests(state, size, [&](std::span<std::byte> out) {
                                     Result<void> drawn = source.fill(out, control);
                                     if (drawn) {
                                       ++requests;
                                     } else {
                                       note(drawn.error());
                                       complete = false;
                                     }
                                     return drawn;
                                   });
                                   took += Clock::now() - begin;
                                 })
        ->UseRealTime()
        ->MinTime(std::max(available / 2.5e9, 0.0001));
    RateReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter, "all");
    benchmark::ClearRegisteredBenchmarks();
    constexpr std::uint64_t enough = 20; // then the one that was cut short makes the rate too low by 5 % at most
    if (complete)
      measured.bytes_per_second = reporter.bytes_per_second;
    else if (result_.failure.empty() && requests >= enough)
      measured.bytes_per_second = 1e9 * static_cast<double>(requests * size) / static_cast<double>(took.count());
    if (measured.bytes_per_second)
      ns_per_byte_ = 1e9 / *measured.bytes_per_second;
    return measured;
  }

  const Openings &source_;
  nanoseconds budget_;
  Signals &signals_;
  Clock::time_point end_;
  double ns_per_byte_ = 0; // of the last requests that were measured; 0: of none
  SourceMeasurement result_{};
};

} // namespace

SourceMeasurement measure(const Openings &source, std::chrono::nanoseconds budget, Signals &signals) {
  return Measurer(source, budget, signals).run();
}

} // namespace ntpkeygen::bench
