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

Result<const TypeWord *> word_for(const System &system, std::string_view key_type, std::uint16_t bits,
                                  Encoding encoding) {
  const std::string keys = std::string(key_type) + " keys", of_bits = " of " + std::to_string(bits) + " bits";
  const std::string holds = "it holds " + std::string(system.holds);
  const auto is_it = [&](const TypeWord &word) { return word.key_type == key_type; };
  const auto word = std::ranges::find_if(system.types, is_it);
  if (word == system.types.end())
    return unsupported(system, "hold keys of type " + std::string(key_type), holds);
  if (encoding != Encoding::ascii)
    return unsupported(system, "write " + keys + " in hex: " + std::string(system.product) + " takes them as text",
                       "leave out '--encoding', or write them in ASCII");
  if (word->bits != 0 && word->bits != bits)
    return unsupported(system, "hold " + keys + of_bits, holds);
  const std::size_t bytes = bits / 8U;
  if (bytes >= 1 && bytes <= word->longest)
    return &*word;
  return unsupported(system, "hold " + keys + of_bits + ", a character for each 8",
                     "use at most " + std::to_string(8 * word->longest) + " bits");
}

// Writes one key's commands.
class KeyWriter {
public:
  KeyWriter(const System &system, const KeyFile &file) : system_(system), file_(file) {}

  // Ids, line ends and the longest word included.
  [[nodiscard]] std::size_t frame() const noexcept {
    constexpr std::size_t two_ids = 20, two_line_ends = 2;
    std::size_t longest_word = 0;
    for (const TypeWord &word : system_.types)
      longest_word = std::max(longest_word, word.text.size());
    return two_ids + two_line_ends + longest_word + system_.before_id.size() + system_.before_type.size() +
           system_.before_key.size() + system_.after_key.size() + system_.trust.size();
  }

  Result<void> operator()(SecretWriter &out, const Key &key) {
    const std::string id = std::to_string(key.id);
    if (key.id < 1 || key.id > system_.last_id)
      return failure(ErrorCode::invalid_argument, "the " + std::string(system_.name) + " format has no key id " + id,
                     "key ids are 1 to " + std::to_string(system_.last_id));
    if (last_ == nullptr || last_->type != key.type || last_->bits != key.bits || last_->encoding != key.encoding) {
      const auto word = word_for(system_, file_.types.at(key.type), key.bits, key.encoding);
      if (!word)
        return failure(word.error());
      word_ = (*word)->text;
      last_ = &key;
    }
    const std::span<const std::byte> bytes = slice(file_.key_bytes.reveal(), key.bytes);
    if (!std::ranges::all_of(as_text(bytes), is_pasted_as_it_is))
      return unsupported(system_, "hold key " + id + ", which has other characters than letters and digits",
                         "others are lost or changed when commands are pasted");
    for (const std::string_view text : {system_.before_id, std::string_view(id), system_.before_type, word_,
                                        system_.before_key, as_text(bytes), system_.after_key})
      out.append(text);
    for (const std::string_view text : {std::string_view("\n"), system_.trust, std::string_view(id)})
      out.append(text);
    out.append('\n');
    return {};
  }

  [[nodiscard]] bool has_written() const noexcept { return last_ != nullptr; }

private:
  const System &system_;
  const KeyFile &file_;
  const Key *last_ = nullptr; // the key that word_ was looked up for
  std::string_view word_{};
};

std::size_t longest_of(const System &system) {
  return std::ranges::max(system.types, {}, &TypeWord::longest).longest;
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
      return word_for(system_, type.name, bits, Encoding::ascii).map([](const TypeWord *) {
        return std::vector{Encoding::ascii};
      });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return word_for(system_, type.name, bits, encoding).map([](const TypeWord *word) {
        Spelling spelling{std::string(word->text), {}, {}};
        for (unsigned c = 0; c < 0x80; ++c)
          spelling.alphabet.set(c, is_pasted_as_it_is(static_cast<char>(c)));
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&]() -> Result<std::string> {
      const std::string use = "a server is given a key with: " + std::string(system_.use);
      std::string lines;
      for (const std::string_view text : {file_name, date, std::string_view(info_.notice), std::string_view(use)}) {
        if (text.find('\n') != std::string_view::npos)
          return failure(ErrorCode::invalid_argument, "the file's name does not fit into a comment line");
        lines.append(system_.comment_sign).append(" ").append(text).append("\n");
      }
      return lines;
    });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<SecretText> {
      KeyWriter writer(system_, file);
      Result<SecretText> keys = render_lines(file, memory, writer.frame(),
                                             [&](SecretWriter &out, const Key &key) { return writer(out, key); });
      if (!keys || !writer.has_written() || system_.enable.empty())
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
