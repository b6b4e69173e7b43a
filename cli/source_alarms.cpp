#include "cli/source_alarms.hpp"

namespace ntpkeygen::cli {

Result<SourceAlarms> SourceAlarms::of_noise(double min_entropy, std::uint8_t sample_bits) {
  return health_cutoffs(min_entropy, sample_bits).map([](const HealthCutoffs &cutoffs) {
    return SourceAlarms{.health = cutoffs};
  });
}

SourceAlarms SourceAlarms::of(SourceNature nature) {
  return {.stuck_check = nature != SourceNature::os && nature != SourceNature::raw_noise};
}

std::string SourceAlarms::in_words() const {
  if (repetition + proportion > 0)
    return "the health tests of SP 800-90B alarmed: repetition count " + std::to_string(repetition) +
           " times, adaptive proportion " + std::to_string(proportion) + " times";
  if (stuck > 0)
    return "the stuck check alarmed " + std::to_string(stuck) + " times: " + std::to_string(StuckCheck::block_bytes) +
           " bytes came twice in a row";
  return {};
}

void SourceWatch::see(std::span<const std::uint8_t> samples) {
  if (alarms_.stuck_check)
    alarms_.stuck += stuck_.feed(std::as_bytes(samples));
  if (!alarms_.health)
    return;
  for (const std::uint8_t sample : samples) {
    const HealthAlarm alarm = health_.feed(sample);
    alarms_.repetition += alarm == HealthAlarm::repetition_count ? 1 : 0;
    alarms_.proportion += alarm == HealthAlarm::adaptive_proportion ? 1 : 0;
  }
}

void put_alarms(JsonWriter &json, const SourceAlarms &alarms) {
  const auto put_number = [&](std::string_view key, std::uint64_t number) {
    put_key(json, key);
    json.Uint64(number);
  };
  put_key(json, "health_tests");
  if (alarms.health) {
    json.StartObject();
    put_key(json, "min_entropy");
    json.Double(alarms.health->min_entropy);
    put_number("alpha_exponent", alarms.health->alpha_exponent);
    put_number("repetition_count_cutoff", alarms.health->repetition);
    put_number("repetition_count_alarms", alarms.repetition);
    put_number("adaptive_proportion_cutoff", alarms.health->proportion);
    put_number("adaptive_proportion_window", alarms.health->window);
    put_number("adaptive_proportion_alarms", alarms.proportion);
    json.EndObject();
  } else {
    json.Null();
  }
  put_key(json, "stuck_check");
  if (alarms.stuck_check) {
    json.StartObject();
    put_number("block_bytes", StuckCheck::block_bytes);
    put_number("alarms", alarms.stuck);
    json.EndObject();
  } else {
    json.Null();
  }
}

} // namespace ntpkeygen::cli
