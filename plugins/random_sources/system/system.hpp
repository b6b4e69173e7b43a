// The random source "system": the kernel's generator, through getrandom(2).
//
// It waits until the kernel is seeded, and says so; it never turns to anything weaker.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ntpkeygen::plugins::system_random {

// What the source asks of the machine; tests pass their own.
class Kernel {
public:
  // As getrandom(2), with -errno in place of -1.
  virtual std::ptrdiff_t get_random(std::span<std::byte> out, unsigned flags) noexcept = 0;
  virtual std::uint64_t monotonic_ns() noexcept = 0;

protected:
  ~Kernel() = default;
};

// The kernel outlives the provider and every source that it opens.
[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(Kernel &kernel);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::system_random
