#include "verify/laws.hpp"

#include "verify/trial.hpp"

#include "ntpkeygen/host/conversion.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ntpkeygen::verify {
namespace {

std::string in_bits(std::size_t bits) {
  return std::to_string(bits) + " bits";
}

// Names, lengths and aliases by themselves were judged when it was enrolled.
Finding describes_itself(const KeyType &type, World &) {
  const KeyTypeInfo &info = type.info();
  if (info.summary.empty())
    return broken("it has no summary");
  if (std::string flaw = flaw_of_line("the summary", info.summary); !flaw.empty())
    return broken(flaw);
  for (const std::string &advice : info.advice)
    if (std::string flaw = flaw_of_line("an advice", advice); advice.empty() || !flaw.empty())
      return broken(advice.empty() ? "an advice is empty" : flaw);
  return holds();
}

Finding is_named_after_its_macs(const KeyType &type, World &) {
  const KeyTypeInfo &info = type.info();
  for (const KeyLengths &some : info.lengths) {
    const std::string &algorithm = some.mac.algorithm;
    if (algorithm.empty() || std::ranges::any_of(algorithm, [](char c) { return c >= 'A' && c <= 'Z'; }))
      return broken("for " + in_bits(some.min_bits) + " it stands for the MAC '" + algorithm +
                    "': names of MACs are lower case, and not empty");
    if (some.mac.tag_bytes == 0)
      return broken("for " + in_bits(some.min_bits) + " it stands for a MAC of 0 bytes");
    if (const std::string expected = key_type_name(some.mac); expected != info.name)
      return broken("what is converted calls keys of " + in_bits(some.min_bits) + " '" + expected +
                    "', after their MAC " + mac_name(some.mac));
  }
  return holds();
}

Finding takes_its_lengths_only(const KeyType &type, World &) {
  constexpr std::size_t longest = 8200; // bytes; max_bits has 16 bits
  RepeatableSource source;
  TrialControl control;
  std::vector<std::byte> bytes(longest);
  static_cast<void>(source.fill(bytes, control));
  note_step("validate a key");
  for (std::size_t size = 0; size <= longest; ++size) {
    const auto key = std::span(bytes).first(size);
    note_input({reinterpret_cast<const char *>(key.data()), key.size()});
    const Result<void> valid = type.validate(key);
    const bool allowed = type.info().mac_for(8 * size) != nullptr;
    if (allowed && !valid)
      return broken("it refuses a key of " + in_bits(8 * size) +
                    ", which its lengths allow: " + words_of(valid.error()));
    if (allowed)
      continue;
    if (std::string flaw = not_refused(valid, ErrorCode::invalid_argument); !flaw.empty())
      return broken("what it says of a key of " + in_bits(8 * size) + ", which its lengths do not allow, " + flaw);
  }
  return holds();
}

Finding validates_without_memory(const KeyType &type, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const std::vector<std::byte> good(type.info().default_bits / 8U), bad(1);
  const auto sound = [](const Result<void> &) { return std::string(); };
  if (std::string trouble = trouble_without_memory(
          "validate a key", [&] { return type.validate(good); }, sound);
      !trouble.empty())
    return broken(trouble);
  if (type.info().mac_for(8) != nullptr)
    return holds();
  // An error all the same, so that nothing tells whether its memory was enough: as many allocations as a message takes.
  constexpr std::size_t enough = 64;
  note_step("refuse a key of 8 bits");
  for (std::size_t which = 1; which <= enough; ++which) {
    note_allocation(which);
    let_allocation_fail(which);
    const Result<void> refused = type.validate(bad);
    stop_failing();
    if (refused)
      return broken("it takes a key of 8 bits when allocation " + std::to_string(which) + " fails");
    if (std::string flaw = flaw_of(refused.error()); !flaw.empty())
      return broken("asked to refuse a key of 8 bits, with allocation " + std::to_string(which) + " failing: " + flaw);
  }
  return holds();
}

constexpr std::array laws{
    Law<KeyType>{"description", "describes itself in lines of text", describes_itself},
    Law<KeyType>{"name", "is called after its MAC, as converted keys are", is_named_after_its_macs},
    Law<KeyType>{"lengths", "takes keys of the lengths that it has, and refuses others", takes_its_lengths_only},
    Law<KeyType>{"memory", "fails with an error where memory ends", validates_without_memory},
};

} // namespace

template <> std::span<const Law<KeyType>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
