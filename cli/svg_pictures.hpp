// Pictures as SVG elements of an HTML page, which says by its style sheet what colours they have.
#pragma once

#include "cli/sample_statistics.hpp"

#include <string>

namespace ntpkeygen::cli {

// Bars from 0 up, and a line where all would be if they were equal.
[[nodiscard]] std::string histogram_svg(const SampleStatistics &statistics, std::uint64_t samples);

// A line for each lag, and the band in which 99 of 100 are if the samples are independent. Empty where there is none.
[[nodiscard]] std::string autocorrelation_svg(const SampleStatistics &statistics, std::uint64_t samples);

} // namespace ntpkeygen::cli
