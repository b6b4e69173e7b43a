// Random sources. A RandomSource gives bits fit to be keys; a NoiseSource gives raw samples, which are not.
//
// The two are different types on purpose: raw noise can't be used as key bits by mistake, only through a conditioning
// component (SP 800-90B section 3.1.5).
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/run_control.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen {

enum class SourceNature : std::uint8_t {
  os,        // the operating system's generator
  drbg,      // a deterministic generator in this process, seeded from elsewhere
  hardware,  // a device's conditioned output
  raw_noise, // unconditioned samples
  replay     // bytes recorded earlier: for tests and for material that was brought here
};

struct SourceStats {
  std::uint64_t retries = 0;
  std::uint64_t throttled_ns = 0; // time spent waiting for the source to have something
};

class RandomSource {
public:
  virtual ~RandomSource() = default;
  // Fills all of `out` or fails; a partly filled `out` after an error must not be used. Errors: unavailable, io,
  // end_of_data, health_test, cancelled. Never falls back to something weaker.
  [[nodiscard]] virtual Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept = 0;
  [[nodiscard]] virtual SourceStats stats() const noexcept { return {}; }
};

class NoiseSource {
public:
  virtual ~NoiseSource() = default;
  [[nodiscard]] virtual std::uint8_t sample_bits() const noexcept = 0;   // width of one sample, 1 to 8
  [[nodiscard]] virtual double claimed_min_entropy() const noexcept = 0; // bits per sample, by the maker's claim
  // Consecutive raw samples, one per byte, in the low sample_bits() bits.
  [[nodiscard]] virtual Result<void> sample(std::span<std::uint8_t> out, RunControl &control) noexcept = 0;
};

struct SourceInfo {
  std::string name{};
  std::string summary{};
  std::string argument{}; // what stands behind the colon of --source NAME:ARG, e.g. "PATH"; empty: no argument
  SourceNature nature{};
  bool argument_required = false;
};

class RandomSourceProvider {
public:
  virtual ~RandomSourceProvider() = default;
  [[nodiscard]] virtual const SourceInfo &info() const noexcept = 0;
  // Whether open(argument) has a chance here; the error says why not (unavailable).
  [[nodiscard]] virtual Result<void> available(std::string_view argument) const noexcept = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept = 0;
  // Sources of nature raw_noise implement this one and answer `open` with unsupported.
  [[nodiscard]] virtual Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view) const noexcept {
    return tl::unexpected<Error>(Error{ErrorCode::unsupported});
  }
};

} // namespace ntpkeygen
