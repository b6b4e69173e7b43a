#include "key_file_formats/network_gear/network_gear.hpp"
#include "key_file_formats/network_gear/systems.hpp"

#include "ntpkeygen/sdk/render.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::network_gear {
namespace {

// Pasting, help characters and quoting mangle others: ? " \ ; and a $ at the beginning.
constexpr bool is_pasted_as_it_is(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A message on one of the formats.
tl::unexpected<Error> unsupported(const System &system, const std::string &what, std::string hint) {
  return failure(ErrorCode::unsupported, "the " + std::string(system.name) + " format cannot " + what, std::move(hint));
}

Result<const SystemWord *> word_for(const System &system, std::string_view key_type, std::uint16_t bits,
                                    Encoding encoding) {
  const std::string keys = std::string(key_type) + " keys", holds = "it holds " + std::string(system.holds);
  const auto found = find_word(system.types, key_type, bits);
  if (found.word == nullptr && !found.other_length)
    return unsupported(system, "hold keys of type " + std::string(key_type), holds);
  if (encoding != Encoding::ascii)
    return unsupported(system, "write " + keys + " in hex: " + std::string(system.product) + " takes them as text",
                       "leave out '--encoding', or write them in ASCII");
  if (found.other_length)
    return unsupported(system, "hold " + keys_of_bits(key_type, bits), holds);
  const std::size_t bytes = bits / 8U, longest = found.word->longest;
  if (bytes >= 1 && bytes <= longest)
    return found.word;
  return unsupported(system, "hold " + keys_of_bits(key_type, bits) + ", a character for each 8",
                     "use at most " + std::to_string(8 * longest) + " bits");
}

// The most that a key's commands have beside the key: two ids and line ends, and the longest word.
std::size_t frame_of(const System &system) {
  constexpr std::size_t two_ids = 20, two_line_ends = 2;
  std::size_t longest_word = 0;
  for (const SystemWord &word : system.types)
    longest_word = std::max(longest_word, word.text.size());
  return two_ids + two_line_ends + longest_word + system.before_id.size() + system.before_type.size() +
         system.before_key.size() + system.after_key.size() + system.trust.size();
}

Result<void> write_key(const System &system, SecretWriter &out, KeyId key_id, std::string_view word,
                       std::string_view key) {
  const std::string id = std::to_string(key_id);
  if (!std::ranges::all_of(key, is_pasted_as_it_is))
    return unsupported(system, "hold key " + id + ", which has other characters than letters and digits",
                       "others are lost or changed when commands are pasted");
  for (const std::string_view text :
       {system.before_id, std::string_view(id), system.before_type, word, system.before_key, key, system.after_key})
    out.append(text);
  for (const std::string_view text : {std::string_view("\n"), system.trust, std::string_view(id)})
    out.append(text);
  out.append('\n');
  return {};
}

std::size_t longest_of(const System &system) {
  return std::ranges::max(system.types, {}, &SystemWord::longest).longest;
}

std::string notice_of(const System &system) {
  return "the commands are those of the vendor's page (" + std::string(system.source) +
         ") and were not tried on a device";
}

class Format final : public KeyFileFormat {
public:
  explicit Format(const System &system)
      : system_(system), info_{.name = std::string(system.name),
                               .summary = "commands that give keys to " + std::string(system.product),
                               .reader = "",
                               .reload = "",
                               .notice = notice_of(system),
                               .daemon_groups = {},
                               .first_id = 1,
                               .last_id = system.last_id,
                               .comment_sign = std::string(system.comment_sign),
                               .most_default_bits = static_cast<std::uint16_t>(8 * longest_of(system))},
        recipe_{.groups = {{std::string(system.recipe_type), system.recipe_bits, Encoding::ascii, 10}},
                .label = std::string(system.recipe_type),
                .announced_as = std::string(system.recipe_type)} {}

  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      return word_for(system_, type.name, bits, Encoding::ascii).map([](const SystemWord *) {
        return std::vector{Encoding::ascii};
      });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return word_for(system_, type.name, bits, encoding).map([](const SystemWord *word) {
        Spelling spelling{std::string(word->text), {}, {}};
        for (unsigned c = 0; c < 0x80; ++c)
          spelling.alphabet.set(c, is_pasted_as_it_is(static_cast<char>(c)));
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&] {
      const std::string use = "a server is given a key with: " + std::string(system_.use);
      return comment_lines({file_name, date, info_.notice, use}, system_.comment_sign);
    });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<SecretText> {
      const auto find = [&](std::string_view type, std::uint16_t bits, Encoding encoding) {
        return word_for(system_, type, bits, encoding);
      };
      const auto write = [&](SecretWriter &out, const Key &key, const SystemWord *word,
                             std::span<const std::byte> bytes) {
        return write_key(system_, out, key.id, word->text, as_text(bytes));
      };
      Result<SecretText> keys = render_keys(info_, file, memory, frame_of(system_), find, write);
      if (!keys || std::ranges::all_of(file.lines, &Line::written) || system_.enable.empty())
        return keys;
      // Last, so that no key is missing when the device begins to check.
      SecretWriter out(memory, keys->size() + system_.enable.size() + 1);
      out.append(keys->reveal());
      out.append(system_.enable);
      out.append('\n');
      return out.take();
    });
  }

private:
  const System &system_;
  FormatInfo info_;
  Recipe recipe_;
};

} // namespace

std::vector<std::unique_ptr<KeyFileFormat>> make_formats() {
  std::vector<std::unique_ptr<KeyFileFormat>> formats;
  for (const System &system : systems())
    formats.push_back(std::make_unique<Format>(system));
  return formats;
}

} // namespace ntpkeygen::plugins::network_gear
