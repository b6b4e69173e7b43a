// Runs a plugin's code in a process of its own, so that whatever becomes of it is a sentence.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen::verify {

// For the sentence on how a child ended: what it is doing right now.
void note_step(std::string_view what) noexcept;
// Behind the step: which of its allocations fails, and the input.
void note_allocation(std::size_t which) noexcept;
void note_input(std::string_view bytes) noexcept;

// "3 bytes: 31 20 0a"; of long ones the beginning.
[[nodiscard]] std::string in_hex(std::string_view bytes);

// The same of what is mostly printable as text: `3 bytes: "1 \n"`.
[[nodiscard]] std::string shown(std::string_view bytes);

struct Ended {
  std::optional<std::string> answer{}; // what `body` returned
  std::string how{};                   // without one: how the process ended, as the rest of a sentence about the plugin
};

// `time`: of the processor; of the clock it may take ten times as long, and a minute in any case.
[[nodiscard]] Ended run_in_child(const std::function<std::string()> &body, std::chrono::nanoseconds time);

} // namespace ntpkeygen::verify
