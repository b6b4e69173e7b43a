#include "key_file_formats/ntpsec/key_line.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::ntpsec {
namespace {

constexpr std::size_t shortest_hex_key = longest_ascii / 2 + 1; // bytes; fewer are digits that ntpd reads as ASCII
// What can stand in the key column: anything else would end it, or not be printed.
constexpr bool is_writable(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

// What the type is called in a file that this format writes.
struct Word {
  std::string_view key_type;
  std::uint16_t bits; // 0: any
  std::string_view text;
};
constexpr std::array words{
    Word{"AES", 128, "AES"},     Word{"AES", 192, "AES-192"}, Word{"AES", 256, "AES-256"},
    Word{"MD5", 0, "MD5"},       Word{"SHA1", 0, "SHA1"},     Word{"SHA224", 0, "SHA224"},
    Word{"SHA256", 0, "SHA256"}, Word{"SHA384", 0, "SHA384"}, Word{"SHA512", 0, "SHA512"},
};

std::string of_bits(std::uint16_t bits) {
  return " of " + std::to_string(bits) + " bits";
}

Result<std::string_view> word_for(std::string_view key_type, std::uint16_t bits) {
  bool other_length = false;
  for (const Word &word : words) {
    if (word.key_type != key_type)
      continue;
    if (word.bits == 0 || word.bits == bits)
      return word.text;
    other_length = true;
  }
  if (other_length)
    return failure(ErrorCode::unsupported,
                   "the ntpsec format has no " + std::string(key_type) + " keys" + of_bits(bits),
                   "it holds AES keys of 128, 192 and 256 bits");
  return failure(ErrorCode::unsupported, "the ntpsec format cannot hold keys of type " + std::string(key_type),
                 "it holds AES, MD5, SHA1, SHA224, SHA256, SHA384 and SHA512");
}

bool fits_ascii(std::size_t bytes) {
  return bytes >= 1 && bytes <= longest_ascii;
}
bool fits_hex(std::size_t bytes) {
  return bytes >= shortest_hex_key && bytes <= longest_key;
}

Result<std::string_view> word_for(std::string_view key_type, std::uint16_t bits, Encoding encoding) {
  return word_for(key_type, bits).and_then([&](std::string_view word) -> Result<std::string_view> {
    const std::size_t bytes = bits / 8U;
    if (encoding == Encoding::ascii ? fits_ascii(bytes) : fits_hex(bytes))
      return word;
    const std::string key = std::string(key_type) + " keys" + of_bits(bits);
    if (bytes > longest_key)
      return failure(ErrorCode::unsupported, "the ntpsec format cannot hold " + key + ": NTPsec cuts them to 256",
                     "use at most 256 bits");
    if (bytes == 0)
      return failure(ErrorCode::unsupported, "the ntpsec format cannot hold " + key);
    if (encoding == Encoding::ascii)
      return failure(ErrorCode::unsupported,
                     "the ntpsec format cannot write " + key + " in ASCII: NTPsec reads more than 20 characters as hex",
                     "write them in hex");
    return failure(ErrorCode::unsupported,
                   "the ntpsec format cannot write " + key + " in hex: NTPsec reads up to 20 digits as ASCII",
                   "write them in ASCII, or use at least 88 bits");
  });
}

// Writes one key's line.
class KeyWriter {
public:
  static constexpr std::size_t frame = sizeof("65535 AES-256 \n");

  explicit KeyWriter(const KeyFile &file) : file_(file) {}

  Result<void> operator()(SecretWriter &out, const Key &key) {
    if (key.id < 1 || key.id > 65535)
      return failure(ErrorCode::invalid_argument, "the ntpsec format has no key id " + std::to_string(key.id),
                     "key ids are 1 to 65535");
    if (last_ == nullptr || last_->type != key.type || last_->bits != key.bits || last_->encoding != key.encoding) {
      Result<std::string_view> word = word_for(file_.types.at(key.type), key.bits, key.encoding);
      if (!word)
        return failure(std::move(word.error()));
      word_ = *word;
      last_ = &key;
    }
    const std::span<const std::byte> bytes = slice(file_.key_bytes.reveal(), key.bytes);
    if (key.encoding == Encoding::ascii && !std::ranges::all_of(as_text(bytes), is_writable))
      return failure(ErrorCode::unsupported,
                     "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII",
                     fits_hex(bytes.size()) ? "write it in hex" : "the ntpsec format cannot hold this key");
    append_key_id(out, key.id, 2);
    out.append(' ');
    out.append(word_);
    out.append(' ');
    if (key.encoding == Encoding::hex)
      append_hex(out, bytes);
    else
      out.append(bytes);
    out.append('\n');
    return {};
  }

private:
  const KeyFile &file_;
  const Key *last_ = nullptr; // the key that word_ was looked up for
  std::string_view word_{};
};

// What parse says of lines that are not, or not wholly, what they seem to be.
struct Remark {
  std::string_view rule{}, message{}, hint{};
};
constexpr Remark line_too_long{
    "line-too-long", "the line has more than 511 bytes, and NTPsec reads the rest as a line of its own", "shorten it"};

class Parser {
public:
  Parser(SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : diagnostics_(diagnostics), lines_(memory), key_bytes_(memory, text.size() / 2) {
    file_.text = std::move(text);
  }

  KeyFile run() {
    const std::string_view all = file_.text.reveal_text();
    file_.lines.reserve(static_cast<std::size_t>(std::ranges::count(all, '\n')) + all.size() / longest_line + 1);
    BufferedLines pieces(file_.text.reveal(), longest_line);
    for (LinePiece piece; pieces.next(piece);)
      file_.lines.push_back(line_of(piece));
    file_.key_bytes = key_bytes_.take();
    return std::move(file_);
  }

private:
  Line line_of(const LinePiece &piece) {
    const std::string_view content = as_text(slice(file_.text.reveal(), piece.content()));
    const std::string_view text = content.substr(0, content.find('\0'));
    const bool cut_by_nul = text.size() != content.size();
    const bool cut_by_buffer = !piece.ended && piece.extent.offset + piece.extent.size < file_.text.size();
    Line line{.kind = Line::Kind::unknown, .raw = piece.extent};

    const KeyLine found = lines_.read(text);
    if (found.fault == Fault::empty) {
      if (text.find('#') != std::string_view::npos)
        line.kind = Line::Kind::comment;
      else if (!cut_by_nul)
        line.kind = Line::Kind::blank;
      else
        report(Severity::error, piece, {"nul-byte", "NTPsec reads a line up to its first NUL byte only", "remove it"});
      return line;
    }
    if (piece.continued)
      report(Severity::error, piece, line_too_long);
    if (found.fault != Fault::none) {
      report(Severity::error, piece, {rule_of(found.fault), reason_of(found.fault), {}});
      return line;
    }
    const bool key_ends_text = found.key_field.data() + found.key_field.size() == text.data() + text.size();
    if (const Remark remark = inexact(found, key_ends_text && cut_by_nul, key_ends_text && cut_by_buffer);
        !remark.rule.empty()) {
      report(Severity::error, piece, remark);
      return line;
    }
    if (found.key_field.back() == '\r')
      report(Severity::warning, piece,
             {"carriage-return", "NTPsec takes the carriage return at the line's end as part of the key",
              "end lines with a line feed alone"});

    line.kind = Line::Kind::key;
    line.key = key_of(found);
    const auto key_end = static_cast<std::size_t>(found.key_field.data() - text.data()) + found.key_field.size();
    if (const std::size_t note = text.find('#', key_end); note != std::string_view::npos) {
      const std::size_t end = text.find_last_not_of('\r') + 1;
      line.note = {piece.extent.offset + static_cast<std::uint32_t>(note), static_cast<std::uint32_t>(end - note)};
    }
    return line;
  }

  // Why ntpd's key is not the whole of what the line says; an empty rule when it is.
  static Remark inexact(const KeyLine &found, bool cut_by_nul, bool cut_by_buffer) {
    if (cut_by_nul)
      return {"nul-byte", "NTPsec reads a line up to its first NUL byte only, so the key is cut there", "remove it"};
    if (cut_by_buffer)
      return {"line-too-long", "the line has more than 511 bytes, and NTPsec cuts the key there", "shorten it"};
    if (!found.function->usable)
      return {"unusable-type", "NTPsec takes this type, but its libcrypto computes no MAC with it",
              "use AES for a new key"};
    if (found.key_field.size() > 2 * longest_key)
      return {"key-too-long", "NTPsec cuts the key to its first 64 hex digits", "use a key of at most 32 bytes"};
    if (found.digits % 2 != 0)
      return {"odd-hex-digits", "NTPsec drops the last of an odd number of hex digits", "use an even number"};
    if (found.function->key_bytes != 0 && found.key_size() != found.function->key_bytes)
      return {"wrong-key-length", "the cipher takes keys of one length, so NTPsec cuts or pads this one",
              "use a key of exactly the cipher's length"};
    return {};
  }

  Key key_of(const KeyLine &found) {
    if (found.function != last_function_) {
      last_type_ = file_.type_index(found.function->key_type);
      last_function_ = found.function;
    }
    const auto offset = static_cast<std::uint32_t>(key_bytes_.size());
    const std::size_t size = found.key_size();
    if (found.digits != 0)
      key_bytes_.append(lines_.decoded().first(size));
    else
      key_bytes_.append(found.key_field);
    return {.id = found.id,
            .bits = static_cast<std::uint16_t>(8 * size),
            .type = last_type_,
            .encoding = found.digits != 0 ? Encoding::hex : Encoding::ascii,
            .bytes = {offset, static_cast<std::uint32_t>(size)}};
  }

  void report(Severity severity, const LinePiece &piece, const Remark &remark) {
    diagnostics_.report({severity, piece.content(), remark.rule, remark.message, remark.hint});
  }

  Diagnostics &diagnostics_;
  KeyLineReader lines_;
  SecretWriter key_bytes_;
  KeyFile file_{};
  const MacFunction *last_function_ = nullptr;
  std::uint16_t last_type_ = 0;
};

class Format final : public KeyFileFormat {
public:
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      std::vector<Encoding> encodings;
      for (const KeyGroup &group : recipe_.groups)
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
      return word_for(type.name, bits, encoding).map([](std::string_view word) {
        Spelling spelling{std::string(word), {}, {"HEX:", "ASCII:"}}; // chrony's prefixes, for peers that share the key
        for (unsigned c = 0x24; c <= 0x7d; ++c)                       // as NTPsec's own generator draws them
          spelling.alphabet.set(c);
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&]() -> Result<std::string> {
      std::string lines;
      for (const std::string_view text : {file_name, date}) {
        if (text.size() + sizeof("# ") > longest_line || text.find('\n') != std::string_view::npos)
          return failure(ErrorCode::invalid_argument, "the file's name does not fit into a comment line");
        lines.append("# ").append(text).append("\n");
      }
      return lines;
    });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&] { return render_lines(file, memory, KeyWriter::frame, KeyWriter(file)); });
  }

