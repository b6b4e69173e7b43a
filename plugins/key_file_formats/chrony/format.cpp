#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/chrony/key_line.hpp"

#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/parse.hpp"
#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::chrony {
namespace {

constexpr KeyId first_id = 1, last_id = 0xffffffff; // chrony.conf(5); 0 is loaded, but no server line can name it
// What stands beside a key in the longest line, line feed included.
constexpr std::string_view longest_frame = "4294967295 SHA512 HEX:\n";
constexpr std::size_t longest_ascii = longest_line - longest_frame.size(); // characters
constexpr std::size_t longest_hex = longest_ascii / 2;                     // bytes

constexpr KeyId last_ntpd_id = 65535;
constexpr std::size_t ntpd_text = 20; // characters; both ntpds take a longer key for hex

constexpr bool is_printable(char c) {
  return c > ' ' && c < '\x7f';
}
// Whether chrony takes the characters for the key's bytes as they are.
bool is_writable(std::string_view key) {
  return std::ranges::all_of(key, is_printable) && !key.starts_with(hex_prefix) && !key.starts_with(ascii_prefix);
}

constexpr std::array words{
    TypeWord{"AES", 128, "AES128"},
    TypeWord{"AES", 256, "AES256"},
    TypeWord{"MD5", 0, "MD5"},
    TypeWord{"SHA1", 0, "SHA1"},
    TypeWord{"SHA256", 0, "SHA256"},
    TypeWord{"SHA384", 0, "SHA384"},
    TypeWord{"SHA512", 0, "SHA512"},
    // chrony.conf(5) names them, too
    TypeWord{"SHA3-224", 0, "SHA3-224"},
    TypeWord{"SHA3-256", 0, "SHA3-256"},
    TypeWord{"SHA3-384", 0, "SHA3-384"},
    TypeWord{"SHA3-512", 0, "SHA3-512"},
};

Result<std::string_view> word_for(std::string_view key_type, std::uint16_t bits, Encoding encoding) {
  const auto found = find_word(words, key_type, bits);
  if (found.other_length)
    return failure(ErrorCode::unsupported,
                   "the chrony format cannot hold " + keys_of_bits(key_type, bits) +
                       ": chrony's ciphers are AES128 and AES256",
                   "use AES of 128 or 256 bits, or another format");
  if (found.word == nullptr)
    return failure(ErrorCode::unsupported, "the chrony format cannot hold keys of type " + std::string(key_type),
                   "it holds AES-128, AES-256, MD5, SHA1, SHA256, SHA384, SHA512 and SHA3");
  const std::size_t bytes = bits / 8U, most = encoding == Encoding::ascii ? longest_ascii : longest_hex;
  if (bytes >= 1 && bytes <= most)
    return found.word->text;
  return failure(ErrorCode::unsupported,
                 "the chrony format cannot hold " + keys_of_bits(key_type, bits) +
                     (bytes == 0 ? "" : ": chrony reads lines of at most 2047 characters"),
                 bytes == 0 ? "" : "use at most " + std::to_string(8 * most) + " bits");
}

// As `chronyc keygen` does.
constexpr auto write_key = [](SecretWriter &out, const Key &key, std::string_view word,
                              std::span<const std::byte> bytes) -> Result<void> {
  if (key.encoding == Encoding::ascii && !is_writable(as_text(bytes)))
    return failure(ErrorCode::unsupported,
                   "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII", "write it in hex");
  append_key_id(out, key.id, 0);
  out.append(' ');
  out.append(word);
  out.append(' ');
  if (key.encoding == Encoding::hex) {
    out.append(hex_prefix);
    append_hex(out, bytes, hex::upper);
  } else {
    out.append(bytes);
  }
  out.append('\n');
  return {};
};

class Parser {
public:
  Parser(SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : file_("chrony", std::move(text), memory, diagnostics), lines_(memory) {}

  KeyFile run() {
    BufferedLines pieces(file_.bytes(), longest_line);
    return file_.take<LinePiece>(pieces, [&](const LinePiece &piece) { return line_of(piece); });
  }

private:
  Line line_of(const LinePiece &piece) {
    const Extent where = piece.content();
    const SeenText seen = file_.seen(piece);
    Line line{.kind = Line::Kind::unknown, .raw = piece.extent};

    const KeyLine found = lines_.read(seen.text);
    if (found.fault == Fault::empty) {
      line.kind = file_.kind_without_key(where, found.comment, seen.cut_by_nul);
      return line;
    }
    if (piece.continued)
      file_.report_long_line(where, longest_line, "reads the rest as a line of its own");
    if (found.fault == Fault::wrong_key_length) {
      const std::size_t needed = find_mac_function(found.type_field)->key_bytes;
      file_.report(Severity::error, where, "wrong-key-length",
                   "the key has " + std::to_string(found.key_size) + (found.key_size == 1 ? " byte" : " bytes") +
                       " and the cipher takes " + std::to_string(needed) + ", so chrony skips the line",
                   "use a key of exactly " + std::to_string(needed) + " bytes: HEX: and " + std::to_string(2 * needed) +
                       " hex digits");
      return line;
    }
    if (found.fault != Fault::none) {
      file_.report(where, words_of(found.fault));
      return line;
    }
    if (file_.is_cut(seen, found.text, where, longest_line))
      return line;
    if (found.type_field.empty() && find_mac_function(found.text) != nullptr)
      file_.report(Severity::warning, where, "type-taken-for-key",
                   "a line of two fields is an id and an MD5 key, so chrony takes the type for the key",
                   "put the key behind the type");
    if (found.signs)
      file_.report(Severity::warning, where, "signed-hex",
                   "chrony takes a sign among the hex digits for part of a number", "write hex digits only");
    line.kind = Line::Kind::key;
    line.key = file_.key(found.id, found.function->key_type, found.encoding, lines_.key(found));
    return line;
  }

  ParsedFile file_;
  KeyLineReader lines_;
};

class Format final : public KeyFileFormat {
public:
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      return word_for(type.name, bits, Encoding::hex).map([](std::string_view) { return std::vector{Encoding::hex}; });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return word_for(type.name, bits, encoding).map([](std::string_view word) {
        Spelling spelling{std::string(word), {}, {std::string(hex_prefix), std::string(ascii_prefix)}};
        for (unsigned c = 0; c < 256; ++c) // without '#', for peers that share the key: it would cut it there
          spelling.alphabet.set(c, c < 0x80 && is_printable(static_cast<char>(c)) && c != '#');
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&] { return comment_lines({file_name, date}, "#", longest_line); });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&] { return render_keys(info_, file, memory, longest_frame.size(), word_for, write_key); });
  }

  // Lines that chrony takes speak for the format, and prefixes and ciphers that only chrony knows speak loudly. Two
  // words do not speak: they are what is left of a line with a mistake more often than an id and an MD5 key. A long
  // text and an id beyond ntpd's speak in a low voice: they may be digits with a slip.
  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    LineSplitter splitter;
    return recognise_lines(file, longest_line, 50, [&](std::string_view line, bool) -> LineEvidence {
      const KeyLine found = splitter.split(up_to_nul(line));
      if (found.fault == Fault::none) {
        const bool own = found.text.size() != found.key_field.size() || found.function->key_bytes != 0;
        if (own)
          return {Evidence::key, own};
        const bool mistaken =
            found.id == 0 || found.id > last_ntpd_id || (found.text.size() > ntpd_text && !hex::is_hex(found.text));
        return {found.type_field.empty() ? Evidence::none : mistaken ? Evidence::slip : Evidence::key};
      }
      return {found.fault == Fault::empty ? Evidence::none : Evidence::foreign};
    });
  }

  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    return guarded([&]() -> Result<KeyFile> { return Parser(std::move(text), memory, diagnostics).run(); });
  }

private:
  FormatInfo info_{
      .name = "chrony",
      .summary = "chrony's key file, as chrony.keys",
      .reader = "chrony",
      .reload = "chronyd reads its keys again on 'chronyc rekey'",
      .daemon_groups = {"_chrony", "chrony"},
      .first_id = first_id,
      .last_id = last_id,
  };
  Recipe recipe_{
      .groups = {{"AES", 128, Encoding::hex, 10}},
      .label = "AES",
      .announced_as = "AES",
  };
};

} // namespace

std::unique_ptr<KeyFileFormat> make_format() {
  return std::make_unique<Format>();
}

} // namespace ntpkeygen::plugins::chrony
