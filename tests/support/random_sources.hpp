// Random sources for tests: reproducible ones, and ones that fail.
#pragma once

#include "ntpkeygen/sdk/random_source.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace ntpkeygen::test {

// Uniform bytes from a fixed seed, so that a statistical test gives the same verdict every time.
class SeededSource final : public RandomSource {
public:
  explicit SeededSource(std::uint64_t seed) : generator_(seed) {}
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &) noexcept override {
    std::ranges::generate(out, [&] { return static_cast<std::byte>(generator_() >> 56U); });
    return {};
  }

private:
  std::mt19937_64 generator_;
};

// The given bytes, then an error: end_of_data.
class ScriptedSource final : public RandomSource {
public:
  explicit ScriptedSource(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &) noexcept override {
    return guarded([&]() -> Result<void> {
      for (std::byte &byte : out) {
        if (at_ == bytes_.size())
          return failure(ErrorCode::end_of_data, "the script is over");
        byte = static_cast<std::byte>(bytes_[at_++]);
      }
      return {};
    });
  }
  [[nodiscard]] std::size_t used() const { return at_; }

private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// The given samples, then an error: end_of_data.
class ScriptedNoise final : public NoiseSource {
public:
  ScriptedNoise(std::vector<std::uint8_t> samples, std::uint8_t bits, double claimed)
      : samples_(std::move(samples)), bits_(bits), claimed_(claimed) {}
  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return bits_; }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return claimed_; }
  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &) noexcept override {
    return guarded([&]() -> Result<void> {
      if (out.size() > samples_.size() - at_)
        return failure(ErrorCode::end_of_data, "the script is over");
      std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
      at_ += out.size();
      return {};
    });
  }

private:
  std::vector<std::uint8_t> samples_;
  std::uint8_t bits_;
  double claimed_;
  std::size_t at_ = 0;
};

} // namespace ntpkeygen::test
