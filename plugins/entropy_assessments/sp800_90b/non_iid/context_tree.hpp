// For strings of symbols that have occurred (contexts): how often each symbol followed, and which followed most often.
// Sections 6.3.9 and 6.3.10 call this a dictionary of (x, y).
//
// A tree: a context's parent is the context without its first symbol, so one walk back from a position in the string
// meets all contexts that end there, shortest first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

// Numbers by key; keys are not 0. Open addressing, at most half full.
class NumberMap {
public:
  [[nodiscard]] std::uint32_t *find(std::uint32_t key) noexcept {
    for (std::size_t at = place(key);; at = (at + 1) & mask_)
      if (slots_[at].key == key)
        return &slots_[at].value;
      else if (slots_[at].key == 0)
        return nullptr;
  }
  void clear() noexcept;
  // The key must be new.
  void insert(std::uint32_t key, std::uint32_t value);

private:
  struct Slot {
    std::uint32_t key = 0, value = 0;
  };
  [[nodiscard]] std::size_t place(std::uint32_t key) const noexcept {
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> shift_);
  }
  void put(std::uint32_t key, std::uint32_t value) noexcept;

  static constexpr std::size_t first_capacity = 1024;
  std::vector<Slot> slots_ = std::vector<Slot>(first_capacity);
  std::size_t mask_ = first_capacity - 1, used_ = 0;
  int shift_ = 64 - std::countr_zero(first_capacity);
};

class ContextTree {
public:
  using Node = std::uint32_t; // 0 is none
  static constexpr Node root = 1;

  // Of several symbols that followed most often, `guess` is the largest.
  struct Followers {
    std::uint32_t most = 0; // how often the guess followed; 0: nothing is known to have followed
    std::uint8_t guess = 0;
    bool several = false; // whether different symbols followed; their counts are in a map then
  };

  ContextTree() : followers_(2) {}

  void clear() noexcept;

  [[nodiscard]] Node child(Node parent, std::uint8_t symbol) noexcept {
    const std::uint32_t *const found = children_.find(key(parent, symbol));
    return found == nullptr ? 0 : *found;
  }
  Node add_child(Node parent, std::uint8_t symbol, const Followers &followers);

  [[nodiscard]] Followers &followers(Node node) noexcept { return followers_[node]; }

  // `symbol` followed once more. If it never did before, it is counted only if `may_add`; returns whether it was added.
  bool count(Node node, std::uint8_t symbol, bool may_add);

private:
  [[nodiscard]] static std::uint32_t key(Node node, std::uint8_t symbol) noexcept { return node << 8 | symbol; }

  std::vector<Followers> followers_;
  NumberMap children_, counts_;
};

} // namespace ntpkeygen::plugins::sp800_90b
