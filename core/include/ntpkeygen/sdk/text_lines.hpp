// Lines and fields of a text file as C programs take them: through a buffer of a fixed size, and by sets of characters.
#pragma once

#include "ntpkeygen/sdk/eight_bytes.hpp"
#include "ntpkeygen/sdk/key_file.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ntpkeygen {

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; // char may alias any object
}

// What a C program sees of a text: all before its first NUL.
[[nodiscard]] inline std::string_view up_to_nul(std::string_view text) noexcept {
  return text.substr(0, text.find('\0'));
}

// A few characters, for finding the first that is one of them, or none.
template <std::size_t N> class CharacterSet {
public:
  explicit constexpr CharacterSet(const char (&characters)[N + 1]) noexcept {
    for (std::size_t i = 0; i < N; ++i)
      members_[i] = characters[i];
  }
  [[nodiscard]] constexpr bool contains(char c) const noexcept {
    for (const char member : members_)
      if (c == member)
        return true;
    return false;
  }

  // The first position from `at` on whose character is outside the set; the text's size when there is none.
  [[nodiscard]] constexpr std::size_t skip(std::string_view text, std::size_t at) const noexcept {
    while (at < text.size() && contains(text[at]))
      ++at;
    return at;
  }
  // The first whose character is in the set.
  [[nodiscard]] std::size_t find(std::string_view text, std::size_t at) const noexcept {
    for (; at + 8 <= text.size(); at += 8) {
      const std::uint64_t word = load_eight(text.data() + at);
      std::uint64_t hits = 0;
      for (const char member : members_)
        hits |= first_zero(word ^ static_cast<unsigned char>(member) * each_of_eight);
      if (hits != 0)
        return at + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    }
    while (at < text.size() && !contains(text[at]))
      ++at;
    return at;
  }

private:
  std::array<char, N> members_{};
};
template <std::size_t N> CharacterSet(const char (&)[N]) -> CharacterSet<N - 1>;

// isspace(3) in the C locale.
inline constexpr CharacterSet c_blanks{" \t\n\v\f\r"};

// What fgets(3) returns: up to and with the next line feed, but no more than its buffer holds; what is left of a longer
// line comes as further pieces.
struct LinePiece {
  Extent extent{};        // the line feed included
  bool continued = false; // it does not begin where a line begins
  bool ended = false;     // it has the line feed

  // Without the line feed.
  [[nodiscard]] Extent content() const noexcept { return {extent.offset, extent.size - (ended ? 1U : 0U)}; }
};

// What is wrong with a line: a short name that stays, and one sentence.
struct LineFault {
  std::string_view rule{}, reason{};
};

class BufferedLines {
public:
  // `longest` is how many bytes a piece can have: one less than the size that fgets is given.
  BufferedLines(std::span<const std::byte> file, std::uint32_t longest) noexcept : file_(file), longest_(longest) {}

  // False at the end of the file.
  [[nodiscard]] bool next(LinePiece &piece) noexcept {
    if (at_ >= file_.size())
      return false;
    const std::size_t left = file_.size() - at_, most = left < longest_ ? left : longest_;
    const void *feed = std::memchr(file_.data() + at_, '\n', most);
    const std::size_t size =
        feed != nullptr ? static_cast<std::size_t>(static_cast<const std::byte *>(feed) - file_.data()) - at_ + 1
                        : most;
    piece.extent = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(size)};
    piece.continued = !last_ended_;
    piece.ended = last_ended_ = feed != nullptr;
    at_ += size;
    return true;
  }

private:
  std::span<const std::byte> file_;
  std::uint32_t longest_;
  std::size_t at_ = 0;
  bool last_ended_ = true;
};

} // namespace ntpkeygen
