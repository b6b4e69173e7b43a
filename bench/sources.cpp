// Random sources by request size, as their plugins give bytes; the same calls in a bare loop, to see what a plugin
// adds; and what watching a source adds. Every source that is there and needs no argument shows up by itself, a third
// party's too.
#include "workbench.hpp"

#include "ntpkeygen/host/random/tested_noise.hpp"

#include <botan/chacha_rng.h>
#include <botan/system_rng.h>

#include <memory>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace ntpkeygen::bench {
namespace {

constexpr std::array<std::int64_t, 6> request_sizes{16, 32, 256, 4096, 65536, 1048576};

// `draw(out)` for each size: false stops with an error.
template <class Draw> void over_sizes(const std::string &name, Draw draw) {
  auto *measured = benchmark::RegisterBenchmark(name.c_str(), [draw](benchmark::State &state) {
    std::vector<std::byte> out(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] auto each : state) {
      if (!draw(std::span(out))) {
        state.SkipWithError("the source failed");
        break;
      }
      benchmark::DoNotOptimize(out.data());
      benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
  });
  for (const std::int64_t size : request_sizes)
    measured->Arg(size);
}

struct OpenSource {
  Workbench bench{};
  std::shared_ptr<const RandomSourceProvider> provider{};
  std::unique_ptr<RandomSource> source{};
  std::unique_ptr<NoiseSource> noise{};
};

std::shared_ptr<OpenSource> open_source(const std::string &name) {
  auto opened = std::make_shared<OpenSource>();
  opened->provider = value_of(opened->bench.plugins.random_source(name));
  if (opened->provider->info().nature == SourceNature::raw_noise)
    opened->noise = value_of(opened->provider->open_noise(""));
  else
    opened->source = value_of(opened->provider->open(""));
  return opened;
}

void measure(const std::string &name, const std::shared_ptr<OpenSource> &opened) {
  over_sizes(name, [opened](std::span<std::byte> out) {
    if (opened->noise == nullptr)
      return opened->source->fill(out, opened->bench.control).has_value();
    return opened->noise->sample({reinterpret_cast<std::uint8_t *>(out.data()), out.size()}, opened->bench.control)
        .has_value();
  });
}

void add_source(const std::string &name) {
  measure("fill_" + name, open_source(name));
}

void add_watched(const std::string &name) {
  auto opened = open_source(name);
  if (opened->noise != nullptr) {
    const HealthCutoffs cutoffs =
        value_of(health_cutoffs(opened->noise->claimed_min_entropy(), opened->noise->sample_bits()));
    opened->noise = std::make_unique<TestedNoise>(std::move(opened->noise), cutoffs, name);
  } else {
    opened->source = std::make_unique<StuckCheckedSource>(std::move(opened->source), name, opened->bench.memory);
  }
  measure("watched_" + name, opened);
}

bool bare_getrandom(std::span<std::byte> out) {
  while (!out.empty()) {
    const long got = ::syscall(SYS_getrandom, out.data(), out.size(), 0);
    if (got <= 0)
      return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

#if defined(__x86_64__)
bool bare_rdrand(std::span<std::byte> out) {
  for (; out.size() >= sizeof(unsigned long); out = out.subspan(sizeof(unsigned long))) {
    unsigned long word = 0;
    bool good = false;
    do
      asm volatile("rdrand %0" : "=r"(word), "=@ccc"(good));
    while (!good);
    __builtin_memcpy(out.data(), &word, sizeof word);
  }
  return true;
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
    add_source(row.name);
    if (provider->info().nature != SourceNature::os)
      add_watched(row.name);
    has_rdrand = has_rdrand || row.name == "rdrand";
  }
  over_sizes("bare_getrandom", bare_getrandom);
  over_sizes("bare_botan-chacha",
             [generator = std::make_shared<Botan::ChaCha_RNG>(Botan::system_rng())](std::span<std::byte> out) {
               generator->randomize(reinterpret_cast<std::uint8_t *>(out.data()), out.size());
               return true;
             });
#if defined(__x86_64__)
  if (has_rdrand)
    over_sizes("bare_rdrand", bare_rdrand);
#endif
}

} // namespace ntpkeygen::bench
