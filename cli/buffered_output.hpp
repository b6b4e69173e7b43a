// Text on its way to a TextOutput, in blocks: for results that grow with their input. The block lies in secret memory,
// because the text may hold keys.
#pragma once

#include "ntpkeygen/host/environment.hpp"

#include <algorithm>

namespace ntpkeygen::cli {

class BufferedOutput {
public:
  using Ch = char; // it is an output stream of RapidJSON's, too

  BufferedOutput(TextOutput &out, SecretMemory &memory) : out_(out), block_(memory, block_bytes) {}

  void Put(char character) {
    if (used_ == block_bytes)
      write_block();
    block_.reveal_mutable()[used_++] = static_cast<std::byte>(character);
  }
  void Flush() {} // RapidJSON's word for the end of a document

  void append(std::string_view text) {
    while (!text.empty()) {
      if (used_ == block_bytes)
        write_block();
      const std::size_t count = std::min(text.size(), block_bytes - used_);
      std::memcpy(block_.reveal_mutable().data() + used_, text.data(), count);
      used_ += count;
      text.remove_prefix(count);
    }
  }
  void append(std::size_t count, char character) {
    for (; count != 0; --count)
      Put(character);
  }

  // Writes what is left. The first error counts; what came behind it has been dropped.
  [[nodiscard]] Result<void> finish() {
    write_block();
    return std::move(result_);
  }

private:
  static constexpr std::size_t block_bytes = 64 * 1024;

  void write_block() {
    if (result_ && used_ != 0)
      result_ = out_.write(block_.reveal_text().substr(0, used_));
    used_ = 0;
  }

  TextOutput &out_;
  SecretBytes block_;
  std::size_t used_ = 0;
  Result<void> result_{};
};

} // namespace ntpkeygen::cli
