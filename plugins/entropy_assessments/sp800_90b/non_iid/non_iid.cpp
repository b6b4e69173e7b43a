// The procedure "non-iid": section 6.3's ten estimators, put together as sections 3.1.3 and 3.1.5.2 say.

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/non_iid/collision.hpp"
#include "entropy_assessments/sp800_90b/non_iid/compression.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lag.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lz78y.hpp"
#include "entropy_assessments/sp800_90b/non_iid/markov.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mcw.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mmc.hpp"
#include "entropy_assessments/sp800_90b/non_iid/tuples.hpp"
#include "entropy_assessments/sp800_90b/procedure.hpp"
#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

enum Estimator : std::size_t {
  mcv_,
  collision_,
  markov_,
  compression_,
  t_tuple_,
  lrs_,
  multi_mcw_,
  lag_,
  multi_mmc_,
  lz78y_,
  estimator_count
};
constexpr std::array<const char *, estimator_count> estimator_names{
    "most_common_value", "collision", "markov",    "compression", "t_tuple", "lrs",
    "multi_mcw",         "lag",       "multi_mmc", "lz78y"};
using Estimates = std::array<Estimate, estimator_count>;

// Weights: about how many nanoseconds a symbol takes.
void add_bit_string_tasks(std::vector<Task> &tasks, const BitString &bits, Estimates &out) {
  const auto size = static_cast<double>(bits.size());
  const auto add = [&](double weight, std::function<void(Work &)> run) {
    tasks.push_back({weight * size, std::move(run)});
  };
  add(25, [&bits, &out](Work &work) {
    TupleEstimates both = tuples(bits, 1, work);
    out[t_tuple_] = std::move(both.t_tuple);
    out[lrs_] = std::move(both.lrs);
  });
  add(20, [&bits, &out](Work &work) { out[multi_mmc_] = multi_mmc(bits, work); });
  add(6, [&bits, &out](Work &work) { out[multi_mcw_] = multi_mcw(bits, work); });
  add(3, [&bits, &out](Work &work) { out[lag_] = lag(bits, work); });
  add(3, [&bits, &out](Work &work) { out[compression_] = compression(bits, work); });
  add(3, [&bits, &out](Work &work) {
    out[mcv_] = most_common_value(bits);
    out[markov_] = markov(bits);
    out[collision_] = collision(bits, work);
  });
  add(1, [&bits, &out](Work &work) { out[lz78y_] = lz78y(bits, work); });
}

void add_literal_tasks(std::vector<Task> &tasks, const Symbols &symbols, Estimates &out) {
  for (const Estimator estimator : {collision_, markov_, compression_})
    out[estimator] = no_estimate("for bit strings only");
  const auto size = static_cast<double>(symbols.mapped.size());
  const auto add = [&](double weight, std::function<void(Work &)> run) {
    tasks.push_back({weight * size, std::move(run)});
  };
  add(60, [&symbols, &out](Work &work) { out[multi_mmc_] = multi_mmc(symbols.mapped, symbols.alphabet, work); });
  add(30, [&symbols, &out](Work &work) {
    const auto width = static_cast<unsigned>(std::bit_width(symbols.alphabet - 1));
    TupleEstimates both = tuples(BitString(symbols.mapped, width), width, work);
    out[t_tuple_] = std::move(both.t_tuple);
    out[lrs_] = std::move(both.lrs);
  });
  add(30, [&symbols, &out](Work &work) { out[multi_mcw_] = multi_mcw(symbols.mapped, symbols.alphabet, work); });
  add(20, [&symbols, &out](Work &work) { out[lag_] = lag(symbols.mapped, symbols.alphabet, work); });
  add(20, [&symbols, &out](Work &work) { out[lz78y_] = lz78y(symbols.mapped, symbols.alphabet, work); });
  add(1, [&symbols, &out](Work &) { out[mcv_] = most_common_value(symbols.mapped); });
}

// The rows, and their minimum: at most what the symbols can hold.
double take_rows(Assessment &assessment, const char *group, Estimates &estimates, double most) {
  for (std::size_t i = 0; i < estimator_count; ++i) {
    Estimate &estimate = estimates[i];
    if (estimate.min_entropy)
      most = std::min(most, *estimate.min_entropy);
    assessment.rows.push_back({group, estimator_names[i], estimate.min_entropy, Verdict::none,
                               std::move(estimate.details), std::move(estimate.note)});
  }
  return most;
}

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  const bool conditioned = job.parameter("conditioned") != 0;
  const unsigned width = job.sample_bits;
  if (job.samples.size() > std::numeric_limits<std::int32_t>::max() / 2 / width)
    return failure(ErrorCode::invalid_argument, "these are too many samples to assess at once",
                   "assess parts of the recording, each of less than 2^30 bits");
  const Symbols symbols(job.samples);
  Assessment assessment;
  assessment.symbols = symbols.alphabet;
  if (symbols.largest >> (width - 1) == 0)
    assessment.warnings.push_back(
        "the samples are given as " + std::to_string(width) + " bits wide, but none needs more than " +
        std::to_string(std::max(static_cast<int>(std::bit_width(unsigned{symbols.largest})), 1)));
  if (symbols.alphabet == 1) {
    assessment.figures.push_back({conditioned ? "h_bitstring" : "h_original", 0});
    assessment.min_entropy = 0;
    assessment.warnings.emplace_back("all samples are the same: no entropy is awarded, and nothing is estimated");
    return assessment;
  }

  // With two symbols, the samples are a bit string themselves; then only they are assessed.
  const bool binary = symbols.alphabet == 2;
  const bool with_bit_string = conditioned || !binary;
  std::optional<BitString> bits;
  if (with_bit_string)
    bits.emplace(job.samples, width);
  else
    bits.emplace(symbols.mapped, 1U);
  Estimates of_bits, of_symbols;
  std::vector<Task> tasks;
  add_bit_string_tasks(tasks, *bits, of_bits);
  if (!conditioned && !binary)
    add_literal_tasks(tasks, symbols, of_symbols);
  std::ranges::stable_sort(tasks, std::greater(), &Task::weight);
  if (Result<void> done = run_tasks(tasks, job.threads, "non-iid", control); !done)
    return failure(std::move(done.error()));

  double min_entropy = width;
  double h_bitstring = 1, h_original = width;
  if (with_bit_string) {
    h_bitstring = take_rows(assessment, "bitstring", of_bits, h_bitstring);
    min_entropy = std::min(min_entropy, h_bitstring * width);
  }
  if (!conditioned) {
    h_original = take_rows(assessment, "literal", binary ? of_bits : of_symbols, h_original);
    min_entropy = std::min(min_entropy, h_original);
    assessment.figures.push_back({"h_original", h_original});
  }
  if (with_bit_string)
    assessment.figures.push_back({"h_bitstring", h_bitstring});
  assessment.min_entropy = min_entropy;
  return assessment;
}

} // namespace

Procedure non_iid() {
  return {{"non-iid",
           "the ten estimators of section 6.3, for samples that need not be independent and identically distributed",
           5000,
           1000000,
           false,
           {{"conditioned", "1 for a conditioned dataset (section 3.1.5.2): only the bit string is assessed", 0, 0, 1,
             true}}},
          run};
}

} // namespace ntpkeygen::plugins::sp800_90b
