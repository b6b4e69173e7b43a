// The random sources "rdrand" and "rdseed": the processor's instructions of these names.
//
// Source of the rules: Intel, Digital Random Number Generator Software Implementation Guide, revision 2.1,
// sections 5.2.1 (RDRAND) and 5.3.1 (RDSEED).
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace ntpkeygen::plugins::rdrand {

// Ten failures of RDRAND in a row mean that the processor is broken. RDSEED fails when it is asked faster than the
// hardware makes entropy, also by others, so that it gets far more, with a pause before each.
inline constexpr unsigned rdrand_tries = 10;
inline constexpr unsigned rdseed_tries = 10'000;

// Fills requests word by word. `Word`: bool operator()(std::uint64_t &), one try of the instruction, false when it
// failed; in the product it is inlined, for a call would cost as much as the checks.
template <class Word> class Source final : public RandomSource {
public:
  Source(Word word, std::string name, unsigned tries) : word_(word), name_(std::move(name)), tries_(tries) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    constexpr std::size_t between_looks = 64 * 1024;
    std::uint64_t word = 0;
    while (!out.empty()) {
      if (control.cancelled())
        return cancelled();
      std::span<std::byte> part = out.first(std::min(out.size(), between_looks));
      out = out.subspan(part.size());
      for (; part.size() >= sizeof word; part = part.subspan(sizeof word)) {
        if (!word_(word) && !try_again(word))
          return exhausted();
        std::memcpy(part.data(), &word, sizeof word);
      }
      if (!part.empty()) {
        if (!word_(word) && !try_again(word))
          return exhausted();
        std::memcpy(part.data(), &word, part.size());
      }
    }
    // The last word is a part of a key: it must not stay on the stack.
    word = 0;
    asm volatile("" : : "r"(&word) : "memory");
    return {};
  }

  [[nodiscard]] SourceStats stats() const noexcept override { return stats_; }

private:
  [[gnu::noinline]] bool try_again(std::uint64_t &word) noexcept {
    for (unsigned i = 1; i < tries_; ++i) {
      __builtin_ia32_pause();
      ++stats_.retries;
      if (word_(word))
        return true;
    }
    return false;
  }
  [[gnu::noinline, gnu::cold]] static Result<void> cancelled() noexcept {
    return guarded(
        []() -> Result<void> { return failure(ErrorCode::cancelled, "interrupted while drawing random bytes"); });
  }
  [[gnu::noinline, gnu::cold]] Result<void> exhausted() const noexcept {
    return guarded([&]() -> Result<void> {
      return failure(ErrorCode::unavailable,
                     "the processor's instruction " + name_ + " failed " + std::to_string(tries_) + " times in a row",
                     "take another source, and have the machine looked at if it happens again");
    });
  }

  Word word_;
  std::string name_;
  unsigned tries_;
  SourceStats stats_{};
};

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::rdrand
