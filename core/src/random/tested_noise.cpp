#include "ntpkeygen/host/random/tested_noise.hpp"

#include <algorithm>
#include <cstring>

namespace ntpkeygen {
namespace {

// In a time that does not depend on where they differ: they are going to be keys.
bool same_block(const std::byte *one, const std::byte *other) noexcept {
  std::array<std::uint64_t, 2> a{}, b{};
  std::memcpy(a.data(), one, sizeof a);
  std::memcpy(b.data(), other, sizeof b);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

constexpr std::size_t start_up_samples = 1024; // SP 800-90B section 4.3, requirement 10

} // namespace

Result<void> TestedNoise::sample(std::span<std::uint8_t> out, RunControl &control) noexcept {
  return guarded([&]() -> Result<void> {
    if (alarm_ == HealthAlarm::none && !started_)
      if (Result<void> good = start_up(control); !good)
        return good;
    if (alarm_ == HealthAlarm::none)
      if (Result<void> drawn = source_->sample(out, control); !drawn)
        return drawn;
    Result<void> good = test(out);
    if (!good)
      std::ranges::fill(out, std::uint8_t{0});
    return good;
  });
}

Result<void> TestedNoise::start_up(RunControl &control) {
  std::array<std::uint8_t, start_up_samples> samples{};
  Result<void> good = source_->sample(samples, control);
  if (good)
    good = test(samples);
  started_ = good.has_value();
  return good;
}

Result<void> TestedNoise::test(std::span<const std::uint8_t> samples) {
  for (const std::uint8_t sample : samples) {
    if (alarm_ != HealthAlarm::none)
      break;
    alarm_ = tests_.feed(sample);
  }
  if (alarm_ == HealthAlarm::none)
    return {};
  return failure(ErrorCode::health_test,
                 "the random source '" + name_ + "' fails: " + in_words(alarm_, tests_.cutoffs()),
                 "take keys from another source; if it is sound, the min-entropy that is claimed for it is too high");
}

Result<void> StuckCheckedSource::fill(std::span<std::byte> out, RunControl &control) noexcept {
  return guarded([&]() -> Result<void> {
    if (!has_first_) {
      // So that the first bytes that are given out have something to be compared with.
      if (Result<void> drawn = source_->fill(first_.reveal_mutable(), control); !drawn)
        return drawn;
      static_cast<void>(check_.feed(first_.reveal())); // with nothing before it
      has_first_ = true;
    }
    if (!stuck_)
      if (Result<void> drawn = source_->fill(out, control); !drawn)
        return drawn;
    stuck_ = stuck_ || check_.feed(out) > 0;
    if (!stuck_)
      return {};
    std::ranges::fill(out, std::byte{0});
    return failure(ErrorCode::health_test,
                   "the random source '" + name_ + "' fails: it is stuck, " + std::to_string(StuckCheck::block_bytes) +
                       " bytes came twice in a row",
                   "take keys from another source");
  });
}

std::uint64_t StuckCheck::feed(std::span<const std::byte> bytes) noexcept {
  std::byte *const kept = blocks_.reveal_mutable().data(); // the last whole block
  std::byte *const next = kept + block_bytes;              // what there is of the one behind it
  const std::byte *last = kept;
  std::uint64_t equal = 0;
  const auto take = [&](const std::byte *block) {
    equal += has_block_ && same_block(last, block) ? 1 : 0;
    has_block_ = true;
    last = block;
  };
  if (filled_ > 0) {
    const std::size_t missing = std::min(bytes.size(), block_bytes - filled_);
    std::memcpy(next + filled_, bytes.data(), missing);
    bytes = bytes.subspan(missing);
    filled_ += missing;
    if (filled_ < block_bytes)
      return 0;
    take(next);
  }
  for (; bytes.size() >= block_bytes; bytes = bytes.subspan(block_bytes))
    take(bytes.data());
  if (last != kept)
    std::memcpy(kept, last, block_bytes);
  if (!bytes.empty())
    std::memcpy(next, bytes.data(), bytes.size());
  filled_ = bytes.size();
  return equal;
}

} // namespace ntpkeygen
