// What several programs load from one keys file, side by side, and in words where they differ.
#pragma once

#include "ntpkeygen/host/line_index.hpp"
#include "ntpkeygen/host/loaded_keys.hpp"

#include <string>
#include <vector>

namespace ntpkeygen {

// A program, and what it loads from the file.
struct ProgramView {
  std::string name{}; // as in --for
  Interpretation loaded{};
  std::vector<KeyId> refused{}; // ids of refusals that `loaded` has no more

  // Keeps of them what SideBySide asks for: they take more memory than all keys.
  void forget_refusals();
};

// What some of the programs have for one key id.
struct Answer {
  enum class Kind : std::uint8_t {
    key,     // all of them the same one, `readings.front()`
    one_of,  // one program, one of several readings
    unknown, // of the same line, keys whose bytes nobody knows: perhaps not the same ones
    nothing
  };
  Kind kind{};
  std::vector<std::size_t> programs{}; // indices, ascending
  std::span<const Reading> readings{}; // of the first of them
};

// Walks through all ids that a program loads, or that a line names which it refuses, in ascending order.
class SideBySide {
public:
  explicit SideBySide(std::span<const ProgramView> programs);

  // False behind the last id.
  [[nodiscard]] bool next();
  [[nodiscard]] KeyId id() const noexcept { return id_; }
  [[nodiscard]] std::span<const Reading> readings(std::size_t program) const noexcept { return readings_[program]; }

  // The different answers of the programs for this id, by the first program that gives each; `nothing` stands last.
  [[nodiscard]] std::vector<Answer> answers() const;

private:
  std::span<const ProgramView> programs_;
  std::vector<KeyId> refused_{}; // ids of refused lines, ascending
  std::size_t next_refused_ = 0;
  std::vector<std::span<const Reading>> left_, readings_;
  KeyId id_ = 0;
};

// In words, for one id: how the programs take different keys for it, or one that nobody can know; without the id:
// "chrony takes 40 text characters where ntpsec takes 20 bytes of hex". Empty where there is nothing to say. Nothing of
// a key is in it but its length.
[[nodiscard]] std::string difference_in_words(std::span<const std::byte> file, const LineIndex &lines,
                                              std::span<const ProgramView> programs, std::span<const Answer> answers);

} // namespace ntpkeygen
