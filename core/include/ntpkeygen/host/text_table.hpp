// Texts that are kept once, however often they come, and are known by a number.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ntpkeygen {

class TextTable {
public:
  // The number of this text, which is copied when it is new. 0 is the empty one.
  [[nodiscard]] std::uint32_t keep(std::string_view text);
  // Valid as long as the table.
  [[nodiscard]] std::string_view operator[](std::uint32_t number) const noexcept { return texts_[number]; }

private:
  [[nodiscard]] std::size_t slot_of(std::string_view text) const noexcept;
  void grow();
  std::string_view copied(std::string_view text);

  std::vector<std::string_view> texts_{std::string_view()};
  std::vector<std::uint32_t> slots_; // numbers by hash; 0: free
  std::vector<std::unique_ptr<char[]>> blocks_;
  char *next_ = nullptr;
  std::size_t left_ = 0;
};

} // namespace ntpkeygen
