#include "ntpkeygen/host/secret_arena.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace ntpkeygen {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

// Small blocks have the size of a power of two and are cut from pieces. Larger ones get pages of their own, so that
// they go back to the system as soon as they are released.
constexpr std::size_t smallest_block = 16, largest_block = 4096;
constexpr std::size_t piece_size = 16 * 1024; // more than a usual run needs; every page of it is locked at once

} // namespace

// Pages from the system, locked and left out of dumps; what could not be protected is remembered.
class SecretArena::Pages final {
public:
  Pages() = default;
  Pages(const Pages &) = delete;
  Pages &operator=(const Pages &) = delete;
  ~Pages() {
    for (std::byte *const piece : pieces_)
      ::munmap(piece, piece_size);
  }

  void *acquire(std::size_t size) {
    const std::scoped_lock lock(mutex_);
    return size > largest_block ? map(whole_pages(size)) : take_block(size);
  }
  void release(void *memory, std::size_t size) {
    ::explicit_bzero(memory, size);
    const std::scoped_lock lock(mutex_);
    if (size > largest_block)
      ::munmap(memory, whole_pages(size));
    else
      give_back_block(memory, size);
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
  // A released block holds nothing but this.
  struct FreeBlock {
    FreeBlock *next;
  };
  static_assert(sizeof(FreeBlock) <= smallest_block);

  static std::size_t block_size(std::size_t size) { return std::bit_ceil(std::max(size, smallest_block)); }
  FreeBlock *&free_blocks(std::size_t block) {
    return free_[static_cast<std::size_t>(std::countr_zero(block) - std::countr_zero(smallest_block))];
  }

  void *take_block(std::size_t size) {
    const std::size_t block = block_size(size);
    if (FreeBlock *&first = free_blocks(block); first != nullptr) {
      FreeBlock *const taken = std::exchange(first, first->next);
      taken->next = nullptr;
      return taken;
    }
    if (left_ < block) {
      pieces_.reserve(pieces_.size() + 1);
      next_ = pieces_.emplace_back(map(piece_size));
      left_ = piece_size;
    }
    left_ -= block;
    return std::exchange(next_, next_ + block);
  }
  void give_back_block(void *memory, std::size_t size) {
    FreeBlock *&first = free_blocks(block_size(size));
    first = new (memory) FreeBlock{first};
  }

  std::byte *map(std::size_t size) {
    // cppcheck-suppress invalidFunctionArg ; -1 is what goes with MAP_ANONYMOUS
    void *pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
      throw std::bad_alloc();
    if (::madvise(pages, size, MADV_DONTDUMP) != 0)
      dump_error_ = errno;
    if (::mlock(pages, size) != 0)
      lock_error_ = errno;
    return static_cast<std::byte *>(pages);
  }

  mutable std::mutex mutex_;
  int lock_error_ = 0, dump_error_ = 0;
  std::array<FreeBlock *, std::countr_zero(largest_block) - std::countr_zero(smallest_block) + 1> free_{};
  std::byte *next_ = nullptr; // the rest of the last piece
  std::size_t left_ = 0;
  std::vector<std::byte *> pieces_;
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
