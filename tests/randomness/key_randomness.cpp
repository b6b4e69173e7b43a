// key_randomness [--bits N] [--iid N] [--folder DIR]: makes so many bits of keys (10^9), writes them to files in DIR
// (the temporary folder), reads them back, and prints what the battery says of them and of the kernel's generator, from
// which they are; with --iid, also what the IID tests of SP 800-90B say of so many slices of a million bytes of the
// keys and of the generator. Exit status: 1 when chance does not explain what was found.
#include "randomness/survey.hpp"

#include "entropy_assessments/sp800_90b/sp800_90b.hpp"
#include "support/collecting_registrar.hpp"
#include "support/run_control.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

using namespace ntpkeygen;
using namespace ntpkeygen::test;

// How many of the slices are not found independent and identically distributed.
std::size_t count_rejected(std::span<const std::uint8_t> bytes, std::size_t slices) {
  constexpr std::size_t slice = 1'000'000;
  CollectingRegistrar registrar;
  if (!plugins::sp800_90b::enroll(registrar))
    throw std::runtime_error("the plugin sp800-90b cannot be enrolled");
  RecordingControl control;
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < slices; ++i) {
    const auto part = bytes.subspan(i * slice, slice);
    const auto assessed =
        registrar.entropy_assessments.front()->run({.procedure = "iid", .samples = part, .seed = i}, control);
    if (!assessed)
      throw std::runtime_error(assessed.error().message);
    rejected += assessed->verdict == Verdict::fail ? 1 : 0;
  }
  return rejected;
}

int measure(double bits, std::size_t slices, const std::string &folder) {
  const auto source = system_source();
  std::printf("| keys | bits | tests | the least probable | its probability |\n|---|---|---|---|---|\n");
  std::vector<std::uint8_t> keys;
  const auto rows = survey(
      bits, *source, folder,
      [](const SurveyRow &row) {
        const TestResult worst = worst_of(row.results);
        std::printf("| %s | %.3g | %zu | %s | %.2g |\n", row.of.c_str(), row.bits, row.results.size(),
                    worst.name.c_str(), worst.probability);
        std::fflush(stdout);
      },
      &keys);
  std::size_t tests = 0;
  double whole = 0;
  for (const SurveyRow &row : rows)
    tests += row.results.size();
  for (const SurveyRow &row : std::span(rows).first(rows.size() - 2))
    whole += row.bits;
  const auto alarms = alarms_of(rows);
  std::printf("\n%.4g bits of keys; %zu tests, of which chance lets none be below %.2g\n", whole, tests,
              false_alarms / static_cast<double>(tests));
  for (const std::string &alarm : alarms)
    std::printf("not by chance: %s\n", alarm.c_str());
  if (slices == 0)
    return alarms.empty() ? 0 : 1;

  std::vector<std::uint8_t> drawn(slices * 1'000'000);
  RecordingControl control;
  if (const auto filled = source->fill(std::as_writable_bytes(std::span(drawn)), control); !filled)
    throw std::runtime_error(filled.error().message);
  slices = std::min(slices, keys.size() / 1'000'000);
  const std::size_t of_keys = count_rejected(keys, slices), of_source = count_rejected(drawn, slices);
  // Three tests at one in a thousand, and nineteen of 10,000 permutations.
  const double mean = 0.022 * static_cast<double>(slices);
  std::printf("IID tests of SP 800-90B, of a million bytes: %zu of %zu slices rejected of the keys (probability %.2g), "
              "%zu of the source itself (%.2g)\n",
              of_keys, slices, probability_of_count(mean, of_keys), of_source, probability_of_count(mean, of_source));
  return alarms.empty() && probability_of_count(mean, of_keys) > false_alarms ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
  double bits = 1e9;
  std::size_t slices = 0;
  const char *temporary = std::getenv("TMPDIR");
  std::string folder = temporary == nullptr ? "/tmp" : temporary;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--bits") == 0)
      bits = std::atof(argv[i + 1]);
    else if (std::strcmp(argv[i], "--iid") == 0)
      slices = std::strtoul(argv[i + 1], nullptr, 10);
    else if (std::strcmp(argv[i], "--folder") == 0)
      folder = argv[i + 1];
    else
      argc = 0;
  }
  if (argc % 2 == 0 || !(bits >= 1e6)) {
    std::fprintf(stderr, "usage: key_randomness [--bits N] [--iid N] [--folder DIR], with a million bits at least\n");
    return 2;
  }
  folder += "/key_randomness-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "key_randomness: error: no folder can be made like %s\n", folder.c_str());
    return 2;
  }
  int status = 2;
  try {
    status = measure(bits, slices, folder);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "key_randomness: error: %s\n", error.what());
  }
  static_cast<void>(std::remove(folder.c_str()));
  return status;
}
