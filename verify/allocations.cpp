#include "verify/allocations.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <malloc.h>

namespace {

thread_local std::size_t left = 0; // until the one that fails; 0: none does
thread_local bool has_failed = false;

thread_local const std::byte *needle = nullptr;
thread_local std::size_t needle_size = 0;
thread_local bool was_found = false;

bool fails() noexcept {
  if (left == 0)
    return false;
  --left;
  if (left != 0)
    return false;
  has_failed = true;
  errno = ENOMEM;
  return true;
}

} // namespace

namespace ntpkeygen::verify {

void let_allocation_fail(std::size_t which) noexcept {
  has_failed = false;
  left = which;
}
bool stop_failing() noexcept {
  left = 0;
  return has_failed;
}
bool this_allocation_fails() noexcept {
  return fails();
}

FreedMemorySearch::FreedMemorySearch(std::span<const std::byte> bytes) noexcept {
  was_found = false;
  needle_size = bytes.size();
  needle = bytes.data();
}
FreedMemorySearch::~FreedMemorySearch() {
  needle = nullptr;
}
bool FreedMemorySearch::found() const noexcept {
  return was_found;
}

} // namespace ntpkeygen::verify

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NTPKEYGEN_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NTPKEYGEN_SANITIZED
#endif
#endif

#ifdef NTPKEYGEN_SANITIZED

bool ntpkeygen::verify::allocations_are_ours() noexcept {
  return false;
}

#else

bool ntpkeygen::verify::allocations_are_ours() noexcept {
  return true;
}

// The C library's own, under the names that it keeps for replacements like this one.
extern "C" {
void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void *memory);
}

namespace {

// What is given back is wiped, so that whoever gets it next is not taken for the one who left something in it.
void give_back(void *memory) noexcept {
  if (memory == nullptr)
    return;
  const std::size_t size = ::malloc_usable_size(memory);
  if (needle != nullptr && ::memmem(memory, size, needle, needle_size) != nullptr)
    was_found = true;
  ::explicit_bzero(memory, size);
  __libc_free(memory);
}

} // namespace

#define NTPKEYGEN_REPLACEMENT extern "C" [[gnu::visibility("default"), gnu::used]]

NTPKEYGEN_REPLACEMENT void *malloc(std::size_t size) noexcept {
  return fails() ? nullptr : __libc_malloc(size);
}
NTPKEYGEN_REPLACEMENT void *calloc(std::size_t count, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_calloc(count, size);
}
NTPKEYGEN_REPLACEMENT void *realloc(void *memory, std::size_t size) noexcept {
  if (size == 0 && memory != nullptr) {
    give_back(memory);
    return nullptr;
  }
  if (fails())
    return nullptr;
  void *const moved = __libc_malloc(size);
  if (moved == nullptr || memory == nullptr)
    return moved;
  std::memcpy(moved, memory, std::min(size, ::malloc_usable_size(memory)));
  give_back(memory);
  return moved;
}
NTPKEYGEN_REPLACEMENT void *memalign(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
NTPKEYGEN_REPLACEMENT void *aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
NTPKEYGEN_REPLACEMENT int posix_memalign(void **memory, std::size_t alignment, std::size_t size) noexcept {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0)
    return EINVAL;
  void *const taken = fails() ? nullptr : __libc_memalign(alignment, size);
  if (taken == nullptr)
    return ENOMEM;
  *memory = taken;
  return 0;
}
NTPKEYGEN_REPLACEMENT void free(void *memory) noexcept {
  give_back(memory);
}

#endif
