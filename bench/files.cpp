// Keys files: written, parsed, and read as daemons read them.
#include "workbench.hpp"

namespace ntpkeygen::bench {
namespace {

void render(benchmark::State &state, const std::string &name) {
  Workbench bench;
  const auto format = value_of(bench.plugins.key_file_format(name));
  const KeyGroup &first = format->recipe().groups.front();
  const KeyFile keys = bench.keys(
      bench.group(*format, first.type, first.bits, first.encoding, static_cast<std::uint32_t>(state.range(0))));
  for (auto _ : state)
    benchmark::DoNotOptimize(value_of(format->render(keys, bench.memory)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void parse(benchmark::State &state, const std::string &name) {
  Workbench bench;
  const auto format = value_of(bench.plugins.key_file_format(name));
  const SecretText file = bench.file(*format, static_cast<std::uint32_t>(state.range(0)));
  Unheard diagnostics;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        value_of(format->parse(SecretText(bench.memory, file.reveal()), bench.memory, diagnostics)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void interpret(benchmark::State &state, const std::string &name) {
  Workbench bench;
  const auto reader = value_of(bench.plugins.key_file_reader(name));
  const auto format = value_of(bench.plugins.key_file_format(reader->info().format));
  const SecretText file = bench.file(*format, static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(value_of(reader->interpret(file.reveal(), bench.memory)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

} // namespace

void add_file_benchmarks(const PluginInventory &inventory) {
  const auto add = [](const std::string &what, void (*measure)(benchmark::State &, const std::string &),
                      const std::string &name) {
    return benchmark::RegisterBenchmark((what + "/" + name).c_str(), measure, name)->Unit(benchmark::kMicrosecond);
  };
  Workbench bench;
  for (const PluginRow &row : inventory.plugins) {
    if (row.kind == PluginKind::key_file_format) {
      add("render", render, row.name)->Arg(1000);
      if (!value_of(bench.plugins.key_file_format(row.name))->info().reader.empty()) // else it is only written
        add("parse", parse, row.name)->RangeMultiplier(10)->Range(100, 100'000)->Complexity();
    }
    if (row.kind == PluginKind::key_file_reader)
      add("interpret", interpret, row.name)->RangeMultiplier(10)->Range(100, 100'000)->Complexity();
  }
}

} // namespace ntpkeygen::bench
