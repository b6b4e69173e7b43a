// Makes one call of operator new fail, in a test program that links ntpkeygen_failing_allocation.
#pragma once

#include <cstddef>

namespace ntpkeygen::test {

// While it lives, the first `before` allocations of this thread succeed, the next throws std::bad_alloc, and all later
// ones succeed again: cleaning up after a failure may allocate (Botan's pool does when memory goes back to it).
class FailingAllocation final {
public:
  explicit FailingAllocation(std::size_t before) noexcept;
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation &) = delete;
  FailingAllocation &operator=(const FailingAllocation &) = delete;
};

} // namespace ntpkeygen::test
