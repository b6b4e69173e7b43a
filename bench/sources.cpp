// Random sources as their plugins give bytes, by request size, and what single requests and openings take; the same
// requests in a bare loop, to see what a plugin adds; and what watching a source adds. Every source that is there and
// needs no argument shows up by itself, a third party's too. What is measured is what `ntpkeygen entropy bench`
// measures.
#include "bench/source_measurement.hpp"
#include "bench/source_requests.hpp"
#include "workbench.hpp"

#include "ntpkeygen/host/random/tested_noise.hpp"

#include <botan/chacha_rng.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <sys/syscall.h>
#include <unistd.h>

namespace ntpkeygen::bench {
namespace {

// `draw(out)` for each size.
template <class Draw> void over_sizes(const std::string &name, Draw draw) {
  auto *measured = benchmark::RegisterBenchmark(name.c_str(), [draw](benchmark::State &state) {
    measure_requests(state, static_cast<std::size_t>(state.range(0)), draw);
  });
  for (const std::size_t size : throughput_requests)
    measured->Arg(static_cast<std::int64_t>(size));
}

// A source that is opened when it is measured first: one that fails then spoils no other's figures.
class MeasuredSource {
public:
  explicit MeasuredSource(const std::string &name)
      : name_(name), openings_(value_of(find_source(name, bench_.plugins, bench_.memory))) {}
  virtual ~MeasuredSource() = default;
  MeasuredSource(const MeasuredSource &) = delete;
  MeasuredSource &operator=(const MeasuredSource &) = delete;

