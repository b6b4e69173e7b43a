#include "entropy_assessments/sp800_90b/non_iid/estimates.hpp"

#include "entropy_assessments/sp800_90b/non_iid/collision.hpp"
#include "entropy_assessments/sp800_90b/non_iid/compression.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lag.hpp"
#include "entropy_assessments/sp800_90b/non_iid/lz78y.hpp"
#include "entropy_assessments/sp800_90b/non_iid/markov.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mcw.hpp"
#include "entropy_assessments/sp800_90b/non_iid/multi_mmc.hpp"
#include "entropy_assessments/sp800_90b/non_iid/tuples.hpp"

#include <algorithm>
#include <bit>

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
static_assert(estimator_count == std::tuple_size_v<Estimates>);

} // namespace

// Weights: about how many nanoseconds a symbol takes, where symbols are random.
void add_estimators(std::vector<Task> &tasks, const BitString &bits, Estimates &out) {
  const auto size = static_cast<double>(bits.size());
  const auto add = [&](double weight, std::function<void(Work &)> run) {
    tasks.push_back({weight * size, std::move(run)});
  };
  add(35, [&bits, &out](Work &work) { out[multi_mmc_] = multi_mmc(bits, work); });
  add(30, [&bits, &out](Work &work) {
    TupleEstimates both = tuples(bits, 1, work);
    out[t_tuple_] = std::move(both.t_tuple);
    out[lrs_] = std::move(both.lrs);
  });
  add(10, [&bits, &out](Work &work) { out[lag_] = lag(bits, work); });
  add(6, [&bits, &out](Work &work) { out[multi_mcw_] = multi_mcw(bits, work); });
  add(4, [&bits, &out](Work &work) { out[compression_] = compression(bits, work); });
  add(2, [&bits, &out](Work &work) {
    out[mcv_] = most_common_value(bits);
    out[markov_] = markov(bits);
    out[collision_] = collision(bits, work);
  });
  add(2, [&bits, &out](Work &work) { out[lz78y_] = lz78y(bits, work); });
}

void add_estimators(std::vector<Task> &tasks, const Symbols &symbols, Estimates &out) {
  for (const Estimator estimator : {collision_, markov_, compression_})
    out[estimator] = no_estimate("for bit strings only");
  const auto size = static_cast<double>(symbols.mapped.size());
  const auto add = [&](double weight, std::function<void(Work &)> run) {
    tasks.push_back({weight * size, std::move(run)});
  };
  add(110, [&symbols, &out](Work &work) { out[multi_mmc_] = multi_mmc(symbols.mapped, symbols.alphabet, work); });
  add(90, [&symbols, &out](Work &work) { out[lz78y_] = lz78y(symbols.mapped, symbols.alphabet, work); });
  add(30, [&symbols, &out](Work &work) {
    const auto width = static_cast<unsigned>(std::bit_width(symbols.alphabet - 1));
    TupleEstimates both = tuples(BitString(symbols.mapped, width), width, work);
    out[t_tuple_] = std::move(both.t_tuple);
    out[lrs_] = std::move(both.lrs);
  });
  add(25, [&symbols, &out](Work &work) { out[multi_mcw_] = multi_mcw(symbols.mapped, symbols.alphabet, work); });
  add(5, [&symbols, &out](Work &work) { out[lag_] = lag(symbols.mapped, symbols.alphabet, work); });
  add(1, [&symbols, &out](Work &) { out[mcv_] = most_common_value(symbols.mapped); });
}

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

} // namespace ntpkeygen::plugins::sp800_90b
