#include "key_file_formats/ntpd/format.hpp"

#include "ntpkeygen/sdk/parse.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::ntpd {
namespace {

constexpr std::size_t shortest_hex_key = longest_ascii / 2 + 1; // bytes; fewer are digits that ntpd reads as ASCII
// What can stand in the key column: anything else would end it, or not be printed.
constexpr bool is_writable(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

bool fits_ascii(std::size_t bytes) {
  return bytes >= 1 && bytes <= longest_ascii;
}
bool fits_hex(std::size_t bytes) {
  return bytes >= shortest_hex_key && bytes <= longest_key;
}

class Parser {
public:
  Parser(const Dialect &dialect, SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : program_(dialect.program), padding_(dialect.padding), reason_of_(dialect.reason_of),
        file_(dialect.program, std::move(text), memory, diagnostics), lines_(dialect, memory) {}

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
      line.kind = file_.kind_without_key(where, seen.text.find('#') != std::string_view::npos, seen.cut_by_nul);
      return line;
    }
    if (piece.continued)
      file_.report_long_line(where, longest_line, "reads the rest as a line of its own");
    if (found.fault != Fault::none) {
      file_.report(Severity::error, where, rule_of(found.fault), reason_of_(found.fault));
      return line;
    }
    if (file_.is_cut(seen, found.key_field, where, longest_line))
      return line;
    const bool loses_return = cuts_carriage_return(found);
    if (loses_return)
      file_.report(Severity::warning, where, "carriage-return",
                   "the line ends in CR LF: " + program_ + " cuts the key to the cipher's " +
                       std::to_string(found.function->key_bytes) +
                       " bytes, which takes the CR off, but other programs lose the line");
    else if (is_inexact(found, where))
      return line;
    else if (found.key_field.back() == '\r')
      file_.report_carriage_return_in_key(where);

    line.kind = Line::Kind::key;
    const std::span<const std::byte> key = lines_.key(found);
    line.key = file_.key(found.id, found.function->key_type, found.digits != 0 ? Encoding::hex : Encoding::ascii,
                         loses_return ? key.first(key.size() - 1) : key);
    line.note = ParsedFile::note(piece.extent.offset, seen.text, found.key_field);
    if (is_generated(as_text(slice(file_.bytes(), line.note)), found.type_field))
      line.note = {};
    return line;
  }

  // A text that has the cipher's length but for the CR behind it.
  static bool cuts_carriage_return(const KeyLine &found) {
    return found.digits == 0 && found.function->usable && found.function->key_bytes != 0 &&
           found.key_field.back() == '\r' && found.key_size() == found.function->key_bytes + 1U;
  }

  // As ntp-keygen writes them behind each key: these say nothing about one.
  static bool is_generated(std::string_view note, std::string_view type_field) {
    constexpr std::string_view begin = "# ", end = " key";
    return note.size() == begin.size() + type_field.size() + end.size() && note.starts_with(begin) &&
           note.substr(begin.size(), type_field.size()) == type_field && note.ends_with(end);
  }

  // Whether ntpd's key is another one than the line seems to say. It is reported.
  bool is_inexact(const KeyLine &found, Extent where) {
    const auto report = [&](std::string_view rule, const std::string &message, std::string_view hint) {
      file_.report(Severity::error, where, rule, message, hint);
      return true;
    };
    if (!found.function->usable)
      return report("unusable-type", program_ + " takes this type, but its libcrypto computes no MAC with it",
                    "use AES for a new key");
    if (found.key_field.size() > 2 * longest_key)
      return report("key-too-long", program_ + " cuts the key to its first 64 hex digits",
                    "use a key of at most 32 bytes");
    if (found.digits % 2 != 0)
      return report("odd-hex-digits", program_ + " drops the last of an odd number of hex digits",
                    "use an even number");
    if (const std::size_t needed = found.function->key_bytes; needed != 0 && found.key_size() != needed)
      return report("wrong-key-length", wrong_length(found, needed),
                    "use a key of exactly " + counted(needed, "byte") + ": " +
                        (needed <= longest_ascii ? counted(needed, "character") + " or " : "") +
                        counted(2 * needed, "hex digit"));
    return false;
  }

  std::string wrong_length(const KeyLine &found, std::size_t needed) const {
    const bool with_return = found.digits == 0 && found.key_field.back() == '\r';
    const std::size_t size = found.key_size();
    return "the key has " + counted(size, "byte") + (with_return ? ", the CR at the line's end included," : "") +
           " and the cipher takes " + std::to_string(needed) + ", so " + program_ +
           (size > needed ? " cuts it to its first " + std::to_string(needed) : " fills it up with " + padding_);
  }
  static std::string counted(std::size_t count, const char *thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
  }

  std::string program_, padding_;
  std::string_view (*reason_of_)(Fault) noexcept;
  ParsedFile file_;
  KeyLineReader lines_;
};

class Format final : public KeyFileFormat {
public:
  Format(const Dialect &dialect, Style &&style) : dialect_(dialect), style_(std::move(style)) {}

