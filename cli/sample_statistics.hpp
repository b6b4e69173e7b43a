// What a picture of samples is drawn from. It is for the eye: no figure of an assessment comes from here.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ntpkeygen::cli {

inline constexpr std::size_t most_lags = 100;

struct SampleStatistics {
  std::vector<std::uint64_t> histogram{}; // how often each value is there, from 0 to the largest of its width
  std::vector<double> autocorrelation{};  // of the values at a distance of 1, 2, ...; empty where all are the same
};

// Errors: cancelled.
[[nodiscard]] Result<SampleStatistics> sample_statistics(std::span<const std::uint8_t> samples, unsigned bits,
                                                         RunControl &control);

} // namespace ntpkeygen::cli
