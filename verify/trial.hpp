// What the laws share: memory and an interruption that are watched, errors that are read, and operations whose
// allocations fail one after another.
#pragma once

#include "verify/allocations.hpp"
#include "verify/child.hpp"
#include "verify/finding.hpp"

#include "ntpkeygen/host/secret_arena.hpp"
#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/random_source.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace ntpkeygen::verify {

// Secret memory that notices what is not given back, and what is written behind its end.
class WatchedMemory final : public SecretMemory {
public:
  // `content`: what it holds before anything is written to it.
  explicit WatchedMemory(unsigned char content = 0xa5) : content_(content) {}
  void *acquire(std::size_t size) noexcept override;
  void release(void *memory, std::size_t size) noexcept override;

  [[nodiscard]] std::size_t acquired() const { return acquired_; } // bytes, of all blocks together
  [[nodiscard]] std::string flaw() const;                          // empty: all of it came back as it should

private:
  SecretArena arena_;
  unsigned char content_;
  std::map<void *, std::size_t> blocks_;
  std::size_t acquired_ = 0;
  std::string flaw_;
};

class TrialControl final : public RunControl {
public:
  // `patience`: it is interrupted after so much processor time; none: never.
  explicit TrialControl(std::optional<std::chrono::nanoseconds> patience = std::nullopt);
  [[nodiscard]] bool cancelled() const noexcept override;
  void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
  void notice(std::string_view) noexcept override {}

private:
  std::optional<std::chrono::nanoseconds> end_;
};

// Bytes that look random and are the same in every run.
class RepeatableSource final : public RandomSource {
public:
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override;

private:
  std::mt19937_64 random_{20260101}; // NOLINT(cert-msc51-cpp): the same every time
};

// What is wrong with how an error is put; empty: nothing. It may quote words that it was given, with all that is in
// them: who prints it escapes that.
enum class Words : std::uint8_t { plain, foreign };
[[nodiscard]] std::string flaw_of(const Error &error, Words given = Words::plain);
// With a text that is printed in one line: what is wrong with it. `what` names it.
[[nodiscard]] std::string flaw_of_line(std::string_view what, std::string_view text);

// That `result` is an error of this code, put as errors have to be; else what it is instead.
template <class T>
[[nodiscard]] std::string not_refused(const Result<T> &result, ErrorCode code, Words given = Words::plain) {
  if (result)
    return "is no error";
  if (std::string flaw = flaw_of(result.error(), given); !flaw.empty())
    return flaw;
  return result.error().code == code ? "" : "is an error of another code: " + result.error().message;
}

[[nodiscard]] std::string words_of(const Error &error);

inline constexpr std::string_view no_allocations =
    "this build of the checker has a sanitizer, whose memory cannot be made to fail";

// A law is tried in a process of its own, which has one of these: how much processor time goes by before no further
// allocations are made to fail, and how many were then, or 0.
struct AllocationBudget {
  std::chrono::nanoseconds time = std::chrono::seconds(5);
  std::size_t only_first = 0;
  [[nodiscard]] bool is_spent() const noexcept;
};
[[nodiscard]] AllocationBudget &allocation_budget() noexcept;

// Lets `call() -> Result<T>` run out of memory at its first allocation, its second, and so on until it needs no more,
// or the budget is spent.
// `judge(const Result<T> &) -> std::string` says what is wrong with a result that is no error; empty: it is what it is
// with all its memory. Returns what is wrong, if anything.
template <class Call, class Judge>
[[nodiscard]] std::string trouble_without_memory(const std::string &what, Call &&call, Judge &&judge) {
  static_cast<void>(call()); // what is made only once is made now
  note_step(what);
  for (std::size_t which = 1;; ++which) {
    note_allocation(which);
    let_allocation_fail(which);
    const auto result = call();
    const bool failed = stop_failing();
    std::string flaw = result ? judge(result) : flaw_of(result.error());
    if (!result && !failed)
      flaw = "fails where no allocation does: " + words_of(result.error());
    if (!flaw.empty())
      return "asked to " + what + (failed ? ", with allocation " + std::to_string(which) + " failing" : "") + ": " +
             flaw;
    if (!failed)
      return {};
    if (allocation_budget().is_spent()) {
      allocation_budget().only_first = which;
      return {};
    }
  }
}

} // namespace ntpkeygen::verify
