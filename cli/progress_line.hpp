// A line on the terminal that says how far a long computation is, and about how much longer it takes. It is gone once
// the work is done, or before anything else is written. Where there is no terminal, there is no line.
#pragma once

#include "ntpkeygen/host/environment.hpp"

#include <chrono>
#include <string>

namespace ntpkeygen::cli {

class ProgressLine final : public RunControl {
public:
  using Time = std::chrono::steady_clock::time_point;

  // `quiet`: without a line, what else is asked goes to the environment's own control. `now` is for tests.
  ProgressLine(Environment &environment, bool quiet, Time (*now)() = std::chrono::steady_clock::now)
      : control_(environment.control), err_(environment.err), shown_(!quiet && err_.is_terminal()), now_(now) {}
  ProgressLine(const ProgressLine &) = delete;
  ProgressLine &operator=(const ProgressLine &) = delete;
  ~ProgressLine() { clear(); }

  [[nodiscard]] bool cancelled() const noexcept override { return control_.cancelled(); }
  void progress(std::string_view stage, std::uint64_t done, std::uint64_t total) noexcept override;
  void notice(std::string_view sentence) noexcept override {
    clear();
    control_.notice(sentence);
  }

private:
  void clear() noexcept;

  RunControl &control_;
  TextOutput &err_;
  bool shown_, visible_ = false;
  Time (*now_)();
  std::string stage_;
  Time began_{}, last_{};
};

} // namespace ntpkeygen::cli
