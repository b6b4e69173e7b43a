#include "entropy_assessments/sp800_90b/non_iid/context_tree.hpp"

#include <algorithm>
#include <utility>

namespace ntpkeygen::plugins::sp800_90b {

void NumberMap::put(std::uint32_t key, std::uint32_t value) noexcept {
  std::size_t at = place(key);
  while (slots_[at].key != 0)
    at = (at + 1) & mask_;
  slots_[at] = {key, value};
}

void NumberMap::insert(std::uint32_t key, std::uint32_t value) {
  if (2 * ++used_ > slots_.size()) {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    --shift_;
    for (const Slot &slot : old)
      if (slot.key != 0)
        put(slot.key, slot.value);
  }
  put(key, value);
}

void NumberMap::clear() noexcept {
  std::ranges::fill(slots_, Slot{});
  used_ = 0;
}

void ContextTree::clear() noexcept {
  followers_.resize(root + 1);
  children_.clear();
  counts_.clear();
}

ContextTree::Node ContextTree::add_child(Node parent, std::uint8_t symbol, const Followers &followers) {
  const auto node = static_cast<Node>(followers_.size());
  followers_.push_back(followers);
  children_.insert(key(parent, symbol), node);
  return node;
}

bool ContextTree::count(Node node, std::uint8_t symbol, bool may_add) {
  Followers &known = followers_[node];
  if (known.most == 0) {
    known.most = 1;
    known.guess = symbol;
    return true;
  }
  std::uint32_t count = 1;
  bool added = false;
  if (!known.several) {
    if (symbol == known.guess) {
      ++known.most;
      return false;
    }
    if (!may_add)
      return false;
    known.several = true;
    counts_.insert(key(node, known.guess), known.most);
    counts_.insert(key(node, symbol), count);
    added = true;
  } else if (std::uint32_t *const found = counts_.find(key(node, symbol))) {
    count = ++*found;
  } else {
    if (!may_add)
      return false;
    counts_.insert(key(node, symbol), count);
    added = true;
  }
  if (count > known.most || (count == known.most && symbol > known.guess)) {
    known.most = count;
    known.guess = symbol;
  }
  return added;
}

} // namespace ntpkeygen::plugins::sp800_90b
