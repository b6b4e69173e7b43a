// The procedure "non-iid": section 6.3's ten estimators, put together as sections 3.1.3 and 3.1.5.2 say.

#include "entropy_assessments/sp800_90b/non_iid/estimates.hpp"
#include "entropy_assessments/sp800_90b/procedure.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  const bool conditioned = job.parameter("conditioned") != 0;
  const unsigned width = job.sample_bits;
  if (job.samples.size() > std::numeric_limits<std::int32_t>::max() / 2 / width)
    return failure(ErrorCode::invalid_argument, "these are too many samples to assess at once",
                   "assess parts of the recording, each of less than 2^30 bits");
  const Symbols symbols(job.samples);
  Assessment assessment;
  assessment.symbols = symbols.alphabet;
  if (width > 1 && symbols.largest >> (width - 1) == 0)
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
  add_estimators(tasks, *bits, of_bits);
  if (!conditioned && !binary)
    add_estimators(tasks, symbols, of_symbols);
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
