#include "ntpkeygen/host/text_table.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

namespace ntpkeygen {

std::uint32_t TextTable::keep(std::string_view text) {
  if (text.empty())
    return 0;
  if (2 * texts_.size() >= slots_.size())
    grow();
  std::uint32_t &slot = slots_[slot_of(text)];
  if (slot == 0) {
    texts_.push_back(copied(text));
    slot = static_cast<std::uint32_t>(texts_.size() - 1);
  }
  return slot;
}

// Where its number stands, or would.
std::size_t TextTable::slot_of(std::string_view text) const noexcept {
  std::size_t at = std::hash<std::string_view>{}(text) & (slots_.size() - 1);
  while (slots_[at] != 0 && texts_[slots_[at]] != text)
    at = (at + 1) & (slots_.size() - 1);
  return at;
}

void TextTable::grow() {
  constexpr std::size_t least = 64;
  slots_.assign(std::max(least, 2 * slots_.size()), 0);
  for (std::uint32_t number = 1; number < texts_.size(); ++number)
    slots_[slot_of(texts_[number])] = number;
}

std::string_view TextTable::copied(std::string_view text) {
  constexpr std::size_t block = 16 * 1024;
  if (left_ < text.size()) {
    const std::size_t size = std::max(block, text.size());
    next_ = blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(size)).get();
    left_ = size;
  }
  std::memcpy(next_, text.data(), text.size());
  const std::string_view kept(next_, text.size());
  next_ += text.size();
  left_ -= text.size();
  return kept;
}

} // namespace ntpkeygen
