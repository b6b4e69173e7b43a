// The random source "cpu-jitter": raw noise, the time that memory accesses take.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <cstdint>
#include <memory>

namespace ntpkeygen::plugins::cpu_jitter {

inline constexpr std::uint8_t sample_bits = 8;
// Bits per sample. README.md has what was assessed, on which machines; this is far below all of it.
inline constexpr double claimed_min_entropy = 0.2;

// A clock that counts up, the finer the better; tests pass their own.
class Ticks {
public:
  virtual std::uint64_t now() noexcept = 0;

protected:
  ~Ticks() = default;
};

// `ticks` outlives the provider and every source that it opens.
[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(Ticks &ticks);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::cpu_jitter
