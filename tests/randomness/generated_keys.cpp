#include "randomness/generated_keys.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/network_gear/network_gear.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_types/aes/aes.hpp"
#include "key_types/md5/md5.hpp"
#include "key_types/sha1/sha1.hpp"
#include "key_types/sha256/sha256.hpp"
#include "key_types/sha384/sha384.hpp"
#include "key_types/sha512/sha512.hpp"
#include "ntpkeygen/host/key_file_input.hpp"
#include "ntpkeygen/host/loaded_keys.hpp"
#include "ntpkeygen/host/posix_file_system.hpp"
#include "ntpkeygen/host/publisher.hpp"
#include "random_sources/system/system.hpp"
#include "support/collecting_registrar.hpp"
#include "support/plain_memory.hpp"
#include "support/run_control.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <unistd.h>

namespace ntpkeygen::test {
namespace {

template <class T> T value_of(Result<T> result) {
  if (!result)
    throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>)
    return *std::move(result);
}

// Of a format that no program reads back, each key stands behind the last blank of a line, perhaps in quotes.
std::vector<std::uint8_t> keys_of_commands(std::string_view text, std::size_t key_bytes) {
  std::vector<std::uint8_t> keys;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with('!') || line.starts_with('#') || line.find(" authentication-key ") == line.npos)
      continue;
    std::string_view key = line.substr(line.rfind(' ') + 1);
    if (key.starts_with('"') && key.ends_with('"'))
      key = key.substr(1, key.size() - 2);
    if (key.size() != key_bytes)
      throw std::runtime_error("a key has another length");
    keys.insert(keys.end(), key.begin(), key.end());
  }
  return keys;
}

} // namespace

std::string KeyKind::name() const {
  return format->info().name + " " + group.type + " " + std::to_string(group.bits) +
         (group.encoding == Encoding::hex ? " hex" : " ascii");
}

std::vector<std::uint8_t> KeyKind::alphabet() const {
  std::vector<std::uint8_t> characters;
  for (unsigned c = 0; c < 256; ++c)
    if (group.spelling.alphabet[c])
      characters.push_back(static_cast<std::uint8_t>(c));
  return characters;
}

double KeyKind::bits_of_a_key() const {
  const auto bytes = static_cast<double>(key_bytes());
  return group.encoding == Encoding::hex ? 8 * bytes
                                         : bytes * std::log2(static_cast<double>(group.spelling.alphabet.count()));
}

std::vector<KeyKind> all_key_kinds() {
  CollectingRegistrar registrar;
  for (const auto enroll :
       {plugins::aes::enroll, plugins::md5::enroll, plugins::sha1::enroll, plugins::sha256::enroll,
        plugins::sha384::enroll, plugins::sha512::enroll, plugins::ntpsec::enroll, plugins::classic::enroll,
        plugins::chrony::enroll, plugins::busybox::enroll, plugins::network_gear::enroll})
    value_of(enroll(registrar));
  const std::vector<std::shared_ptr<const KeyFileReader>> readers(std::move_iterator(registrar.readers.begin()),
                                                                  std::move_iterator(registrar.readers.end()));
  std::vector<KeyKind> kinds;
  for (auto &made : registrar.formats) {
    const std::shared_ptr<const KeyFileFormat> format = std::move(made);
    const FormatInfo &info = format->info();
    const auto reader =
        std::ranges::find_if(readers, [&](const auto &each) { return each->info().name == info.reader; });
    for (const auto &type : registrar.key_types) {
      std::set<std::uint16_t> lengths{type->info().default_bits, info.most_default_bits};
      for (const KeyTypeAlias &alias : type->info().aliases)
        lengths.insert(alias.bits);
      for (const std::uint16_t bits : lengths)
        for (const Encoding encoding : {Encoding::ascii, Encoding::hex}) {
          const MacSpec *const mac = type->info().mac_for(bits);
          auto spelling = format->spelling(type->info(), bits, encoding);
          if (mac != nullptr && spelling)
            kinds.push_back({format, reader == readers.end() ? nullptr : *reader,
                             PlannedGroup{.type = type->info().name,
                                          .mac = *mac,
                                          .bits = bits,
                                          .encoding = encoding,
                                          .spelling = *std::move(spelling)}});
        }
    }
  }
  return kinds;
}

std::vector<std::uint8_t> keys_out_of_files(const KeyKind &kind, std::size_t count, RandomSource &source,
                                            const std::string &folder) {
  constexpr std::size_t most = 50'000; // in a file
  std::vector<std::uint8_t> keys;
  keys.reserve(count * kind.key_bytes());
  PlainMemory memory;
  RecordingControl control;
  PosixFileSystem files;
  while (keys.size() < count * kind.key_bytes()) {
    PlannedGroup group = kind.group;
    group.first_id = kind.format->info().first_id;
    group.count = static_cast<std::uint32_t>(std::min(most, count - keys.size() / kind.key_bytes()));
    const KeyFile made = value_of(generate_keys(std::span(&group, 1), source, memory, control));
    const Publisher publisher =
        value_of(Publisher::open(files, {.folder = folder, .exact_name = "keys", .sync = false}, ::geteuid()));
    static_cast<void>(
        value_of(publisher.publish({}, 0, [&](const std::string &) { return kind.format->render(made, memory); })));
    const InputFile file = value_of(read_key_file(files, folder + "/keys", memory));
    if (kind.reader == nullptr) {
      const auto found = keys_of_commands(file.text.reveal_text(), kind.key_bytes());
      keys.insert(keys.end(), found.begin(), found.end());
    } else {
      const Interpretation loaded = value_of(kind.reader->interpret(file.text.reveal(), memory));
      for (const Reading &reading : loaded.readings) {
        const std::span<const std::byte> bytes = ntpkeygen::key_bytes(loaded, reading);
        if (bytes.size() != kind.key_bytes())
          throw std::runtime_error("a key has another length");
        std::ranges::transform(bytes, std::back_inserter(keys),
                               [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
      }
    }
    value_of(publisher.folder().remove("keys"));
    if (keys.size() % kind.key_bytes() != 0 || keys.size() > count * kind.key_bytes() ||
        (keys.size() / kind.key_bytes()) % most != group.count % most)
      throw std::runtime_error("not as many keys were read as were written");
  }
  return keys;
}

std::vector<std::uint8_t> places_in_alphabet(const KeyKind &kind, std::span<const std::uint8_t> keys) {
  const std::vector<std::uint8_t> alphabet = kind.alphabet();
  std::vector<int> places(256, -1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    places[alphabet[i]] = static_cast<int>(i);
  std::vector<std::uint8_t> found(keys.size());
  std::ranges::transform(keys, found.begin(), [&](std::uint8_t character) {
    if (places[character] < 0)
      throw std::runtime_error("a key has a character that it must not have");
    return static_cast<std::uint8_t>(places[character]);
  });
  return found;
}

std::unique_ptr<RandomSource> system_source() {
  CollectingRegistrar registrar;
  value_of(plugins::system_random::enroll(registrar));
  // Never destroyed: the source needs it.
  static auto &provider = *new std::unique_ptr<RandomSourceProvider>(std::move(registrar.random_sources.front()));
  return value_of(provider->open(""));
}

} // namespace ntpkeygen::test
