// SecretMemory for tests: the ordinary heap, with a count of what is still out and a check that everything is wiped.
#pragma once

#include "ntpkeygen/sdk/secret.hpp"

#include <cstdlib>
#include <cstring>

namespace ntpkeygen::test {

class PlainMemory final : public SecretMemory {
public:
  void *acquire(std::size_t size) noexcept override {
    if (fail_after_ == 0)
      return nullptr;
    if (fail_after_ > 0)
      --fail_after_;
    void *memory = std::malloc(size == 0 ? 1 : size);
    outstanding_ += memory != nullptr ? 1 : 0;
    return memory;
  }
  void release(void *memory, std::size_t size) noexcept override {
    std::memset(memory, 0, size);
    std::free(memory);
    --outstanding_;
  }
  [[nodiscard]] long outstanding() const { return outstanding_; }
  // The allocation after the next `count` ones fails, and all after it.
  void fail_after(long count) { fail_after_ = count; }

private:
  long outstanding_ = 0;
  long fail_after_ = -1;
};

} // namespace ntpkeygen::test
