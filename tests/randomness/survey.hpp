// The battery over keys of every kind, and over the source that they were drawn from.
#pragma once

#include "randomness/battery.hpp"
#include "randomness/generated_keys.hpp"

#include <functional>

namespace ntpkeygen::test {

// By chance alone, one survey in a hundred million says that something is wrong.
inline constexpr double false_alarms = 1e-8;

struct SurveyRow {
  std::string of{};
  double bits = 0;
  std::vector<TestResult> results{};
};

// What the battery says of keys of one kind, which are whole ones.
[[nodiscard]] SurveyRow survey_keys(const KeyKind &kind, std::span<const std::uint8_t> keys);

// So many bits of keys in all, as many of each kind; then all of them as bits; then as many bits of the source itself.
// `pooled`, where it is not null, gets the keys' bits.
[[nodiscard]] std::vector<SurveyRow> survey(double bits, RandomSource &source, const std::string &folder,
                                            const std::function<void(const SurveyRow &)> &done = {},
                                            std::vector<std::uint8_t> *pooled = nullptr);

// The results that chance does not explain, in words: a line each.
[[nodiscard]] std::vector<std::string> alarms_of(std::span<const SurveyRow> rows);

} // namespace ntpkeygen::test
