// Memory for what is no secret, however large it is: recordings and reports would not fit in what can be locked.
#pragma once

#include "ntpkeygen/sdk/secret.hpp"

#include <cstdlib>

namespace ntpkeygen::cli {

class OrdinaryMemory final : public SecretMemory {
public:
  void *acquire(std::size_t size) noexcept override { return std::malloc(size); }
  void release(void *memory, std::size_t) noexcept override { std::free(memory); }
};

} // namespace ntpkeygen::cli
