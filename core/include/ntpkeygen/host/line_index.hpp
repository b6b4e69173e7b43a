// Places of a file as editors and messages count them: lines and columns from 1; a line ends at its line feed.
#pragma once

#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ntpkeygen {

class LineIndex {
public:
  explicit LineIndex(std::span<const std::byte> file) {
    const std::string_view text = as_text(file);
    starts_.reserve(static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1);
    starts_.push_back(0);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }

  [[nodiscard]] std::uint32_t line_at(std::uint32_t offset) const noexcept {
    return static_cast<std::uint32_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin());
  }
  [[nodiscard]] std::uint32_t column_at(std::uint32_t offset) const noexcept {
    return offset - starts_[line_at(offset) - 1] + 1;
  }

private:
  std::vector<std::uint32_t> starts_;
};

} // namespace ntpkeygen
