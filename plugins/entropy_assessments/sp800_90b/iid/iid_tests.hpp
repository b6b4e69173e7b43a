// All of section 5's tests of a dataset, as rows of an assessment.
#pragma once

#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "ntpkeygen/sdk/entropy_assessment.hpp"

#include <string>

namespace ntpkeygen::plugins::sp800_90b {

struct TestedSamples {
  std::span<const std::uint8_t> samples{};
  const Symbols &symbols; // the same, of two at least
  std::string prefix{};   // of the groups of its rows, where there are several datasets: "row_"
};

// Whether all are passed. The same seed gives the same rows on any number of threads.
[[nodiscard]] Result<bool> add_iid_tests(Assessment &assessment, const TestedSamples &dataset, std::uint64_t seed,
                                         unsigned threads, RunControl &control);

} // namespace ntpkeygen::plugins::sp800_90b
