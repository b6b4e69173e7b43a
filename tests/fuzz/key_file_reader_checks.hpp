// What has to hold for what any program loads, whatever the bytes of the file are.
#pragma once

#include "fuzz/dialects.hpp"
#include "support/plain_memory.hpp"

#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace ntpkeygen::test {

// The bytes that a cipher takes; 0: a digest, which takes any.
inline std::size_t cipher_key_bytes(const MacSpec &mac) {
  if (mac.kind != MacSpec::Kind::cmac)
    return 0;
  const std::string &name = mac.algorithm;
  return name.ends_with("256") ? 32 : name.ends_with("192") || name == "des-ede3" ? 24 : 16;
}

inline bool same_refusal(const Refusal &a, const Refusal &b) {
  return a.id == b.id && a.origin == b.origin && a.rule == b.rule && a.reason == b.reason;
}
inline bool same_reading(const Interpretation &a, const Reading &x, const Interpretation &b, const Reading &y) {
  return x.id == y.id && a.macs[x.mac] == b.macs[y.mac] && x.certainty == y.certainty && x.origin == y.origin &&
         std::ranges::equal(slice(a.store.reveal(), x.bytes), slice(b.store.reveal(), y.bytes));
}
inline bool same_interpretation(const Interpretation &a, const Interpretation &b) {
  return a.outcome == b.outcome && a.decided_by == b.decided_by && a.reason == b.reason &&
         std::ranges::equal(a.refusals, b.refusals, same_refusal) &&
         std::ranges::equal(a.readings, b.readings,
                            [&](const Reading &x, const Reading &y) { return same_reading(a, x, b, y); });
}

inline bool is_rule_name(std::string_view rule) {
  return !rule.empty() &&
         std::ranges::all_of(rule, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// Empty when all is as promised, else what is not.
inline std::string broken_by_reader(std::size_t index, std::span<const std::byte> file) {
  const ReaderUnderTest &limits = readers_under_test[index];
  const KeyFileReader &reader = reader_under_test(index);
  PlainMemory memory;
  const auto read = reader.interpret(file, memory);
  if (!read)
    return "an error for a file's content";
  const Interpretation &loaded = *read;
  const auto inside = [&](Extent extent) {
    return extent.offset <= file.size() && extent.size <= file.size() - extent.offset;
  };

  const bool whole = loaded.outcome == FileOutcome::loaded;
  if (loaded.reason.empty() != whole || loaded.decided_by.has_value() == whole)
    return "an outcome without a reason and a line, or the other way round";
  if (loaded.decided_by && !inside(*loaded.decided_by))
    return "decided by a line that is not in the file";
  if ((loaded.outcome == FileOutcome::rejected || loaded.outcome == FileOutcome::exits) && !loaded.readings.empty())
    return "keys of a file that is not loaded";

  std::set<std::uint32_t> lines;
  for (std::size_t i = 0; i < loaded.readings.size(); ++i) {
    const Reading &key = loaded.readings[i];
    if (key.id < limits.first_id || key.id > limits.last_id)
      return "a key id that the program does not take";
    if (i != 0 && (key.id < loaded.readings[i - 1].id ||
                   (key.id == loaded.readings[i - 1].id && key.certainty != Certainty::one_of)))
      return "key ids that do not ascend";
    if (key.mac >= loaded.macs.size())
      return "a MAC that is not there";
    const std::size_t size = key.bytes.size, store = loaded.store.size();
    if (size > store || key.bytes.offset > store - size)
      return "a key that is not in the store";
    if (size == 0 || size > limits.longest_key)
      return "a key of a length that the program does not take";
    if (const std::size_t expected = cipher_key_bytes(loaded.macs[key.mac]); expected != 0 && size != expected)
      return "a cipher's key of another length than the cipher's";
    if (!inside(key.origin))
      return "a key of a line that is not in the file";
    if (!lines.insert(key.origin.offset).second)
      return "two keys of one line";
  }
  for (std::size_t i = 0; i < loaded.refusals.size(); ++i) {
    const Refusal &refusal = loaded.refusals[i];
    if (!inside(refusal.origin))
      return "a refusal of a line that is not in the file";
    if (i != 0 && loaded.refusals[i - 1].origin.offset > refusal.origin.offset)
      return "refusals that are not in the file's order";
    if (!is_rule_name(refusal.rule) || refusal.reason.empty())
      return "a refusal without a rule or a reason";
    if (!lines.insert(refusal.origin.offset).second)
      return "a line that is refused twice, or refused and loaded";
  }

  if (memory.acquired() > fair_share(file.size()) || loaded.store.size() > fair_share(file.size()))
    return "memory that grows faster than the file";
  // What nobody wrote must not show.
  PlainMemory other(0x3c);
  const auto again = reader.interpret(file, other);
  if (!again || !same_interpretation(loaded, *again))
    return "another answer where memory held something else before";
  return "";
}

} // namespace ntpkeygen::test
