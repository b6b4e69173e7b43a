#include "ntpkeygen/host/random/tested_noise.hpp"

#include <algorithm>
#include <cstring>

namespace ntpkeygen {
namespace {

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
    if (!stuck_)
      if (Result<void> drawn = source_->fill(out, control); !drawn)
        return drawn;
    stuck_ = stuck_ || is_stuck(out);
    if (!stuck_)
      return {};
    std::ranges::fill(out, std::byte{0});
    return failure(ErrorCode::health_test,
                   "the random source '" + name_ + "' fails: it is stuck, " + std::to_string(block_bytes) +
                       " bytes came twice in a row",
                   "take keys from another source");
  });
}

bool StuckCheckedSource::is_stuck(std::span<const std::byte> bytes) noexcept {
  const std::span<std::byte> last = blocks_.reveal_mutable().first(block_bytes);
  const std::span<std::byte> next = blocks_.reveal_mutable().last(block_bytes);
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), block_bytes - filled_);
    std::memcpy(next.data() + filled_, bytes.data(), taken);
    bytes = bytes.subspan(taken);
    filled_ += taken;
    if (filled_ < block_bytes)
      break;
    if (has_block_ && equal_in_constant_time(last, next))
      return true;
    std::memcpy(last.data(), next.data(), block_bytes);
    has_block_ = true;
    filled_ = 0;
  }
  return false;
}

} // namespace ntpkeygen
