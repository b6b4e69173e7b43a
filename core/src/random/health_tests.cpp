#include "ntpkeygen/host/random/health_tests.hpp"

#include <cmath>

namespace ntpkeygen {
namespace {

// The smallest k for which more than k of `trials` happen with a probability of at most `alpha` (CRITBINOM of section
// 4.4.2). Summed from the far end, where the terms are smallest; ln(k!) by lgamma_r, which is exact to some units of
// its last place.
std::uint32_t critical_count(std::uint32_t trials, long double probability, long double alpha) {
  int sign = 0;
  const auto log_factorial = [&](std::uint32_t n) { return ::lgammal_r(static_cast<long double>(n) + 1, &sign); };
  const long double log_hit = std::log(probability), log_miss = std::log1p(-probability);
  long double tail = 0;
  for (std::uint32_t k = trials; k > 0; --k) {
    tail += std::exp(log_factorial(trials) - log_factorial(k) - log_factorial(trials - k) +
                     static_cast<long double>(k) * log_hit + static_cast<long double>(trials - k) * log_miss);
    if (tail > alpha)
      return k;
  }
  return 0;
}

} // namespace

Result<void> check_sample_bits(std::uint8_t sample_bits) {
  if (sample_bits >= 1 && sample_bits <= 8)
    return {};
  return failure(ErrorCode::plugin_fault, "the noise source says that its samples have " + std::to_string(sample_bits) +
                                              " bits; they can have 1 to 8");
}

Result<HealthCutoffs> health_cutoffs(double min_entropy, std::uint8_t sample_bits, unsigned alpha_exponent) {
  constexpr double least = 1e-6; // less would let a million equal samples pass
  if (Result<void> possible = check_sample_bits(sample_bits); !possible)
    return failure(std::move(possible).error());
  if (!(min_entropy >= least) || min_entropy > sample_bits)
    return failure(ErrorCode::invalid_argument,
                   "a min-entropy of " + std::to_string(min_entropy) + " bits per sample of " +
                       std::to_string(sample_bits) + " is not possible",
                   "claim more than 0 and at most " + std::to_string(sample_bits) + " bits");
  if (alpha_exponent < 20 || alpha_exponent > 64)
    return failure(ErrorCode::invalid_argument,
                   "health tests with a false alarm probability of 2^-" + std::to_string(alpha_exponent) +
                       " are not sensible",
                   "choose 2^-20 to 2^-64; 2^-30 is usual");
  HealthCutoffs cutoffs{.min_entropy = min_entropy, .alpha_exponent = alpha_exponent};
  cutoffs.repetition = 1 + static_cast<std::uint32_t>(std::ceil(alpha_exponent / min_entropy));
  cutoffs.window = sample_bits == 1 ? 1024 : 512;
  cutoffs.proportion = 1 + critical_count(cutoffs.window, std::exp2(-static_cast<long double>(min_entropy)),
                                          std::exp2(-static_cast<long double>(alpha_exponent)));
  return cutoffs;
}

HealthAlarm HealthTests::feed(std::uint8_t sample) noexcept {
  HealthAlarm alarm = HealthAlarm::none;
  if (seen_ == 0) {
    first_ = sample;
    matches_ = 0;
  }
  matches_ += sample == first_ ? 1 : 0;
  ++seen_;
  if (matches_ >= cutoffs_.proportion) {
    alarm = HealthAlarm::adaptive_proportion;
    seen_ = 0;
  } else if (seen_ == cutoffs_.window) {
    seen_ = 0;
  }
  run_ = run_ != 0 && sample == last_ ? run_ + 1 : 1;
  last_ = sample;
  if (run_ >= cutoffs_.repetition) {
    alarm = HealthAlarm::repetition_count;
    run_ = 0;
  }
  return alarm;
}

std::string in_words(HealthAlarm alarm, const HealthCutoffs &cutoffs) {
  switch (alarm) {
  case HealthAlarm::none:
    break;
  case HealthAlarm::repetition_count:
    return std::to_string(cutoffs.repetition) + " equal samples in a row (repetition count test, cutoff " +
           std::to_string(cutoffs.repetition) + ")";
  case HealthAlarm::adaptive_proportion:
    return std::to_string(cutoffs.proportion) + " of at most " + std::to_string(cutoffs.window) +
           " samples equal (adaptive proportion test, cutoff " + std::to_string(cutoffs.proportion) + ")";
  }
  return "no alarm";
}

} // namespace ntpkeygen
