// Memory that holds keys: move-only, wiped when released, without any way to print it.
//
// SecretMemory is the arena that the program hands to every function that makes secrets (host/secret_arena.hpp: locked
// into RAM, left out of core dumps). It outlives everything that was allocated from it. Raw access goes through
// `reveal` and `reveal_mutable` only, so that one search finds every place that touches key bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <string_view>
#include <utility>

namespace ntpkeygen {

class SecretMemory {
public:
  // `size` bytes, aligned for any type, or nullptr. The content is not defined.
  virtual void *acquire(std::size_t size) noexcept = 0;
  // Wipes, then frees. `size` is what was asked for.
  virtual void release(void *memory, std::size_t size) noexcept = 0;

protected:
  ~SecretMemory() = default;
};

// A block of secret bytes of a fixed capacity. Throws std::bad_alloc when the arena is exhausted (see `guarded`).
class SecretBytes {
public:
  SecretBytes() noexcept = default;
  SecretBytes(SecretMemory &memory, std::size_t size) : memory_(&memory), size_(size), capacity_(size) {
    if (size == 0)
      return;
    data_ = static_cast<std::byte *>(memory.acquire(size));
    if (data_ == nullptr)
      throw std::bad_alloc();
  }
  SecretBytes(SecretMemory &memory, std::span<const std::byte> copied) : SecretBytes(memory, copied.size()) {
    if (data_ != nullptr)
      std::memcpy(data_, copied.data(), copied.size());
  }
  SecretBytes(SecretBytes &&other) noexcept
      : memory_(other.memory_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  SecretBytes &operator=(SecretBytes &&other) noexcept {
    if (this != &other) {
      clear();
      memory_ = other.memory_;
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
  }
  ~SecretBytes() { clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] std::span<const std::byte> reveal() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<std::byte> reveal_mutable() noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view reveal_text() const noexcept {
    return {reinterpret_cast<const char *>(data_), size_}; // char may alias any object
  }

  // Forgets all but the first `size` bytes; they stay allocated, and are wiped with the rest.
  void truncate(std::size_t size) noexcept { size_ = size < size_ ? size : size_; }

  void clear() noexcept {
    if (data_ != nullptr)
      memory_->release(data_, capacity_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

private:
  friend class SecretWriter;
  SecretMemory *memory_ = nullptr;
  std::byte *data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

// The same, read as text: what a keys file holds.
using SecretText = SecretBytes;

// Appends to a growing SecretBytes; old blocks are wiped as it grows. Throws std::bad_alloc when the arena is
// exhausted.
class SecretWriter {
public:
  explicit SecretWriter(SecretMemory &memory, std::size_t expected_size = 0)
      : memory_(memory), block_(memory, expected_size) {
    block_.size_ = 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return block_.size_; }

  // The next `count` bytes, to be filled by the caller; valid until the next call.
  std::span<std::byte> extend(std::size_t count) {
    if (count > block_.capacity_ - block_.size_)
      grow(count);
    const std::size_t at = block_.size_;
    block_.size_ += count;
    return {block_.data_ + at, count};
  }
  void append(std::span<const std::byte> bytes) {
    if (!bytes.empty())
      std::memcpy(extend(bytes.size()).data(), bytes.data(), bytes.size());
  }
  void append(std::string_view text) {
    if (!text.empty())
      std::memcpy(extend(text.size()).data(), text.data(), text.size());
  }
  void append(char character) { *extend(1).data() = static_cast<std::byte>(character); }
  [[nodiscard]] std::span<const std::byte> reveal() const noexcept { return block_.reveal(); }
  [[nodiscard]] SecretBytes take() noexcept { return std::move(block_); }

private:
  // Out of line: rare, and GCC 12 sees overflows in it that cannot happen where it is inlined often.
  [[gnu::noinline]] void grow(std::size_t count) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    if (count > most || block_.size_ > most - count)
      throw std::bad_alloc();
    const std::size_t needed = block_.size_ + count;
    SecretBytes larger(memory_, needed < 2 * block_.capacity_ ? 2 * block_.capacity_ : needed + 64);
    if (block_.size_ != 0)
      std::memcpy(larger.data_, block_.data_, block_.size_);
    larger.size_ = block_.size_;
    block_ = std::move(larger);
  }
  SecretMemory &memory_;
  SecretBytes block_;
};

// Equality whose time depends on the lengths only. The volatile accumulator keeps the compiler from leaving early.
[[nodiscard]] inline bool equal_in_constant_time(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  if (a.size() != b.size())
    return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<std::uint8_t>(difference | static_cast<std::uint8_t>(a[i] ^ b[i]));
  return difference == 0;
}

} // namespace ntpkeygen
