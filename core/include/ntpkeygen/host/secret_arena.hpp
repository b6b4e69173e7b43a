// The memory that keys live in: locked into RAM, left out of core dumps, wiped when it is given back.
#pragma once

#include "ntpkeygen/sdk/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ntpkeygen {

class SecretArena final : public SecretMemory {
public:
  SecretArena();
  ~SecretArena(); // everything acquired must have been released
  SecretArena(const SecretArena &) = delete;
  SecretArena &operator=(const SecretArena &) = delete;

  void *acquire(std::size_t size) noexcept override;
  void release(void *memory, std::size_t size) noexcept override;

  // What could not be protected so far, in words for a warning; nullopt when all of it is locked and undumpable.
  [[nodiscard]] std::optional<std::string> weakness() const;

private:
  class Pages;
  std::unique_ptr<Pages> pages_;
};

} // namespace ntpkeygen
