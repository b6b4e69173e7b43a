#include "randomness/survey.hpp"

#include "support/run_control.hpp"

#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace ntpkeygen::test {

SurveyRow survey_keys(const KeyKind &kind, std::span<const std::uint8_t> keys) {
  SurveyRow row{kind.name(), kind.bits_of_a_key() * static_cast<double>(keys.size() / kind.key_bytes()), {}};
  if (kind.group.encoding == Encoding::hex)
    row.results = test_bits(keys, kind.key_bytes());
  else
    row.results =
        test_symbols(places_in_alphabet(kind, keys), static_cast<unsigned>(kind.alphabet().size()), kind.key_bytes());
  return row;
}

std::vector<SurveyRow> survey(double bits, RandomSource &source, const std::string &folder,
                              const std::function<void(const SurveyRow &)> &done, std::vector<std::uint8_t> *pooled) {
  const std::vector<KeyKind> kinds = all_key_kinds();
  std::vector<SurveyRow> rows;
  const auto add = [&](SurveyRow row) {
    rows.push_back(std::move(row));
    if (done)
      done(rows.back());
  };
  std::vector<std::uint8_t> all;
  for (const KeyKind &kind : kinds) {
    const double share = bits / static_cast<double>(kinds.size());
    const auto count = static_cast<std::size_t>(std::ceil(share / kind.bits_of_a_key()));
    const std::vector<std::uint8_t> keys = keys_out_of_files(kind, count, source, folder);
    add(survey_keys(kind, keys));
    const auto as_bits =
        kind.group.encoding == Encoding::hex
            ? keys
            : bits_of_symbols(places_in_alphabet(kind, keys), static_cast<unsigned>(kind.alphabet().size()));
    all.insert(all.end(), as_bits.begin(), as_bits.end());
  }
  const auto add_bits = [&](const char *of, std::span<const std::uint8_t> bytes) {
    SurveyRow row{of, 8 * static_cast<double>(bytes.size()), test_bits(bytes, 0)};
    row.results.push_back(test_blocks(bytes));
    add(std::move(row));
  };
  add_bits("all keys, as bits", all);
  if (pooled != nullptr)
    *pooled = std::move(all);
  std::vector<std::uint8_t> drawn(static_cast<std::size_t>(bits / 8));
  RecordingControl control;
  if (const auto filled = source.fill(std::as_writable_bytes(std::span(drawn)), control); !filled)
    throw std::runtime_error(filled.error().message);
  add_bits("the source itself", drawn);
  return rows;
}

std::vector<std::string> alarms_of(std::span<const SurveyRow> rows) {
  std::size_t tests = 0;
  for (const SurveyRow &row : rows)
    tests += row.results.size();
  std::vector<std::string> alarms;
  for (const SurveyRow &row : rows)
    for (const TestResult &result : row.results)
      if (!(result.probability > false_alarms / static_cast<double>(tests))) {
        std::array<char, 32> digits{};
        std::snprintf(digits.data(), digits.size(), "%.2g", result.probability);
        alarms.push_back(row.of + ": " + result.name + ": " + digits.data());
      }
  return alarms;
}

} // namespace ntpkeygen::test
