// Sources that are watched while they are used. Both decorators own the source that they watch.
#pragma once

#include "ntpkeygen/host/random/health_tests.hpp"
#include "ntpkeygen/sdk/random_source.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <array>
#include <memory>

namespace ntpkeygen {

// Raw noise under the tests of SP 800-90B section 4.4. Before the first sample is given out, 1,024 others are tested
// and thrown away (the start-up test of section 4.3). An alarm is an error, health_test, and every later call fails as
// well.
class TestedNoise final : public NoiseSource {
public:
  // `name` is for messages. `cutoffs` are for samples of the source's own width.
  TestedNoise(std::unique_ptr<NoiseSource> source, const HealthCutoffs &cutoffs, std::string name)
      : source_(std::move(source)), tests_(cutoffs), name_(std::move(name)) {}

  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return source_->sample_bits(); }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return tests_.cutoffs().min_entropy; }
  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &control) noexcept override;

private:
  Result<void> start_up(RunControl &control);
  Result<void> test(std::span<const std::uint8_t> samples);

  std::unique_ptr<NoiseSource> source_;
  HealthTests tests_;
  std::string name_;
  bool started_ = false;
  HealthAlarm alarm_ = HealthAlarm::none;
};

// A stuck check for what is no raw noise (hardware's conditioned output, generators, recordings), where the tests of
// section 4.4 say nothing: two equal blocks of 16 bytes in a row. Of good output one pair in 2^128 is equal.
class StuckCheck {
public:
  static constexpr std::size_t block_bytes = 16;

  // The last block is kept in `memory`.
  explicit StuckCheck(SecretMemory &memory) : blocks_(memory, 2 * block_bytes) {}
  // Bytes that follow one another, however they are parted. Returns how many blocks are equal to the one before.
  [[nodiscard]] std::uint64_t feed(std::span<const std::byte> bytes) noexcept;

private:
  SecretBytes blocks_;     // the last whole block, and the one that is being filled
  std::size_t filled_ = 0; // of that
  bool has_block_ = false;
};

// A source under the stuck check: equal blocks are an error, health_test, and every later call fails as well.
class StuckCheckedSource final : public RandomSource {
public:
  // `name` is for messages. The last block is kept in `memory`.
  StuckCheckedSource(std::unique_ptr<RandomSource> source, std::string name, SecretMemory &memory)
      : source_(std::move(source)), name_(std::move(name)), first_(memory, StuckCheck::block_bytes), check_(memory) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override;
  [[nodiscard]] SourceStats stats() const noexcept override { return source_->stats(); }

private:
  std::unique_ptr<RandomSource> source_;
  std::string name_;
  SecretBytes first_; // the block that the first bytes given out are compared with
  StuckCheck check_;
  bool has_first_ = false;
  bool stuck_ = false;
};

} // namespace ntpkeygen