  [[nodiscard]] const FormatInfo &info() const noexcept override { return style_.info; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return style_.recipe; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      std::vector<Encoding> encodings;
      for (const KeyGroup &group : style_.recipe.groups)
        if (group.type == type.name && group.bits == bits)
          encodings.push_back(group.encoding);
      if (encodings.empty())
        encodings.push_back(fits_hex(bits / 8U) || !fits_ascii(bits / 8U) ? Encoding::hex : Encoding::ascii);
      return word_for(type.name, bits, encodings.front()).map([&](std::string_view) { return std::move(encodings); });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return word_for(type.name, bits, encoding).map([&](std::string_view word) {
        Spelling spelling{std::string(word), {}, {"HEX:", "ASCII:"}}; // chrony's prefixes, for peers that share the key
        const auto last = static_cast<unsigned char>(style_.last_character);
        for (auto c = static_cast<unsigned char>(style_.first_character); c <= last; ++c)
          spelling.alphabet.set(c);
        spelling.alphabet.reset('#');
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&] {
      return comment_lines({file_name, date}, "#", longest_line).map([&](std::string lines) {
        return lines.append(style_.header_end);
      });
    });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&] {
      return render_keys(
          style_.info, file, memory, style_.longest_frame.size(),
          [&](std::string_view type, std::uint16_t bits, Encoding encoding) { return word_for(type, bits, encoding); },
          [&](SecretWriter &out, const Key &key, std::string_view word, std::span<const std::byte> bytes) {
            return write_key(out, key, word, bytes);
          });
    });
  }

  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    return style_.recognise(file);
  }

  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    return guarded([&]() -> Result<KeyFile> { return Parser(dialect_, std::move(text), memory, diagnostics).run(); });
  }

private:
  [[nodiscard]] Result<std::string_view> word_for(std::string_view key_type, std::uint16_t bits,
                                                  Encoding encoding) const {
    const auto found = find_word(style_.words, key_type, bits);
    if (found.other_length)
      return style_.wrong_length(keys_of_bits(key_type, bits));
    if (found.word == nullptr)
      return unsupported("cannot hold keys of type " + std::string(key_type), "it holds " + std::string(style_.holds));
    const std::size_t bytes = bits / 8U;
    if (encoding == Encoding::ascii ? fits_ascii(bytes) : fits_hex(bytes))
      return found.word->text;
    const std::string keys = keys_of_bits(key_type, bits), program(dialect_.program);
    if (bytes > longest_key)
      return unsupported("cannot hold " + keys + ": " + program + " cuts them to 256", "use at most 256 bits");
    if (bytes == 0)
      return unsupported("cannot hold " + keys, {});
    if (encoding == Encoding::ascii)
      return unsupported("cannot write " + keys + " in ASCII: " + program + " reads more than 20 characters as hex",
                         "write them in hex");
    return unsupported("cannot write " + keys + " in hex: " + program + " reads up to 20 digits as ASCII",
                       "write them in ASCII, or use at least 88 bits");
  }
  [[nodiscard]] tl::unexpected<Error> unsupported(const std::string &what, std::string hint) const {
    return failure(ErrorCode::unsupported, "the " + style_.info.name + " format " + what, std::move(hint));
  }

  [[nodiscard]] Result<void> write_key(SecretWriter &out, const Key &key, std::string_view word,
                                       std::span<const std::byte> bytes) const {
    if (key.encoding == Encoding::ascii && !std::ranges::all_of(as_text(bytes), is_writable))
      return failure(
          ErrorCode::unsupported, "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII",
          fits_hex(bytes.size()) ? "write it in hex" : "the " + style_.info.name + " format cannot hold this key");
    append_key_id(out, key.id, 2);
    out.append(' ');
    out.append(word);
    out.append(' ');
    append_key(out, key.encoding, bytes);
    if (style_.word_in_comment) {
      out.append("  # ");
      out.append(word);
      out.append(" key");
    }
    out.append('\n');
    return {};
  }

  const Dialect &dialect_;
  Style style_;
};

} // namespace

std::unique_ptr<KeyFileFormat> make_format(const Dialect &dialect, Style &&style) {
  return std::make_unique<Format>(dialect, std::move(style));
}

} // namespace ntpkeygen::plugins::ntpd
