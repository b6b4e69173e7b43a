// What has to hold for the conversion of any bytes: what the source's program loads is what the target's program loads
// from the result, but for the keys that were refused.
#pragma once

#include "fuzz/key_file_reader_checks.hpp"
#include "key_file_formats/network_gear/network_gear.hpp"

#include "ntpkeygen/host/conversion.hpp"
#include "ntpkeygen/host/loaded_keys.hpp"

namespace ntpkeygen::test {

// A device's configuration is read by nobody here. It has as many commands with a key as there are keys.
inline std::string broken_commands(const KeyFileFormat &target, const Conversion &made) {
  const std::string_view text = made.text.reveal_text();
  std::size_t commands = 0;
  for (std::size_t at = text.find("authentication-key "); at != std::string_view::npos;
       at = text.find("authentication-key ", at + 1)) {
    const std::size_t begin = text.rfind('\n', at) + 1;
    commands += text.substr(begin).starts_with(target.info().comment_sign) ? 0U : 1U;
  }
  return commands == made.keys ? "" : "another number of commands than of keys";
}

inline std::string broken_conversion(const Interpretation &before, const Conversion &made, const KeyFileReader &target,
                                     SecretMemory &memory) {
  const auto after = target.interpret(made.text.reveal(), memory);
  if (!after || after->outcome != FileOutcome::loaded || !after->refusals.empty())
    return "a file that the target's program does not load whole";
  std::set<KeyId> refused;
  for (const RefusedKey &key : made.refused)
    if (key.reason.empty() || !refused.insert(key.id).second)
      return "a key that is refused without a reason, or twice";
  std::size_t kept = 0;
  for (auto at = before.readings.begin(); at != before.readings.end();) {
    const auto all = readings_of(before, at->id);
    at += static_cast<std::ptrdiff_t>(all.size());
    if (refused.contains(all.front().id))
      continue;
    ++kept;
    const Reading *const read = known_key(*after, all.front().id);
    const Reading *const known = known_key(before, all);
    if (known == nullptr)
      return "a key was converted that nobody knows";
    if (read == nullptr || !same_key(before, *known, *after, *read))
      return "another key than before";
  }
  if (kept != after->readings.size() || kept != made.keys)
    return "another number of keys than before";
  return "";
}

// The first byte says from which format to which, and how keys are to be written. Empty when all is as promised, else
// what is not.
inline std::string broken_by_conversion(std::span<const std::byte> input) {
  static const auto gear = plugins::network_gear::make_formats();
  constexpr std::array encodings{std::optional<Encoding>(), std::optional(Encoding::hex),
                                 std::optional(Encoding::ascii)};
  if (input.empty())
    return "";
  auto choice = std::to_integer<std::size_t>(input[0]);
  const auto choose = [&](std::size_t of) {
    const std::size_t chosen = choice % of;
    choice /= of;
    return chosen;
  };
  const std::size_t from = choose(formats_under_test.size()), to = choose(formats_under_test.size() + 1);
  const std::optional<Encoding> encoding = encodings[choose(encodings.size())];
  const std::span<const std::byte> source = input.subspan(1);

  PlainMemory memory;
  const auto before = reader_under_test(formats_under_test[from].reader).interpret(source, memory);
  if (!before)
    return "an error for a file's content";
  const bool to_gear = to == formats_under_test.size();
  const KeyFileFormat &target = to_gear ? *gear[source.size() % gear.size()] : format_under_test(to);
  const KeyFileReader *const reader = to_gear ? nullptr : &reader_under_test(formats_under_test[to].reader);
  const auto made =
      convert_keys(format_under_test(from), SecretText(memory, source), *before, target, reader, encoding, memory);
  if (!made)
    return "the conversion failed: " + made.error().message;
  return to_gear ? broken_commands(target, *made) : broken_conversion(*before, *made, *reader, memory);
}

} // namespace ntpkeygen::test
