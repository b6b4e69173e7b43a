// entropy-bench, the helper of `ntpkeygen entropy bench`: it measures random sources and prints a line of JSON for
// each. Google Benchmark is linked here, so that it costs no other start of ntpkeygen anything.
//
//   entropy-bench SECONDS [--plugin-dir DIR]... SOURCE[:ARG]...
#include "bench/source_measurement.hpp"

#include "ntpkeygen/host/dynamic_plugin_set.hpp"
#include "ntpkeygen/host/numbers.hpp"
#include "ntpkeygen/host/secret_arena.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <sys/prctl.h>
#include <sys/time.h>

namespace {

using namespace ntpkeygen;

bench::Signals signals;

void remember_interruption(int) {
  signals.interrupted = 1;
  signals.tick = 1;
}
void remember_tick(int) {
  signals.tick = 1;
}

// A source that waits is woken by a tick, without SA_RESTART, to look at the time.
void set_signals() {
  struct sigaction action{};
  action.sa_handler = remember_interruption;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    ::sigaction(signal, &action, nullptr);
  action.sa_handler = remember_tick;
  ::sigaction(SIGALRM, &action, nullptr);
  const itimerval often{{0, 100'000}, {0, 100'000}};
  ::setitimer(ITIMER_REAL, &often, nullptr);
}

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Json &json, const char *key, const std::optional<std::uint64_t> &number) {
  json.Key(key);
  number ? json.Uint64(*number) : json.Null();
}

std::string line_for(const std::string &typed, const bench::SourceMeasurement &measured) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  json.Key("name");
  json.String(typed.data(), static_cast<rapidjson::SizeType>(typed.size()));
  json.Key("failure");
  measured.failure.empty()
      ? json.Null()
      : json.String(measured.failure.data(), static_cast<rapidjson::SizeType>(measured.failure.size()));
  put(json, "open_to_first_byte_ns", measured.first_byte_ns);
  put(json, "twenty_keys_ns", measured.twenty_keys_ns);
  json.Key("throughput");
  json.StartArray();
  for (const bench::Throughput &one : measured.throughput) {
    json.StartObject();
    put(json, "request_bytes", one.request_bytes);
    json.Key("bytes_per_second");
    one.bytes_per_second ? json.Double(*one.bytes_per_second) : json.Null();
    json.EndObject();
  }
  json.EndArray();
  json.Key("latency");
  json.StartArray();
  for (const bench::Latency &one : measured.latency) {
    const auto or_none = [&](std::uint64_t number) { return one.requests > 0 ? std::optional(number) : std::nullopt; };
    json.StartObject();
    put(json, "request_bytes", one.request_bytes);
    put(json, "requests", one.requests);
    put(json, "p50_ns", or_none(one.p50_ns));
    put(json, "p99_ns", or_none(one.p99_ns));
    put(json, "max_ns", or_none(one.max_ns));
    json.EndObject();
  }
  json.EndArray();
  put(json, "retries", measured.stats.retries);
  put(json, "throttled_ns", measured.stats.throttled_ns);
  json.EndObject();
  return buffer.GetString();
}

} // namespace

int main(int argc, char **argv) try {
  ::prctl(PR_SET_DUMPABLE, 0);
  set_signals();
  const std::optional<double> seconds = argc > 1 ? parse_decimals(argv[1]) : std::nullopt;
  std::vector<std::string> folders, sources;
  for (int i = 2; i < argc; ++i)
    if (std::string_view(argv[i]) == "--plugin-dir" && i + 1 < argc)
      folders.emplace_back(argv[++i]);
    else
      sources.emplace_back(argv[i]);
  if (!seconds || *seconds <= 0 || sources.empty()) {
    std::fputs("usage: entropy-bench SECONDS [--plugin-dir DIR]... SOURCE[:ARG]...\n", stderr);
    return 2;
  }
  DynamicPluginSet plugins(default_plugin_folders());
  plugins.search_first(folders);
  SecretArena memory;
  for (const std::string &typed : sources) {
    bench::SourceMeasurement measured;
    if (const auto source = bench::find_source(typed, plugins, memory); !source)
      measured.failure = source.error().message;
    else
      measured = bench::measure(
          *source,
          std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9 / static_cast<double>(sources.size()))),
          signals);
    if (signals.interrupted != 0)
      return 1;
    std::puts(line_for(typed, measured).c_str());
    std::fflush(stdout);
  }
} catch (const std::exception &error) {
  std::fprintf(stderr, "entropy-bench: error: %s\n", error.what());
  return 1;
}
