#include "workbench.hpp"

#include <string_view>

namespace ntpkeygen::bench {

void over_lengths(benchmark::internal::Benchmark *measured, Mixture mixture) {
  for (std::int64_t lines = 100; lines <= 1'000'000; lines *= 10)
    measured->Args({lines, static_cast<std::int64_t>(mixture)});
  measured->Complexity(benchmark::oN);
}

PlannedGroup Workbench::group(const KeyFileFormat &format, const std::string &type, std::uint16_t bits,
                              Encoding encoding, std::uint32_t count) {
  const std::shared_ptr<const KeyType> of_type = value_of(plugins.key_type(type));
  const MacSpec *const mac = of_type->info().mac_for(bits);
  if (mac == nullptr)
    throw std::runtime_error(type + " has no keys of " + std::to_string(bits) + " bits");
  return {.type = type,
          .mac = *mac,
          .bits = bits,
          .encoding = encoding,
          .spelling = value_of(format.spelling(of_type->info(), bits, encoding)),
          .first_id = 1,
          .count = count};
}

KeyFile Workbench::keys(const PlannedGroup &group) {
  const std::unique_ptr<RandomSource> source = value_of(value_of(plugins.random_source("system"))->open(""));
  return value_of(generate_keys({&group, 1}, *source, memory, control));
}

SecretText Workbench::file(const KeyFileFormat &format, std::uint32_t lines, Mixture mixture) {
  constexpr std::uint32_t lines_of_a_key = 16, ids = 100;
  const std::uint32_t count = mixture == Mixture::same_ids ? lines : lines / lines_of_a_key;
  const KeyGroup &first = format.recipe().groups.front();
  KeyFile made = keys(group(format, first.type, first.bits, first.encoding, count));
  for (Line &line : made.lines)
    if (mixture == Mixture::same_ids) // not in their order
      line.key.id = 1 + line.key.id * 37 % ids;
  const SecretText text = value_of(format.render(made, memory));
  constexpr std::string_view comment = "# a comment\n";
  SecretWriter file(memory, text.size() + lines * comment.size());
  for (std::string_view rest = text.reveal_text(); !rest.empty();) {
    if (mixture != Mixture::same_ids)
      for (std::uint32_t i = 1; i < lines_of_a_key; ++i)
        file.append(comment);
    const std::size_t end = rest.find('\n') + 1;
    file.append(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  SecretText made_of = file.take();
  if (mixture == Mixture::one_line)
    for (std::byte &byte : made_of.reveal_mutable())
      byte = byte == std::byte{'\n'} || byte == std::byte{'#'} ? std::byte{' '} : byte;
  return made_of;
}

} // namespace ntpkeygen::bench
