#include "entropy_assessments/sp800_90b/tasks.hpp"

#include "ntpkeygen/sdk/throwing.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr auto polling_interval = std::chrono::milliseconds(50);

class Crew {
public:
  explicit Crew(const std::vector<Task> &tasks) : tasks_(tasks), works_(tasks.size()) {}
  Crew(const Crew &) = delete;
  Crew &operator=(const Crew &) = delete;
  ~Crew() {
    cancel();
    for (std::thread &thread : threads_)
      thread.join();
  }

  // Fewer threads than asked for will do.
  [[nodiscard]] bool start(unsigned threads) {
    threads_.reserve(threads);
    try {
      for (unsigned i = 0; i < threads; ++i) {
        {
          const std::lock_guard lock(mutex_);
          ++busy_;
        }
        threads_.emplace_back([this] {
          prepare_to_throw();
          run();
        });
      }
    } catch (const std::system_error &) {
      const std::lock_guard lock(mutex_);
      --busy_;
    }
    return !threads_.empty();
  }

  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, polling_interval, [this] { return busy_ == 0; });
  }

  void cancel() noexcept {
    for (Work &work : works_)
      work.cancel();
  }

  [[nodiscard]] double done() const noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < tasks_.size(); ++i)
      sum += tasks_[i].weight * works_[i].fraction();
    return sum;
  }

  void rethrow() {
    if (exception_)
      std::rethrow_exception(exception_);
  }

private:
  void run() noexcept {
    for (std::size_t i = next_++; i < tasks_.size(); i = next_++) {
      if (works_[i].cancelled())
        break;
      try {
        tasks_[i].run(works_[i]);
      } catch (...) {
        cancel();
        const std::lock_guard lock(mutex_);
        exception_ = std::current_exception();
      }
      works_[i].reached(1, 1);
    }
    const std::lock_guard lock(mutex_);
    --busy_;
    idle_.notify_all();
  }

  const std::vector<Task> &tasks_;
  std::deque<Work> works_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable idle_;
  unsigned busy_ = 0;
  std::exception_ptr exception_;
  std::vector<std::thread> threads_;
};

} // namespace

Result<void> run_tasks(const std::vector<Task> &tasks, unsigned threads, std::string_view stage, RunControl &control) {
  constexpr std::uint64_t steps = 1000;
  double total = 0;
  for (const Task &task : tasks)
    total += task.weight;

  Crew crew(tasks);
  if (!crew.start(std::min(threads, static_cast<unsigned>(std::max<std::size_t>(tasks.size(), 1)))))
    return failure(
        ErrorCode::unavailable, "cannot start a thread to compute with",
        "see the limits on this user's processes and memory (ulimit -u, ulimit -v) and on its container; fewer threads "
        "need less");
  bool cancelled = false;
  while (!crew.wait()) {
    if (!cancelled && control.cancelled()) {
      cancelled = true;
      crew.cancel();
    }
    if (total > 0)
      control.progress(stage, static_cast<std::uint64_t>(crew.done() / total * static_cast<double>(steps)), steps);
  }
  crew.rethrow();
  if (cancelled || control.cancelled())
    return failure(ErrorCode::cancelled, "interrupted while computing: " + std::string(stage));
  control.progress(stage, steps, steps);
  return {};
}

} // namespace ntpkeygen::plugins::sp800_90b
