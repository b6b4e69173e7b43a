#include "ntpkeygen/host/random/conditioning.hpp"

#include "ntpkeygen/host/random/health_tests.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace ntpkeygen {
namespace {

constexpr std::size_t block_bytes = 32;             // HMAC-SHA-256's output, and what is drawn of each mixed source
constexpr double block_entropy = 256 + 64;          // bits of min-entropy that go into a block of noise
constexpr std::size_t most_samples = 1'000'000'000; // for one block; a claim below this is a slip

Result<std::unique_ptr<Mac>> extractor(const MacEngine &engine, std::string_view purpose) {
  // No secret: it only keeps the two uses, and others' uses of HMAC, apart.
  return engine.prepare({.kind = MacSpec::Kind::hmac, .algorithm = "sha256", .tag_bytes = block_bytes},
                        std::as_bytes(std::span(purpose)));
}

// Makes `out` of whole blocks; what is left of the last one is never used.
template <class MakeBlock>
Result<void> fill_by_blocks(std::span<std::byte> out, SecretBytes &block, MakeBlock &&make_block) {
  while (!out.empty()) {
    if (Result<void> made = make_block(block.reveal_mutable()); !made)
      return made;
    const std::size_t taken = std::min(out.size(), block.size());
    std::memcpy(out.data(), block.reveal().data(), taken);
    out = out.subspan(taken);
  }
  return {};
}

Result<void> finish(Mac &mac, std::span<std::byte> block) {
  const Result<std::size_t> made = mac.finish(block);
  if (!made)
    return failure(made.error());
  if (*made != block.size())
    return failure(ErrorCode::plugin_fault, "the MAC engine gave " + std::to_string(*made) + " bytes of HMAC-SHA-256");
  return {};
}

class Mixed final : public RandomSource {
public:
  Mixed(std::vector<std::unique_ptr<RandomSource>> sources, std::unique_ptr<Mac> mac, SecretMemory &memory)
      : sources_(std::move(sources)), mac_(std::move(mac)), input_(memory, block_bytes), block_(memory, block_bytes) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&] {
      return fill_by_blocks(out, block_, [&](std::span<std::byte> block) -> Result<void> {
        for (const auto &source : sources_) {
          constexpr std::array length{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{block_bytes}};
          Result<void> done = source->fill(input_.reveal_mutable(), control)
                                  .and_then([&] { return mac_->update(length); })
                                  .and_then([&] { return mac_->update(input_.reveal()); });
          if (!done)
            return done;
        }
        return finish(*mac_, block);
      });
    });
  }

  [[nodiscard]] SourceStats stats() const noexcept override {
    SourceStats all;
    for (const auto &source : sources_) {
      const SourceStats one = source->stats();
      all.retries += one.retries;
      all.throttled_ns += one.throttled_ns;
    }
    return all;
  }

private:
  std::vector<std::unique_ptr<RandomSource>> sources_;
  std::unique_ptr<Mac> mac_;
  SecretBytes input_, block_;
};

class Conditioned final : public RandomSource {
public:
  Conditioned(std::unique_ptr<NoiseSource> noise, std::unique_ptr<Mac> mac, SecretMemory &memory)
      : noise_(std::move(noise)), mac_(std::move(mac)),
        left_for_block_(samples_for_a_block(noise_->claimed_min_entropy())),
        samples_(memory, std::min<std::size_t>(left_for_block_, 4096)), block_(memory, block_bytes) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&] {
      return fill_by_blocks(out, block_, [&](std::span<std::byte> block) -> Result<void> {
        for (std::size_t left = left_for_block_; left > 0;) {
          if (control.cancelled())
            return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
          const std::span<std::byte> part = samples_.reveal_mutable().first(std::min(left, samples_.size()));
          Result<void> done =
              noise_->sample({reinterpret_cast<std::uint8_t *>(part.data()), part.size()}, control).and_then([&] {
                return mac_->update(part);
              });
          if (!done)
            return done;
          left -= part.size();
        }
        return finish(*mac_, block);
      });
    });
  }

private:
  std::unique_ptr<NoiseSource> noise_;
  std::unique_ptr<Mac> mac_;
  std::size_t left_for_block_;
  SecretBytes samples_, block_;
};

} // namespace

std::size_t samples_for_a_block(double min_entropy) {
  return static_cast<std::size_t>(std::ceil(block_entropy / min_entropy));
}

Result<std::unique_ptr<RandomSource>> mix(std::vector<std::unique_ptr<RandomSource>> sources, const MacEngine &engine,
                                          SecretMemory &memory) {
  if (sources.size() < 2)
    return failure(ErrorCode::invalid_argument, "only two sources and more can be mixed");
  auto mac = extractor(engine, "ntpkeygen: mixed sources");
  if (!mac)
    return failure(std::move(mac).error());
  return std::make_unique<Mixed>(std::move(sources), std::move(*mac), memory);
}

Result<std::unique_ptr<RandomSource>> condition(std::unique_ptr<NoiseSource> noise, const MacEngine &engine,
                                                SecretMemory &memory) {
  if (Result<void> possible = check_sample_bits(noise->sample_bits()); !possible)
    return failure(std::move(possible).error());
  const double claimed = noise->claimed_min_entropy();
  if (!(claimed > block_entropy / static_cast<double>(most_samples)) || claimed > noise->sample_bits())
    return failure(ErrorCode::invalid_argument,
                   "a min-entropy of " + std::to_string(claimed) + " bits per sample cannot be conditioned",
                   "claim a min-entropy that an assessment supports with '--min-entropy'");
  auto mac = extractor(engine, "ntpkeygen: conditioned noise");
  if (!mac)
    return failure(std::move(mac).error());
  return std::make_unique<Conditioned>(std::move(noise), std::move(*mac), memory);
}

} // namespace ntpkeygen
