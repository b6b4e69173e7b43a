// Files to try formats and readers with: what a format writes, what is left of it after an accident, and what nobody
// would write. The same in every run.
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"
#include "verify/child.hpp"
#include "verify/laws.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ntpkeygen::verify {

// All key types that are there, each once.
[[nodiscard]] std::vector<std::shared_ptr<const KeyType>> known_key_types(World &world);
// By its name: the plugin's own, or another one's; null: it is nowhere.
[[nodiscard]] std::shared_ptr<const KeyFileFormat> find_format(World &world, std::string_view name);
[[nodiscard]] std::shared_ptr<const KeyFileReader> find_reader(World &world, std::string_view name);

// What the format's own generator writes; empty where it cannot be had.
[[nodiscard]] std::string generated_file(const KeyFileFormat &format);

// Memory for one text at a time, behind whose end nothing can be read or written: whoever does ends the process.
class MemoryWithAnEnd final : public SecretMemory {
public:
  MemoryWithAnEnd() = default;
  ~MemoryWithAnEnd() { unmap(); }
  MemoryWithAnEnd(const MemoryWithAnEnd &) = delete;
  MemoryWithAnEnd &operator=(const MemoryWithAnEnd &) = delete;
  void *acquire(std::size_t size) noexcept override; // not aligned: it ends where the memory does
  void release(void *memory, std::size_t size) noexcept override;

private:
  void unmap() noexcept;
  std::byte *pages_ = nullptr;
  std::size_t size_ = 0, guard_ = 0;
  bool taken_ = false;
};

// Short ones first. `sample`: a good one, which many are made of.
[[nodiscard]] std::vector<std::string> hostile_files(const std::string &sample);

// What is left of one line after an accident: a character is another one or is missing, or a word is.
[[nodiscard]] std::vector<std::string> damaged(const std::string &line);
// Whether a message has 8 characters or more of a key, as it is or in hex digits.
[[nodiscard]] bool quotes(std::string_view message, std::span<const std::byte> key);
[[nodiscard]] inline std::string quoted_key(std::string_view message) {
  return "what it says holds a part of the key: " + shown(message);
}

// `flaw(file)`: what is wrong with how it is taken; empty: nothing. Returns the first flaw there is, with the file,
// made as short as it gets, and whether it is wrong each time.
[[nodiscard]] std::string first_flaw(const std::vector<std::string> &files, std::string_view step,
                                     const std::function<std::string(const std::string &)> &flaw);

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

} // namespace ntpkeygen::verify
