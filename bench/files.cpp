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
  const SecretText file = bench.file(*format, static_cast<std::uint32_t>(state.range(0)), mixture_of(state));
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
  const SecretText file = bench.file(*format, static_cast<std::uint32_t>(state.range(0)), mixture_of(state));
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
  const auto add_lengths = [&](const std::string &what, void (*measure)(benchmark::State &, const std::string &),
                               const std::string &name) {
    for (const Mixture mixture : mixtures)
      over_lengths(add(what + std::string(word_for(mixture)), measure, name), mixture);
  };
  Workbench bench;
  for (const PluginRow &row : inventory.plugins) {
    if (row.kind == PluginKind::key_file_format) {
      add("render", render, row.name)->Arg(1000);
      if (!value_of(bench.plugins.key_file_format(row.name))->info().reader.empty()) // else it is only written
        add_lengths("parse", parse, row.name);
    }
    if (row.kind == PluginKind::key_file_reader)
      add_lengths("interpret", interpret, row.name);
  }
}

} // namespace ntpkeygen::bench
