#include "verify/trial.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace ntpkeygen::verify {
namespace {

constexpr std::size_t guard_size = 16;
constexpr unsigned char guard = 0xec;

std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace

bool AllocationBudget::is_spent() const noexcept {
  return processor_time() > time;
}
AllocationBudget &allocation_budget() noexcept {
  static AllocationBudget budget;
  return budget;
}

void *WatchedMemory::acquire(std::size_t size) noexcept {
  if (this_allocation_fails())
    return nullptr;
  auto *const memory = static_cast<unsigned char *>(arena_.acquire(size + guard_size));
  if (memory == nullptr)
    return nullptr;
  try {
    blocks_.emplace(memory, size);
  } catch (const std::bad_alloc &) {
    arena_.release(memory, size + guard_size);
    return nullptr;
  }
  acquired_ += size;
  std::memset(memory, content_, size);
  std::memset(memory + size, guard, guard_size);
  return memory;
}

void WatchedMemory::release(void *memory, std::size_t size) noexcept {
  const auto block = blocks_.find(memory);
  if (block == blocks_.end() || block->second != size) {
    flaw_ = "gives secret memory back that it did not get, or with another size";
    return;
  }
  blocks_.erase(block);
  const auto *const behind = static_cast<const unsigned char *>(memory) + size;
  if (!std::all_of(behind, behind + guard_size, [](unsigned char byte) { return byte == guard; }))
    flaw_ = "writes behind the end of secret memory";
  arena_.release(memory, size + guard_size);
}

std::string WatchedMemory::flaw() const {
  if (!flaw_.empty())
    return flaw_;
  return blocks_.empty() ? "" : "does not give all secret memory back";
}

TrialControl::TrialControl(std::optional<std::chrono::nanoseconds> patience)
    : end_(patience ? std::optional(processor_time() + *patience) : std::nullopt) {}

bool TrialControl::cancelled() const noexcept {
  return end_ && processor_time() >= *end_;
}

Result<void> RepeatableSource::fill(std::span<std::byte> out, RunControl &) noexcept {
  for (std::byte &byte : out)
    byte = static_cast<std::byte>(random_());
  return {};
}

std::string flaw_of_line(std::string_view what, std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return std::string(what) + " is not one line of text: " + shown(text);
  return {};
}

std::string flaw_of(const Error &error, Words given) {
  if (error.code < ErrorCode::out_of_memory || error.code > ErrorCode::plugin_fault)
    return "is an error of a code that there is not: " + std::to_string(static_cast<unsigned>(error.code));
  if (error.code == ErrorCode::out_of_memory)
    return {};
  if (error.message.empty())
    return error.code == ErrorCode::plugin_fault
               ? "is an error without a message, which 'guarded' has made of an exception that was thrown"
               : "is an error without a message";
  for (const auto &[what, text] :
       {std::pair<std::string_view, std::string_view>{"the message", error.message}, {"the hint", error.hint}}) {
    if (std::string flaw = flaw_of_line(what, text); !flaw.empty() && given == Words::plain)
      return flaw;
    if (text.ends_with('.'))
      return std::string(what) + " ends with a full stop: " + std::string(text);
  }
  return {};
}

std::string words_of(const Error &error) {
  if (!error.message.empty())
    return error.message;
  return error.code == ErrorCode::out_of_memory ? "out of memory" : "an error without a message";
}

} // namespace ntpkeygen::verify
