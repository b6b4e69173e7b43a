// The procedure "iid": section 5's tests, and the estimate of section 6.1 where all of them pass.

#include "entropy_assessments/sp800_90b/bit_string.hpp"
#include "entropy_assessments/sp800_90b/iid/iid_tests.hpp"
#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"
#include "entropy_assessments/sp800_90b/procedure.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// Section 6.1, with the bit string beside the samples as in the other track.
void estimate(const CheckedJob &job, const Symbols &symbols, Assessment &assessment) {
  const bool conditioned = job.parameter("conditioned") != 0;
  const double width = job.sample_bits;
  double min_entropy = width;
  const auto take = [&](const char *group, const char *figure, Estimate found, double bits) {
    const double entropy = found.min_entropy.value_or(width);
    min_entropy = std::min(min_entropy, entropy * bits);
    assessment.figures.push_back({figure, entropy});
    assessment.rows.push_back(
        {group, "most_common_value", entropy, Verdict::none, std::move(found.details), std::move(found.note)});
  };
  if (!conditioned)
    take("literal", "h_original", most_common_value(symbols.mapped), 1);
  if (conditioned || symbols.alphabet > 2)
    take("bitstring", "h_bitstring", most_common_value(BitString(job.samples, job.sample_bits)), width);
  assessment.min_entropy = min_entropy;
}

Result<Assessment> run(const CheckedJob &job, RunControl &control) {
  if (job.samples.size() > std::size_t{std::numeric_limits<std::int32_t>::max()} / 2 / job.sample_bits)
    return failure(ErrorCode::invalid_argument, "these are too many samples to assess at once",
                   "assess parts of the recording, each of less than 2^30 bits");
  const Symbols symbols(job.samples);
  Assessment assessment;
  assessment.symbols = symbols.alphabet;
  if (symbols.alphabet == 1) {
    assessment.min_entropy = 0;
    assessment.warnings.emplace_back("all samples are the same: no entropy is awarded, and nothing is tested");
    return assessment;
  }

  auto passed = add_iid_tests(assessment, {job.samples, symbols, ""}, job.seed, job.threads, control);
  if (!passed)
    return failure(std::move(passed).error());
  assessment.verdict = *passed ? Verdict::pass : Verdict::fail;
  if (!*passed)
    assessment.warnings.emplace_back("the samples are not independent and identically distributed: no entropy is "
                                     "estimated as if they were; assess them by the procedure 'non-iid'");
  else
    estimate(job, symbols, assessment);
  return assessment;
}

} // namespace

Procedure iid() {
  return {{"iid",
           "the tests of section 5 for independent and identically distributed samples, and section 6.1's estimate",
           5000,
           1000000,
           true,
           {{"conditioned", "1 for a conditioned dataset (section 3.1.5.2): only the bit string is assessed", 0, 0, 1,
             true}}},
          run};
}

} // namespace ntpkeygen::plugins::sp800_90b
