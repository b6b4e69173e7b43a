// What has to hold for what a reader answers, whatever the file.
#pragma once

#include "ntpkeygen/sdk/key_file_reader.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace ntpkeygen::verify {

[[nodiscard]] inline bool is_rule_name(std::string_view rule) {
  return !rule.empty() &&
         std::ranges::all_of(rule, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

[[nodiscard]] inline bool lies_inside(Extent extent, std::size_t size) {
  return extent.offset <= size && extent.size <= size - extent.offset;
}

[[nodiscard]] inline bool same_interpretation(const Interpretation &a, const Interpretation &b) {
  return a.outcome == b.outcome && a.decided_by == b.decided_by && a.reason == b.reason &&
         std::ranges::equal(a.refusals, b.refusals,
                            [](const Refusal &x, const Refusal &y) {
                              return x.id == y.id && x.origin == y.origin && x.rule == y.rule && x.reason == y.reason;
                            }) &&
         std::ranges::equal(a.readings, b.readings, [&](const Reading &x, const Reading &y) {
           return x.id == y.id && a.macs.at(x.mac) == b.macs.at(y.mac) && x.certainty == y.certainty &&
                  x.origin == y.origin &&
                  std::ranges::equal(slice(a.store.reveal(), x.bytes), slice(b.store.reveal(), y.bytes));
         });
}

// What is wrong with it; empty: nothing.
[[nodiscard]] inline std::string flaw_of_interpretation(const Interpretation &loaded, std::size_t file_size) {
  if (loaded.outcome > FileOutcome::exits)
    return "it gives an outcome that there is not";
  if (loaded.reason.empty() != (loaded.outcome == FileOutcome::loaded))
    return loaded.reason.empty() ? "it gives no reason for why a file is not wholly loaded"
                                 : "it gives a reason, and loads the file";
  if (loaded.decided_by && !lies_inside(*loaded.decided_by, file_size))
    return "the line that decides is not in the file";
  if ((loaded.outcome == FileOutcome::rejected || loaded.outcome == FileOutcome::exits) && !loaded.readings.empty())
    return "it gives keys of a file that is not loaded";
  std::set<std::uint32_t> lines;
  for (std::size_t i = 0; i < loaded.readings.size(); ++i) {
    const Reading &key = loaded.readings[i];
    const std::string named = "key " + std::to_string(key.id) + ": ";
    if (i != 0 && (key.id < loaded.readings[i - 1].id ||
                   (key.id == loaded.readings[i - 1].id && key.certainty != Certainty::one_of)))
      return named + "key ids do not ascend";
    if (key.certainty > Certainty::indeterminate)
      return named + "it is certain in a way that there is not";
    if (key.mac >= loaded.macs.size())
      return named + "its MAC is not there";
    if (!lies_inside(key.bytes, loaded.store.size()))
      return named + "its bytes are not in the store";
    if (key.bytes.size == 0)
      return named + "it has no bytes";
    if (!lies_inside(key.origin, file_size))
      return named + "its line is not in the file";
    if (!lines.insert(key.origin.offset).second)
      return named + "another key is of the same line";
  }
  for (std::size_t i = 0; i < loaded.refusals.size(); ++i) {
    const Refusal &refusal = loaded.refusals[i];
    const std::string named = "refusal '" + refusal.rule + "': ";
    if (!is_rule_name(refusal.rule))
      return named + "a rule has a name of small letters, digits and hyphens";
    if (refusal.reason.empty())
      return named + "it has no reason";
    if (!lies_inside(refusal.origin, file_size))
      return named + "its line is not in the file";
    if (i != 0 && loaded.refusals[i - 1].origin.offset > refusal.origin.offset)
      return named + "refusals are not in the file's order";
    if (!lines.insert(refusal.origin.offset).second)
      return named + "its line is loaded, or refused twice";
  }
  return {};
}

} // namespace ntpkeygen::verify
