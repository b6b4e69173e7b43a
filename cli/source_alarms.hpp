// What tests over a source saw while samples were drawn for an assessment. Alarms are counted and end nothing, so that
// a bad source can be looked at.
#pragma once

#include "cli/json.hpp"
#include "cli/ordinary_memory.hpp"
#include "ntpkeygen/host/random/health_tests.hpp"
#include "ntpkeygen/host/random/tested_noise.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ntpkeygen::cli {

struct SourceAlarms {
  std::optional<HealthCutoffs> health{}; // of raw noise, by the tests of SP 800-90B section 4.4
  std::uint64_t repetition = 0, proportion = 0;
  bool stuck_check = false; // of what is no raw noise; the kernel's generator is beyond such doubts
  std::uint64_t stuck = 0;

  // Of raw noise with this claim. Errors: those of health_cutoffs().
  [[nodiscard]] static Result<SourceAlarms> of_noise(double min_entropy, std::uint8_t sample_bits);
  [[nodiscard]] static SourceAlarms of(SourceNature nature);

  // One sentence for both kinds of alarms; empty where there was none.
  [[nodiscard]] std::string in_words() const;
};

// Looks at the samples of one opening of a source.
class SourceWatch {
public:
  explicit SourceWatch(SourceAlarms &alarms)
      : alarms_(alarms), health_(alarms.health.value_or(HealthCutoffs())), stuck_(memory_) {}
  void see(std::span<const std::uint8_t> samples);

private:
  OrdinaryMemory memory_; // they are going to be in a file
  SourceAlarms &alarms_;
  HealthTests health_;
  StuckCheck stuck_;
};

// As the members "health_tests" and "stuck_check"; null for a kind of test that did not run.
void put_alarms(JsonWriter &json, const SourceAlarms &alarms);

} // namespace ntpkeygen::cli
