// What there is to say about lines of a file: each sentence once, with everything that it holds for, in the order in
// which they came up.
#pragma once

#include "ntpkeygen/sdk/key_type.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ntpkeygen::cli {

struct Remark {
  std::string words{};
  std::vector<KeyId> ids{};
  std::vector<std::uint32_t> lines{};
};

class Remarks {
public:
  // The one with these words; valid until the next call.
  Remark &about(std::string words) {
    const auto [at, is_new] = positions_.try_emplace(std::move(words), all_.size());
    if (is_new)
      all_.push_back({at->first, {}, {}});
    return all_[at->second];
  }
  [[nodiscard]] const std::vector<Remark> &all() const { return all_; }

private:
  std::map<std::string, std::size_t> positions_;
  std::vector<Remark> all_;
};

} // namespace ntpkeygen::cli
