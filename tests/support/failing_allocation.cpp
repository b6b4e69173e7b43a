#include "support/failing_allocation.hpp"

#include <cstdlib>
#include <new>
#include <optional>

namespace {

thread_local std::optional<std::size_t> left;

} // namespace

namespace ntpkeygen::test {

FailingAllocation::FailingAllocation(std::size_t before) noexcept {
  left = before;
}
FailingAllocation::~FailingAllocation() {
  left.reset();
}

} // namespace ntpkeygen::test

void *operator new(std::size_t size) {
  if (void *memory = operator new(size, std::nothrow))
    return memory;
  throw std::bad_alloc();
}
// This one too: a sanitizer's own would not fit the operator delete below.
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
  if (left && (*left)-- == 0) {
    left.reset();
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void *memory) noexcept {
  std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
  std::free(memory);
}
