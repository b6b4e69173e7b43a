// How long single calls took, without a list of them: 32 steps for each doubling, so that what is read from it is off
// by at most a thirty-second part. Nothing is allocated while it counts.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ntpkeygen::bench {

class LatencyHistogram {
public:
  void add(std::uint64_t nanoseconds) noexcept {
    ++counts_[step_of(nanoseconds)];
    ++count_;
    if (nanoseconds > longest_)
      longest_ = nanoseconds;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t longest() const noexcept { return longest_; }

  // The least time that a share of the calls (0.5, 0.99) did not exceed; the upper end of its step, but no more than
  // the longest.
  [[nodiscard]] std::uint64_t quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      seen += counts_[step];
      if (seen > wanted || (seen == count_ && seen > 0))
        return end_of(step) < longest_ ? end_of(step) : longest_;
    }
    return 0;
  }

private:
  static constexpr unsigned bits = 5; // of a step within its doubling
  static constexpr std::uint64_t steps = std::uint64_t{1} << bits;

  // Times below 32 ns have a step each; then every doubling has 32.
  static constexpr std::size_t step_of(std::uint64_t value) noexcept {
    if (value < steps)
      return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - bits;
    return ((shift + 1) << bits) + static_cast<std::size_t>((value >> shift) - steps);
  }
  // The largest time of a step.
  static constexpr std::uint64_t end_of(std::size_t step) noexcept {
    if (step < steps)
      return step;
    const unsigned shift = static_cast<unsigned>(step >> bits) - 1;
    return (((step & (steps - 1)) + steps + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - bits + 1) * steps> counts_{};
  std::uint64_t count_ = 0, longest_ = 0;
};

} // namespace ntpkeygen::bench
