// What the program's parts cost: `ntpkeygen_bench --benchmark_filter=REGEX`. README.md has figures.
#include "workbench.hpp"

#include <exception>
#include <iostream>

int main(int argc, char **argv) try {
  using namespace ntpkeygen;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  {
    const PluginInventory inventory = DynamicPluginSet(default_plugin_folders()).inventory();
    bench::add_process_benchmarks();
    bench::add_key_benchmarks(inventory);
    bench::add_file_benchmarks(inventory);
    bench::add_source_benchmarks(inventory);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
} catch (const std::exception &error) {
  std::cerr << "ntpkeygen_bench: " << error.what() << '\n';
  return 1;
}