  // Lines that ntpd takes speak for the format, and the ciphers' names that only NTPsec knows speak loudly.
  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    constexpr std::size_t enough = 64 * 1024;
    std::size_t keys = 0, others = 0;
    bool own_word = false;
    LineSplitter splitter;
    BufferedLines pieces(file.first(std::min(file.size(), enough)), longest_line);
    for (LinePiece piece; pieces.next(piece);) {
      const std::string_view content = as_text(slice(file, piece.content()));
      const KeyLine found = splitter.split(content.substr(0, content.find('\0')));
      if (found.fault == Fault::empty)
        continue;
      if (found.fault != Fault::none) {
        ++others;
        continue;
      }
      ++keys;
      own_word = own_word || (found.function->kind == MacSpec::Kind::cmac && found.type_field != "AES128CMAC");
    }
    return keys == 0 ? 0 : static_cast<unsigned>(50 * keys / (keys + others)) + (own_word ? 45 : 0);
  }

  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    return guarded([&]() -> Result<KeyFile> { return Parser(std::move(text), memory, diagnostics).run(); });
  }

private:
  FormatInfo info_{
      .name = "ntpsec",
      .summary = "NTPsec's ntp.keys",
      .reader = "ntpsec",
      .reload = "NTPsec's ntpd reads its keys at start only, not on SIGHUP: restart it",
      .daemon_groups = {"ntpsec", "ntp"},
  };
  Recipe recipe_{
      .groups = {{"AES", 128, Encoding::ascii, 10}, {"AES", 128, Encoding::hex, 10}},
      .label = "AES",
      .announced_as = "AES",
  };
};

} // namespace

std::unique_ptr<KeyFileFormat> make_format() {
  return std::make_unique<Format>();
}

} // namespace ntpkeygen::plugins::ntpsec
