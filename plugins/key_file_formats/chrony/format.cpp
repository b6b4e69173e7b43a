#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/chrony/key_line.hpp"

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

constexpr bool is_printable(char c) {
  return c > ' ' && c < '\x7f';
}
// Whether chrony takes the characters for the key's bytes as they are.
bool is_writable(std::string_view key) {
  return std::ranges::all_of(key, is_printable) && !key.starts_with(hex_prefix) && !key.starts_with(ascii_prefix);
}

// What the type is called in a file that this format writes.
struct Word {
  std::string_view key_type;
  std::uint16_t bits; // 0: any
  std::string_view text;
};
constexpr std::array words{
    Word{"AES", 128, "AES128"},  Word{"AES", 256, "AES256"},  Word{"MD5", 0, "MD5"},       Word{"SHA1", 0, "SHA1"},
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
                   "the chrony format cannot hold " + std::string(key_type) + " keys" + of_bits(bits) +
                       ": chrony's ciphers are AES128 and AES256",
                   "use AES of 128 or 256 bits, or another format");
  return failure(ErrorCode::unsupported, "the chrony format cannot hold keys of type " + std::string(key_type),
                 "it holds AES-128, AES-256, MD5, SHA1, SHA256, SHA384 and SHA512");
}

Result<std::string_view> word_for(std::string_view key_type, std::uint16_t bits, Encoding encoding) {
  return word_for(key_type, bits).and_then([&](std::string_view word) -> Result<std::string_view> {
    const std::size_t bytes = bits / 8U, most = encoding == Encoding::ascii ? longest_ascii : longest_hex;
    if (bytes >= 1 && bytes <= most)
      return word;
    return failure(ErrorCode::unsupported,
                   "the chrony format cannot hold " + std::string(key_type) + " keys" + of_bits(bits) +
                       (bytes == 0 ? "" : ": chrony reads lines of at most 2047 characters"),
                   bytes == 0 ? "" : "use at most " + std::to_string(8 * most) + " bits");
  });
}

// Writes one key's line, as `chronyc keygen` does.
class KeyWriter {
public:
  explicit KeyWriter(const KeyFile &file) : file_(file) {}

  Result<void> operator()(SecretWriter &out, const Key &key) {
    if (key.id < first_id)
      return failure(ErrorCode::invalid_argument, "the chrony format has no key id " + std::to_string(key.id),
                     "key ids are 1 to 4294967295");
    if (last_ == nullptr || last_->type != key.type || last_->bits != key.bits || last_->encoding != key.encoding) {
      Result<std::string_view> word = word_for(file_.types.at(key.type), key.bits, key.encoding);
      if (!word)
        return failure(std::move(word.error()));
      word_ = *word;
      last_ = &key;
    }
    const std::span<const std::byte> bytes = slice(file_.key_bytes.reveal(), key.bytes);
    if (key.encoding == Encoding::ascii && !is_writable(as_text(bytes)))
      return failure(ErrorCode::unsupported,
                     "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII", "write it in hex");
    append_key_id(out, key.id, 0);
    out.append(' ');
    out.append(word_);
    out.append(' ');
    if (key.encoding == Encoding::hex) {
      out.append(hex_prefix);
      append_hex(out, bytes, hex::upper);
    } else {
      out.append(bytes);
    }
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
      if (found.comment)
        line.kind = Line::Kind::comment;
      else if (!cut_by_nul)
        line.kind = Line::Kind::blank;
      else
        report(Severity::error, piece, {"nul-byte", "chrony reads a line up to its first NUL byte only", "remove it"});
      return line;
    }
    if (piece.continued)
      report(Severity::error, piece,
             {"line-too-long", "the line has more than 2047 bytes, and chrony reads the rest as a line of its own",
              "shorten it"});
    if (found.fault != Fault::none) {
      report(Severity::error, piece, {rule_of(found.fault), reason_of(found.fault), {}});
      return line;
    }
    const bool key_ends_text = found.text.data() + found.text.size() == text.data() + text.size();
    if (key_ends_text && cut_by_nul) {
      report(Severity::error, piece,
             {"nul-byte", "chrony reads a line up to its first NUL byte only, so the key is cut there", "remove it"});
      return line;
    }
    if (key_ends_text && cut_by_buffer) {
      report(Severity::error, piece,
             {"line-too-long", "the line has more than 2047 bytes, and chrony cuts the key there", "shorten it"});
      return line;
    }
    if (found.type_field.empty() && find_mac_function(found.text) != nullptr)
      report(Severity::warning, piece,
             {"type-taken-for-key",
              "a line of two fields is an id and an MD5 key, so chrony takes the type for the key",
              "put the key behind the type"});
    if (found.signs)
      report(Severity::warning, piece,
             {"signed-hex", "chrony takes a sign among the hex digits for part of a number", "write hex digits only"});
    line.kind = Line::Kind::key;
    line.key = key_of(found);
    return line;
  }

  Key key_of(const KeyLine &found) {
    if (found.function != last_function_) {
      last_type_ = file_.type_index(found.function->key_type);
      last_function_ = found.function;
    }
    const auto offset = static_cast<std::uint32_t>(key_bytes_.size());
    key_bytes_.append(lines_.key(found));
    return {.id = found.id,
            .bits = static_cast<std::uint16_t>(8 * found.key_size),
            .type = last_type_,
            .encoding = found.encoding,
            .bytes = {offset, static_cast<std::uint32_t>(found.key_size)}};
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
    return guarded([&] { return render_lines(file, memory, longest_frame.size(), KeyWriter(file)); });
  }

  // Lines that chrony takes speak for the format, and prefixes and ciphers that only chrony knows speak loudly.
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
      own_word = own_word || found.text.size() != found.key_field.size() || found.function->key_bytes != 0;
    }
    return keys == 0 ? 0 : static_cast<unsigned>(50 * keys / (keys + others)) + (own_word ? 45 : 0);
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
