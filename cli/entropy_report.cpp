#include "cli/entropy_report.hpp"

#include <algorithm>
#include <cmath>

namespace ntpkeygen::cli {
namespace {

void put_times(JsonWriter &json, const SourceReport &source) {
  put_key(json, "measured");
  const auto &times = source.assessment.input.times;
  if (!times) {
    json.Null();
    return;
  }
  constexpr double ns = 1e9;
  json.StartObject();
  put_number(json, "samples_per_second", source.samples_per_second());
  put_number(json, "open_to_first_request_ns", std::round(times->first * ns));
  put_number(json, "request_samples", static_cast<double>(times->samples_of_a_request));
  put_number(json, "requests", static_cast<double>(times->requests.size()));
  put_number(json, "p50_ns", std::round(percentile(times->requests, 0.5) * ns));
  put_number(json, "p99_ns", std::round(percentile(times->requests, 0.99) * ns));
  put_number(json, "max_ns", std::round(percentile(times->requests, 1) * ns));
  json.EndObject();
}

// A document of its own, as `entropy assess` and `entropy restart` print it.
void put_assessment(JsonWriter &json, std::string_view key, const AssessmentReport &assessment) {
  put_key(json, key);
  const std::string document = assessment_json(assessment);
  json.RawValue(document.data(), document.size() - 1, rapidjson::kObjectType); // without the line end
}

void put_limiting(JsonWriter &json, const SourceReport &source) {
  put_key(json, "limiting");
  json.StartArray();
  if (source.min_entropy() && !source.limited_by_restart() && !source.limited_by_claim())
    for (const AssessmentRow &row : source.assessment.result.rows)
      if (is_limiting(row, source.assessment))
        put(json, row.group + "." + row.name);
  json.EndArray();
}

void put_health_tests(JsonWriter &json, const SourceReport &source) {
  put_key(json, "health_tests");
  json.StartArray();
  for (const HealthCutoffs &cutoffs : source.health_cutoffs) {
    json.StartObject();
    put_number(json, "alpha_exponent", cutoffs.alpha_exponent);
    put_number(json, "min_entropy", cutoffs.min_entropy);
    put_number(json, "repetition_count", cutoffs.repetition);
    put_number(json, "adaptive_proportion", cutoffs.proportion);
    put_number(json, "window", cutoffs.window);
    json.EndObject();
  }
  json.EndArray();
}

void put_statistics(JsonWriter &json, const SampleStatistics &statistics) {
  put_key(json, "histogram");
  json.StartArray();
  for (const std::uint64_t count : statistics.histogram)
    json.Uint64(count);
  json.EndArray();
  put_key(json, "autocorrelation");
  json.StartArray();
  for (const double value : statistics.autocorrelation)
    json.Double(value);
  json.EndArray();
}

void put_facts(JsonWriter &json, const Facts &facts) {
  json.StartArray();
  for (const auto &[name, value] : facts) {
    json.StartArray();
    put(json, name);
    put(json, value);
    json.EndArray();
  }
  json.EndArray();
}

void put_provenance(JsonWriter &json, const SourceReport &source) {
  put_key(json, "provenance");
  if (!source.provenance) {
    json.Null();
    return;
  }
  json.StartObject();
  put(json, "file", source.provenance->file);
  put_or_null(json, "trouble", source.provenance->trouble);
  put_key(json, "digest_differs");
  json.Bool(source.assessment.input.digest_differs());
  put_key(json, "facts");
  put_facts(json, source.provenance->facts);
  json.EndObject();
}

void put_source(JsonWriter &json, const SourceReport &source) {
  json.StartObject();
  put(json, "name", source.assessment.input.name);
  put_or_null(json, "nature", source.nature);
  put_or_null(json, "caution", source.caution);
  put_number(json, "min_entropy", source.min_entropy());
  put_number(json, "claim", source.claim);
  put_number(json, "assessed_bits_per_second", source.assessed_bits_per_second());
  put_limiting(json, source);
  put_assessment(json, "assessment", source.assessment);
  put_times(json, source);
  put_health_tests(json, source);
  if (source.restart) {
    put_assessment(json, "restart", *source.restart);
  } else {
    put_key(json, "restart");
    json.Null();
  }
  put_statistics(json, source.statistics);
  put_provenance(json, source);
  json.EndObject();
}

} // namespace

std::optional<double> SourceReport::min_entropy() const {
  return restart ? restart->result.min_entropy : initial_estimate();
}

std::optional<double> SourceReport::initial_estimate() const {
  const auto &assessed = assessment.result.min_entropy;
  return assessed && claim ? std::min(*assessed, *claim) : assessed;
}

bool SourceReport::limited_by_claim() const {
  return claim && min_entropy() == claim && assessment.result.min_entropy != claim;
}

bool SourceReport::limited_by_restart() const {
  const auto initial = initial_estimate();
  return min_entropy() && initial && *min_entropy() < *initial;
}

std::optional<double> SourceReport::samples_per_second() const {
  const SamplesInput &input = assessment.input;
  if (!input.times || input.times->all <= 0)
    return std::nullopt;
  return static_cast<double>(input.count) / input.times->all;
}

std::optional<double> SourceReport::assessed_bits_per_second() const {
  const auto rate = samples_per_second();
  const auto bits = min_entropy();
  if (!rate || !bits || !caution.empty())
    return std::nullopt;
  return *rate * *bits;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty())
    return 0;
  const double last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::ceil(share * last));
  std::ranges::nth_element(values, at);
  return *at;
}

std::string report_json(const EntropyReport &report) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/entropy-report/1");
  put(json, "date", report.date);
  put(json, "version", report.version);
  put(json, "compiler", report.compiler);
  put(json, "kernel", report.machine.kernel);
  put(json, "cpu", report.machine.cpu);
  put_key(json, "threads");
  json.Uint(report.threads);
  put_key(json, "sources");
  json.StartArray();
  for (const SourceReport &source : report.sources)
    put_source(json, source);
  json.EndArray();
  json.EndObject();
  return std::string(finished(buffer));
}

} // namespace ntpkeygen::cli
