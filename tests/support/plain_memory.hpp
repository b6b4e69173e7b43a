// SecretMemory for tests: the ordinary heap, with a count of what is out and of all that was asked for.
#pragma once

#include "ntpkeygen/sdk/secret.hpp"

#include <cstdlib>
#include <cstring>

namespace ntpkeygen::test {

class PlainMemory final : public SecretMemory {
public:
  // `content`: what memory holds before anything is written to it.
  explicit PlainMemory(unsigned char content = 0xa5) : content_(content) {}

  void *acquire(std::size_t size) noexcept override {
    if (fail_after_ == 0)
      return nullptr;
    if (fail_after_ > 0)
      --fail_after_;
    void *memory = std::malloc(size == 0 ? 1 : size);
    if (memory != nullptr) {
      std::memset(memory, content_, size);
      ++outstanding_;
      acquired_ += size;
    }
    return memory;
  }
  void release(void *memory, std::size_t size) noexcept override {
    std::memset(memory, 0, size);
    std::free(memory);
    --outstanding_;
  }
  [[nodiscard]] long outstanding() const { return outstanding_; }
  // Bytes, of all allocations together.
  [[nodiscard]] std::size_t acquired() const { return acquired_; }
  // The allocation after the next `count` ones fails, and all after it.
  void fail_after(long count) { fail_after_ = count; }

private:
  unsigned char content_;
  long outstanding_ = 0;
  std::size_t acquired_ = 0;
  long fail_after_ = -1;
};

} // namespace ntpkeygen::test
