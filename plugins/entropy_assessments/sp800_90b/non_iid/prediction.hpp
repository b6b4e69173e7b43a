// The step that all four predictors of sections 6.3.7 to 6.3.10 end with: from how often, and how often in a row, the
// predictions were right to a min-entropy.
#pragma once

#include "entropy_assessments/sp800_90b/non_iid/estimate.hpp"

#include <cstdint>

namespace ntpkeygen::plugins::sp800_90b {

struct PredictionScore {
  std::uint64_t predictions = 0; // N
  std::uint64_t correct = 0;     // C
  std::uint64_t longest_run = 0; // r - 1
};

[[nodiscard]] Estimate prediction_estimate(const PredictionScore &score, unsigned alphabet);

} // namespace ntpkeygen::plugins::sp800_90b