  Result<void> fill(std::span<std::byte> out) {
    if (!opened_)
      opened_ = open();
    return *opened_ ? (*opened_)->fill(out, bench_.control) : failure(opened_->error());
  }
  Result<void> draw_first_byte() { return open_and_draw(openings_.as_it_is, first_byte, bench_.control); }
  Result<void> draw_twenty_keys() { return open_and_draw(openings_.for_keys, twenty_keys, bench_.control); }

protected:
  virtual Result<OpenSource> open() { return openings_.as_it_is(); }
  Workbench bench_{};
  std::string name_;

private:
  Openings openings_;
  std::optional<Result<OpenSource>> opened_{};
};

// As keys are made of it: under the health tests if it is raw noise, else under the stuck check.
class WatchedSource final : public MeasuredSource {
public:
  using MeasuredSource::MeasuredSource;

private:
  Result<OpenSource> open() override {
    auto opened = MeasuredSource::open();
    if (!opened)
      return opened;
    if (opened->noise == nullptr) {
      opened->source = std::make_unique<StuckCheckedSource>(std::move(opened->source), name_, bench_.memory);
      return opened;
    }
    const auto cutoffs = health_cutoffs(opened->noise->claimed_min_entropy(), opened->noise->sample_bits());
    if (!cutoffs)
      return failure(cutoffs.error());
    opened->noise = std::make_unique<TestedNoise>(std::move(opened->noise), *cutoffs, name_);
    return opened;
  }
};

void add_requests(const std::string &name, const std::shared_ptr<MeasuredSource> &source) {
  over_sizes(name, [source](std::span<std::byte> out) { return source->fill(out); });
}

void add_latency(const std::string &name, const std::shared_ptr<MeasuredSource> &source) {
  auto *measured = benchmark::RegisterBenchmark(name.c_str(), [source](benchmark::State &state) {
    const auto histogram = std::make_unique<LatencyHistogram>();
    measure_requests(state, static_cast<std::size_t>(state.range(0)),
                     [&](std::span<std::byte> out) { return timed(*histogram, [&] { return source->fill(out); }); });
    state.counters["p50_ns"] = static_cast<double>(histogram->quantile(0.5));
    state.counters["p99_ns"] = static_cast<double>(histogram->quantile(0.99));
    state.counters["max_ns"] = static_cast<double>(histogram->longest());
  });
  for (const std::size_t size : latency_requests)
    measured->Arg(static_cast<std::int64_t>(size));
}

void add_opening(const std::string &name, const std::shared_ptr<MeasuredSource> &source,
                 Result<void> (MeasuredSource::*draw)()) {
  benchmark::RegisterBenchmark(name.c_str(), [source, draw](benchmark::State &state) {
    measure_requests(state, 0, [&](std::span<std::byte>) { return (*source.*draw)(); });
  });
}

Result<void> bare_getrandom(std::span<std::byte> out) {
  while (!out.empty()) {
    const long got = ::syscall(SYS_getrandom, out.data(), out.size(), 0);
    if (got <= 0)
      return failure(ErrorCode::io, "getrandom failed");
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

// What a plugin adds to the call that it makes, in pairs: so many calls of the one, so many of the other, in an order
// that changes. Of the differences between the two of a pair, what else the machine does is gone in the median.
template <class Bare>
void add_pairs(const std::string &name, const std::shared_ptr<MeasuredSource> &source, const Bare &bare) {
  auto *measured = benchmark::RegisterBenchmark(name.c_str(), [source, bare](benchmark::State &state) {
    constexpr std::size_t pairs = 101;
    std::vector<std::byte> out(static_cast<std::size_t>(state.range(0)));
    const std::size_t calls = std::max<std::size_t>(1'000'000 / (out.size() + 256), 1);
    const auto time_of = [&](auto &&draw) { // ns a call
      const auto begin = std::chrono::steady_clock::now();
      for (std::size_t i = 0; i < calls; ++i)
        if (const Result<void> drawn = draw(std::span(out)); !drawn)
          state.SkipWithError(drawn.error().message.c_str());
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
      return took.count() / static_cast<double>(calls);
    };
    const auto plugin = [&](std::span<std::byte> bytes) { return source->fill(bytes); };
    std::vector<double> bare_ns(pairs), difference_ns(pairs);
    for ([[maybe_unused]] auto each : state)
      for (std::size_t i = 0; i < pairs; ++i) {
        const double early = i % 2 == 0 ? time_of(bare) : time_of(plugin);
        const double late = i % 2 == 0 ? time_of(plugin) : time_of(bare);
        bare_ns[i] = i % 2 == 0 ? early : late;
        difference_ns[i] = i % 2 == 0 ? late - early : early - late;
      }
    const auto median = [](std::vector<double> &values) {
      const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
      std::ranges::nth_element(values, middle);
      return *middle;
    };
    state.counters["bare_ns"] = median(bare_ns);
    state.counters["difference_ns"] = median(difference_ns);
    state.counters["difference_%"] = 100 * median(difference_ns) / median(bare_ns);
  });
  measured->Arg(16)->Arg(4096)->Iterations(1);
}

#if defined(__x86_64__)
Result<void> bare_rdrand(std::span<std::byte> out) {
  for (; out.size() >= sizeof(unsigned long); out = out.subspan(sizeof(unsigned long))) {
    unsigned long word = 0;
    bool good = false;
    do
      asm volatile("rdrand %0" : "=r"(word), "=@ccc"(good));
    while (!good);
    __builtin_memcpy(out.data(), &word, sizeof word);
  }
  return {};
}
#endif

} // namespace

void add_source_benchmarks(const PluginInventory &inventory) {
  bool has_rdrand = false;
  for (const PluginRow &row : inventory.plugins) {
    if (row.kind != PluginKind::random_source || !row.available)
      continue;
    Workbench bench;
    const auto provider = value_of(bench.plugins.random_source(row.name));
    if (provider->info().argument_required)
      continue;
    // A throttled device would hold up all others.
    if (row.name == "hwrng" || !provider->available(""))
      continue;
    const auto source = std::make_shared<MeasuredSource>(row.name);
    add_requests("fill_" + row.name, source);
    add_latency("latency_" + row.name, source);
    add_opening("first_byte_" + row.name, source, &MeasuredSource::draw_first_byte);
    add_opening("twenty_keys_" + row.name, source, &MeasuredSource::draw_twenty_keys);
    if (provider->info().nature != SourceNature::os)
      add_requests("watched_" + row.name, std::make_shared<WatchedSource>(row.name));
    has_rdrand = has_rdrand || row.name == "rdrand";
  }
  const auto add_bare = [](const char *call, const char *plugin, const auto &bare) {
    over_sizes(std::string("bare_") + call, bare);
    add_pairs(std::string("pairs_") + plugin, std::make_shared<MeasuredSource>(plugin), bare);
  };
  add_bare("getrandom", "system", bare_getrandom);
  add_bare("botan-chacha", "botan-chacha",
           [generator = std::make_shared<Botan::ChaCha_RNG>(Botan::system_rng())](std::span<std::byte> out) {
             generator->randomize(reinterpret_cast<std::uint8_t *>(out.data()), out.size());
             return Result<void>();
           });
#if defined(__x86_64__)
  if (has_rdrand)
    add_bare("rdrand", "rdrand", bare_rdrand);
#endif
}

} // namespace ntpkeygen::bench
