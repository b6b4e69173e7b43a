// The random sources "file" and "hwrng": what can be read from a path.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace ntpkeygen::plugins::file_random {

// What the sources ask of the machine; tests pass their own.
class Files {
public:
  // As open(2) for reading, read(2) and close(2), with -errno in place of -1. A folder is EISDIR already when opened.
  virtual int open(const std::string &path) noexcept = 0;
  virtual std::ptrdiff_t read(int file, std::span<std::byte> out) noexcept = 0;
  virtual void close(int file) noexcept = 0;
  virtual std::uint64_t monotonic_ns() noexcept = 0;

protected:
  ~Files() = default;
};

// `files` outlives the providers and every source that they open.
[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_file_provider(Files &files);
[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_hwrng_provider(Files &files);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::file_random
