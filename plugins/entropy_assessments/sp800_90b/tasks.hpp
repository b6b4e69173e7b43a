// Independent computations on a number of threads, while the caller's thread listens for a cancellation and tells of
// progress.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

// What a computation knows of the world outside. It asks `cancelled` at least every few milliseconds, and then returns
// soon, with any result: nobody will look at it.
class Work {
public:
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  void reached(std::uint64_t done, std::uint64_t total) noexcept {
    if (total != 0)
      fraction_.store(static_cast<double>(done) / static_cast<double>(total), std::memory_order_relaxed);
  }
  [[nodiscard]] double fraction() const noexcept { return fraction_.load(std::memory_order_relaxed); }

private:
  std::atomic<bool> cancelled_ = false;
  std::atomic<double> fraction_ = 0;
};

// body(i) for all i from `from` to before `to`, unless the work is cancelled in between.
template <class Body> void in_pieces(std::size_t from, std::size_t to, const Work &work, Body body) {
  constexpr std::size_t piece = std::size_t{1} << 18;
  while (from < to && !work.cancelled())
    for (const std::size_t end = from + std::min(piece, to - from); from < end; ++from)
      body(from);
}

struct Task {
  double weight = 1; // how long it takes, in any unit
  std::function<void(Work &)> run{};
};

// Starts the tasks in their order, so the longest belong first. An exception out of one ends all, and is thrown again.
[[nodiscard]] Result<void> run_tasks(const std::vector<Task> &tasks, unsigned threads, std::string_view stage,
                                     RunControl &control);

} // namespace ntpkeygen::plugins::sp800_90b
