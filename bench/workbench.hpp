// What the benchmarks share: plugins as the program finds them, keys, and keys files of any length.
#pragma once

#include "ntpkeygen/host/dynamic_plugin_set.hpp"
#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/host/secret_arena.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ntpkeygen::bench {

// A benchmark has no use for an error but its words.
template <class T> T value_of(Result<T> result) {
  if (!result)
    throw std::runtime_error(result.error().message);
  return *std::move(result);
}

class Unattended final : public RunControl {
public:
  [[nodiscard]] bool cancelled() const noexcept override { return false; }
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view) noexcept override {}
};

class Unheard final : public Diagnostics {
public:
  void report(const Diagnostic &) noexcept override {}
};

// What a file is made of, whatever its length: no program has more than 65,535 key ids to give to a million lines.
enum class Mixture {
  keys_and_comments, // every 16th line is a key, with an id of its own
  same_ids,          // each line is a key, with one of a hundred ids
  one_line           // as many bytes as the first has, without an end of a line
};

inline constexpr std::array mixtures{Mixture::keys_and_comments, Mixture::same_ids, Mixture::one_line};
[[nodiscard]] constexpr std::string_view word_for(Mixture mixture) {
  return mixture == Mixture::same_ids ? "_same_ids" : mixture == Mixture::one_line ? "_one_line" : "";
}
// Runs it over files of 100 to a million lines, and fits a line to the times: its RMS tells how far they are from one.
void over_lengths(benchmark::internal::Benchmark *measured, Mixture mixture);
[[nodiscard]] inline Mixture mixture_of(const benchmark::State &state) {
  return static_cast<Mixture>(state.range(1));
}

// Each benchmark has one of its own, so that none finds a plugin open that it wants to see opened.
struct Workbench {
  SecretArena memory{};
  DynamicPluginSet plugins{default_plugin_folders()};
  Unattended control{};

  // Keys from id 1 on, spelled for a format.
  [[nodiscard]] PlannedGroup group(const KeyFileFormat &format, const std::string &type, std::uint16_t bits,
                                   Encoding encoding, std::uint32_t count);
  // A group made, its lines not yet written.
  [[nodiscard]] KeyFile keys(const PlannedGroup &group);
  // A file of so many lines, with keys as the format's own generator makes them first.
  [[nodiscard]] SecretText file(const KeyFileFormat &format, std::uint32_t lines, Mixture mixture);
};

// Each registers benchmarks for whatever plugins there are.
void add_process_benchmarks();
void add_key_benchmarks(const PluginInventory &inventory);
void add_file_benchmarks(const PluginInventory &inventory);
void add_source_benchmarks(const PluginInventory &inventory);

} // namespace ntpkeygen::bench
