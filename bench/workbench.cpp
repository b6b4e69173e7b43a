#include "workbench.hpp"

#include <string_view>

namespace ntpkeygen::bench {

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

SecretText Workbench::file(const KeyFileFormat &format, std::uint32_t lines) {
  const KeyGroup &first = format.recipe().groups.front();
  const SecretText text =
      value_of(format.render(keys(group(format, first.type, first.bits, first.encoding, lines / 2)), memory));
  SecretWriter file(memory, 2 * text.size());
  for (std::string_view rest = text.reveal_text(); !rest.empty();) {
    const std::size_t end = rest.find('\n') + 1;
    file.append("# a comment\n");
    file.append(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return file.take();
}

} // namespace ntpkeygen::bench
