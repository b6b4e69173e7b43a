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
      : name_(name), provider_(value_of(bench_.plugins.random_source(name))) {}
  virtual ~MeasuredSource() = default;
  MeasuredSource(const MeasuredSource &) = delete;
  MeasuredSource &operator=(const MeasuredSource &) = delete;

  Result<void> fill(std::span<std::byte> out) {
    if (!opened_)
      opened_ = open();
    return *opened_ ? (*opened_)->fill(out, bench_.control) : failure(opened_->error());
  }
  Result<void> open_and_draw(std::span<const std::size_t> requests) {
    return bench::open_and_draw(*provider_, "", requests, bench_.control);
  }

protected:
  virtual Result<OpenSource> open() { return OpenSource::open(*provider_, ""); }
  Workbench bench_{};
  std::string name_;

private:
  std::shared_ptr<const RandomSourceProvider> provider_;
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
                 std::span<const std::size_t> requests) {
  benchmark::RegisterBenchmark(name.c_str(), [source, requests](benchmark::State &state) {
    measure_requests(state, 0, [&](std::span<std::byte>) { return source->open_and_draw(requests); });
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
    add_opening("first_byte_" + row.name, source, first_byte);
    add_opening("twenty_keys_" + row.name, source, twenty_keys);
    if (provider->info().nature != SourceNature::os)
      add_requests("watched_" + row.name, std::make_shared<WatchedSource>(row.name));
    has_rdrand = has_rdrand || row.name == "rdrand";
  }
  over_sizes("bare_getrandom", bare_getrandom);
  over_sizes("bare_botan-chacha",
             [generator = std::make_shared<Botan::ChaCha_RNG>(Botan::system_rng())](std::span<std::byte> out) {
               generator->randomize(reinterpret_cast<std::uint8_t *>(out.data()), out.size());
               return Result<void>();
             });
#if defined(__x86_64__)
  if (has_rdrand)
    over_sizes("bare_rdrand", bare_rdrand);
#endif
}

} // namespace ntpkeygen::bench
