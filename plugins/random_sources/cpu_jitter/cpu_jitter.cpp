#include "random_sources/cpu_jitter/cpu_jitter.hpp"

#include <array>
#include <time.h>
#include <vector>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace ntpkeygen::plugins::cpu_jitter {
namespace {

constexpr std::size_t memory_bytes = std::size_t{256} * 1024; // more than a first cache holds
constexpr std::size_t accesses = 64;                          // for one sample

class Noise final : public NoiseSource {
public:
  explicit Noise(Ticks &ticks) : ticks_(ticks), memory_(memory_bytes, 1), last_(ticks.now()) {}

  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return cpu_jitter::sample_bits; }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return cpu_jitter::claimed_min_entropy; }

  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 1024 == 0 && control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing samples");
        touch_memory();
        const std::uint64_t now = ticks_.now();
        // The low bits alone: they vary, and an interrupt's long delay is not to be told from them.
        out[i] = static_cast<std::uint8_t>(now - last_);
        last_ = now;
      }
      return {};
    });
  }

private:
  // Each address depends on what was read before, so that the accesses cannot overlap.
  void touch_memory() noexcept {
    volatile std::uint8_t *const memory = memory_.data();
    for (std::size_t i = 0; i < accesses; ++i) {
      volatile std::uint8_t &cell = memory[at_ % memory_bytes];
      const std::uint8_t read = cell;
      cell = static_cast<std::uint8_t>(read + 1);
      at_ =
          at_ * 6364136223846793005U + read + 1442695040888963407U; // Knuth's MMIX generator: any that wanders will do
      at_ = (at_ >> 17U) | (at_ << 47U);
    }
  }

  Ticks &ticks_;
  std::vector<std::uint8_t> memory_;
  std::uint64_t at_ = 0, last_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(Ticks &ticks) : ticks_(ticks) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (!argument.empty())
        return failure(ErrorCode::invalid_argument, "the random source 'cpu-jitter' takes no argument",
                       "write 'cpu-jitter', without a colon");
      return advances();
    });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return guarded([]() -> Result<std::unique_ptr<RandomSource>> {
      return failure(ErrorCode::unsupported,
                     "the random source 'cpu-jitter' gives raw noise, which must not become keys as it is",
                     "write 'conditioned:cpu-jitter'");
    });
  }

  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<NoiseSource>> {
      if (Result<void> there = available(argument); !there)
        return failure(std::move(there).error());
      return std::make_unique<Noise>(ticks_);
    });
  }

private:
  // A clock as coarse as a timer's interrupt would give the same sample again and again.
  [[nodiscard]] Result<void> advances() const {
    constexpr int looks = 100;
    int changes = 0;
    Noise noise(ticks_);
    std::array<std::uint8_t, 1> sample{};
    struct Never final : RunControl {
      [[nodiscard]] bool cancelled() const noexcept override { return false; }
      void progress(std::string_view, std::uint64_t, std::uint64_t) noexcept override {}
      void notice(std::string_view) noexcept override {}
    } control;
    for (int i = 0; i < looks; ++i) {
      const std::uint64_t before = ticks_.now();
      if (Result<void> drawn = noise.sample(sample, control); !drawn)
        return drawn;
      changes += ticks_.now() != before ? 1 : 0;
    }
    if (changes == looks)
      return {};
    return failure(ErrorCode::unavailable, "this machine has no clock that is fine enough to see memory accesses");
  }

  Ticks &ticks_;
  SourceInfo info_{.name = "cpu-jitter",
                   .summary = "raw noise: the time of memory accesses, 8 low bits of each",
                   .argument = {},
                   .nature = SourceNature::raw_noise,
                   .argument_required = false};
};

class ProcessorTicks final : public Ticks {
public:
  std::uint64_t now() noexcept override {
#if defined(__x86_64__)
    return __rdtsc();
#else
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
#endif
  }
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(Ticks &ticks) {
  return std::make_unique<Provider>(ticks);
}

Result<void> enroll(Registrar &registrar) {
  static ProcessorTicks ticks;
  return registrar.add(make_provider(ticks));
}

} // namespace ntpkeygen::plugins::cpu_jitter
