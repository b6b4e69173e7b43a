#include "ntpkeygen/host/secret_arena.hpp"

#include <cerrno>
#include <cstring>
#include <memory_resource>
#include <mutex>
#include <new>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

// Larger blocks get pages of their own, so that they go back to the system as soon as they are released.
constexpr std::size_t largest_pooled = 4096;
constexpr std::size_t pool_piece = 64 * 1024;

} // namespace

// Pages from the system, locked and left out of dumps; what could not be protected is remembered.
class SecretArena::Pages final : public std::pmr::memory_resource {
public:
  Pages()
      : pieces_(pool_piece, this),
        pool_({.max_blocks_per_chunk = 64, .largest_required_pool_block = largest_pooled}, &pieces_) {}

  void *acquire(std::size_t size) {
    const std::scoped_lock lock(mutex_);
    return size > largest_pooled ? do_allocate(size, alignof(std::max_align_t)) : pool_.allocate(size);
  }
  void release(void *memory, std::size_t size) {
    ::explicit_bzero(memory, size);
    const std::scoped_lock lock(mutex_);
    if (size > largest_pooled)
      do_deallocate(memory, size, alignof(std::max_align_t));
    else
      pool_.deallocate(memory, size);
  }
  [[nodiscard]] std::optional<std::string> weakness() const {
    const std::scoped_lock lock(mutex_);
    std::string words;
    if (lock_error_ != 0)
      words = std::string("memory that holds keys could not be locked (") + ::strerror(lock_error_) +
              "), so they may reach the swap space";
    if (dump_error_ != 0)
      words += std::string(words.empty() ? "" : "; ") + "memory that holds keys could not be kept out of core dumps (" +
               ::strerror(dump_error_) + ")";
    return words.empty() ? std::nullopt : std::optional(words);
  }

private:
  void *do_allocate(std::size_t size, std::size_t) override {
    const std::size_t length = whole_pages(size);
    void *pages = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
      throw std::bad_alloc();
    if (::madvise(pages, length, MADV_DONTDUMP) != 0)
      dump_error_ = errno;
    if (::mlock(pages, length) != 0)
      lock_error_ = errno;
    return pages;
  }
  void do_deallocate(void *memory, std::size_t size, std::size_t) override { ::munmap(memory, whole_pages(size)); }
  [[nodiscard]] bool do_is_equal(const memory_resource &other) const noexcept override { return this == &other; }

  mutable std::mutex mutex_;
  int lock_error_ = 0, dump_error_ = 0;
  std::pmr::monotonic_buffer_resource pieces_;
  std::pmr::unsynchronized_pool_resource pool_;
};

SecretArena::SecretArena() : pages_(std::make_unique<Pages>()) {}
SecretArena::~SecretArena() = default;

void *SecretArena::acquire(std::size_t size) noexcept {
  try {
    return pages_->acquire(size);
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

void SecretArena::release(void *memory, std::size_t size) noexcept {
  pages_->release(memory, size);
}

std::optional<std::string> SecretArena::weakness() const {
  return pages_->weakness();
}

} // namespace ntpkeygen
