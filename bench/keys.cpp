// Opening plugins, making keys, and computing MACs with them.
#include "workbench.hpp"

#include <array>
#include <vector>

namespace ntpkeygen::bench {
namespace {

void open_plugin(benchmark::State &state, Result<void> (*open)(PluginSet &)) {
  const std::vector<std::string> folders = default_plugin_folders();
  for (auto _ : state) {
    DynamicPluginSet plugins(folders);
    value_of(open(plugins).map([] { return true; }));
  }
}

Result<void> open_main_job(PluginSet &plugins) {
  return plugins.key_file_format("ntpsec")
      .and_then([&](const auto &) { return plugins.key_type("aes"); })
      .and_then([&](const auto &) { return plugins.random_source("system"); })
      .map([](const auto &) {});
}

Result<void> open_botan(PluginSet &plugins) {
  return plugins.mac_engine("botan").map([](const auto &) {});
}

// In format classic, which can spell every type and both encodings where a type can have them.
void generate(benchmark::State &state, const std::string &type, std::uint16_t bits, Encoding encoding) {
  Workbench bench;
  const auto format = value_of(bench.plugins.key_file_format("classic"));
  const PlannedGroup group = bench.group(*format, type, bits, encoding, static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(bench.keys(group));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void compute_mac(benchmark::State &state, const MacSpec &mac, std::size_t key_bytes) {
  Workbench bench;
  const auto engine = value_of(bench.plugins.mac_engine("botan"));
  const std::vector<std::byte> key(key_bytes), message(static_cast<std::size_t>(state.range(0)));
  const std::unique_ptr<Mac> keyed = value_of(engine->prepare(mac, key));
  std::array<std::byte, 64> tag{};
  for (auto _ : state) {
    if (!keyed->update(message) || !keyed->finish(tag))
      throw std::runtime_error("no MAC was computed");
    benchmark::DoNotOptimize(tag);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

} // namespace

void add_key_benchmarks(const PluginInventory &inventory) {
  benchmark::RegisterBenchmark("open_plugins/main_job", open_plugin, open_main_job)->Unit(benchmark::kMicrosecond);
  // Botan's own library stays in memory once it was opened, which listing the plugins did.
  benchmark::RegisterBenchmark("open_plugins/botan_again", open_plugin, open_botan)->Unit(benchmark::kMicrosecond);

  Workbench bench;
  const auto format = value_of(bench.plugins.key_file_format("classic"));
  const auto engine = value_of(bench.plugins.mac_engine("botan"));
  for (const PluginRow &row : inventory.plugins) {
    if (row.kind != PluginKind::key_type)
      continue;
    const KeyTypeInfo info = value_of(bench.plugins.key_type(row.name))->info();
    for (const Encoding encoding : {Encoding::ascii, Encoding::hex})
      if (format->spelling(info, info.default_bits, encoding))
        benchmark::RegisterBenchmark(
            ("generate/" + info.name + (encoding == Encoding::hex ? "/hex" : "/ascii")).c_str(), generate, info.name,
            info.default_bits, encoding)
            ->Arg(1000)
            ->Unit(benchmark::kMicrosecond);
    for (const KeyLengths &length : info.lengths)
      if (engine->supports(length.mac))
        // An NTP header, one with a long extension field, and a buffer that is not NTP's.
        benchmark::RegisterBenchmark(("mac/" + mac_name(length.mac)).c_str(), compute_mac, length.mac,
                                     std::size_t{length.min_bits} / 8)
            ->Arg(48)
            ->Arg(1024)
            ->Arg(65536);
  }
}

} // namespace ntpkeygen::bench
