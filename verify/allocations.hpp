// The memory that a plugin really gets: this program's malloc(3) takes the C library's place, for the plugin as well,
// whichever C++ runtime it has. So an allocation can be made to fail, and what is given back can be looked at.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ntpkeygen::verify {

// False in a build with a sanitizer, which has its own.
[[nodiscard]] bool allocations_are_ours() noexcept;

// From here on the `which`-th allocation of this thread fails, counted from 1; those behind it succeed again, since
// cleaning up after a failure may allocate.
void let_allocation_fail(std::size_t which) noexcept;
// Whether it came to that. From here on no allocation fails.
bool stop_failing() noexcept;
// For memory that is handed out by other means: counts one allocation, and says whether it is the one.
[[nodiscard]] bool this_allocation_fails() noexcept;

// While it lives, memory that this thread frees is searched for the needle.
class FreedMemorySearch {
public:
  explicit FreedMemorySearch(std::span<const std::byte> needle) noexcept;
  ~FreedMemorySearch();
  FreedMemorySearch(const FreedMemorySearch &) = delete;
  FreedMemorySearch &operator=(const FreedMemorySearch &) = delete;
  [[nodiscard]] bool found() const noexcept;
};

} // namespace ntpkeygen::verify
