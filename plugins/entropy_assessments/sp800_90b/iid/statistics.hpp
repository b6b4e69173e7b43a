// Section 5.1, the statistics of the permutation tests: eleven, five times two of them for five lags.
#pragma once

#include "entropy_assessments/sp800_90b/symbols.hpp"
#include "entropy_assessments/sp800_90b/tasks.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

inline constexpr std::array<const char *, 19> statistic_names{"excursion",
                                                              "number_of_directional_runs",
                                                              "length_of_directional_runs",
                                                              "increases",
                                                              "number_of_median_runs",
                                                              "length_of_median_runs",
                                                              "average_collision",
                                                              "maximum_collision",
                                                              "periodicity_1",
                                                              "periodicity_2",
                                                              "periodicity_8",
                                                              "periodicity_16",
                                                              "periodicity_32",
                                                              "covariance_1",
                                                              "covariance_2",
                                                              "covariance_8",
                                                              "covariance_16",
                                                              "covariance_32",
                                                              "compression"};
using Statistics = std::array<double, statistic_names.size()>;
using Wanted = std::bitset<statistic_names.size()>;

// Of one set of samples in any order. One object serves one thread: it has room to work in.
class StatisticsOfOrder {
public:
  explicit StatisticsOfOrder(std::span<const std::uint8_t> samples, const Symbols &symbols);

  // Of these symbols, which are those of the constructor in some order. What is not wanted is left alone. Nothing of it
  // is valid when the work is cancelled. Throws std::bad_alloc.
  void compute(std::span<const std::uint8_t> mapped, Wanted wanted, Statistics &out, Work &work);

private:
  [[nodiscard]] double excursion(const Work &work) const;
  void directional_runs(std::span<const std::uint8_t> values, Statistics &out, const Work &work) const;
  void median_runs(std::span<const std::uint8_t> mapped, Statistics &out, const Work &work) const;
  void collisions(std::span<const std::uint8_t> values, Statistics &out, const Work &work) const;
  [[nodiscard]] double compressed_size(Work &work);

  bool binary_;
  std::uint64_t sum_ = 0;                  // of the samples
  unsigned below_median_ = 0;              // symbols less than this are
  std::array<std::uint8_t, 256> raw_{};    // the sample that a symbol stands for
  std::vector<std::uint8_t> samples_;      // in their present order
  std::vector<std::uint8_t> ones_, bytes_; // conversions I and II
  std::unique_ptr<char[]> text_;           // room for the samples as text
  std::vector<char> compressed_;
};

} // namespace ntpkeygen::plugins::sp800_90b
