#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/busybox/key_line.hpp"

#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::busybox {
namespace {

constexpr std::array functions{&md5, &sha1};

// What can stand in the key column: anything else would end it, or not be printed.
constexpr bool is_writable(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

Result<const MacFunction *> function_for(std::string_view key_type, std::uint16_t bits, Encoding encoding) {
  const auto *const found = std::ranges::find(functions, key_type, &MacFunction::key_type);
  if (found == functions.end())
    return failure(ErrorCode::unsupported, "the busybox format cannot hold keys of type " + std::string(key_type),
                   "it holds MD5 and SHA1");
  const MacFunction &function = **found;
  const std::string keys = std::string(key_type) + " keys";
  if ((encoding == Encoding::hex) != function.hex)
    return failure(ErrorCode::unsupported,
                   "the busybox format cannot write " + keys + " in " + (function.hex ? "ASCII" : "hex"),
                   function.hex ? "busybox ntpd reads them as hex: leave out '--encoding', or write them in hex"
                                : "busybox ntpd reads them as text: leave out '--encoding', or write them in ASCII");
  const std::size_t bytes = bits / 8U;
  if (bytes >= 1 && bytes <= function.longest)
    return &function;
  return failure(ErrorCode::unsupported,
                 "the busybox format cannot hold " + keys + " of " + std::to_string(bits) + " bits" +
                     (bytes == 0 ? "" : ": busybox ntpd exits over more than 40 characters"),
                 bytes == 0 ? "" : "use at most " + std::to_string(8 * function.longest) + " bits");
}

// Writes one key's line.
class KeyWriter {
public:
  static constexpr std::size_t frame = sizeof("65535 SHA1 \n");

  explicit KeyWriter(const KeyFile &file) : file_(file) {}

  Result<void> operator()(SecretWriter &out, const Key &key) {
    if (key.id < 1 || key.id > last_id)
      return failure(ErrorCode::invalid_argument, "the busybox format has no key id " + std::to_string(key.id),
                     "key ids are 1 to 65535");
    if (last_ == nullptr || last_->type != key.type || last_->bits != key.bits || last_->encoding != key.encoding) {
      Result<const MacFunction *> function = function_for(file_.types.at(key.type), key.bits, key.encoding);
      if (!function)
        return failure(std::move(function.error()));
      word_ = (*function)->key_type;
      last_ = &key;
    }
    const std::span<const std::byte> bytes = slice(file_.key_bytes.reveal(), key.bytes);
    // A backslash at the end of the line would join the next one to it.
    if (key.encoding == Encoding::ascii &&
        (!std::ranges::all_of(as_text(bytes), is_writable) || as_text(bytes).ends_with('\\')))
      return failure(ErrorCode::unsupported,
                     "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII",
                     "the busybox format cannot hold this key");
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

class Parser {
public:
  Parser(SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : diagnostics_(diagnostics), memory_(memory), key_lines_(memory), key_bytes_(memory, text.size() / 2) {
    file_.text = std::move(text);
  }

  KeyFile run() {
    file_.lines.reserve(static_cast<std::size_t>(std::ranges::count(file_.text.reveal_text(), '\n')) + 1);
    LogicalLines lines(file_.text.reveal(), memory_);
    for (LogicalLine line; lines.next(line);)
      file_.lines.push_back(line_of(line));
    file_.key_bytes = key_bytes_.take();
    return std::move(file_);
  }

private:
  Line line_of(const LogicalLine &source) {
    const std::string_view text = source.text.substr(0, source.text.find('\0'));
    const bool cut_by_nul = text.size() != source.text.size();
    Line line{.kind = Line::Kind::unknown, .raw = source.extent};
    if (source.continued)
      report(Severity::warning, source,
             {"continued-line", "the line ends in a backslash, so busybox ntpd reads the next one as a part of it",
              "remove the backslash"});

    const KeyLine found = key_lines_.read(text);
    if (found.fault == Fault::empty) {
      if (text.find('#') != std::string_view::npos)
        line.kind = Line::Kind::comment;
      else if (!cut_by_nul)
        line.kind = Line::Kind::blank;
      else
        report(Severity::error, source,
               {"nul-byte", "busybox ntpd reads a line up to its first NUL byte only", "remove it"});
      return line;
    }
    if (found.fault != Fault::none) {
      report(Severity::error, source, {rule_of(found.fault), reason_of(found.fault), {}});
      return line;
    }
    if (cut_by_nul && found.key_field.data() + found.key_field.size() == text.data() + text.size()) {
      report(Severity::error, source,
             {"nul-byte", "busybox ntpd reads a line up to its first NUL byte only, so the key is cut there",
              "remove it"});
      return line;
    }
    if (found.decoded < found.key_size) {
      report(Severity::error, source,
             {"colons-in-hex", "busybox ntpd counts the colons as digits, and fills the key up with what is in memory",
              "write hex digits only"});
      return line;
    }
    if (found.key_field.back() == '\r')
      report(Severity::warning, source,
             {"carriage-return", "busybox ntpd takes the carriage return at the line's end as part of the key",
              "end lines with a line feed alone"});

    line.kind = Line::Kind::key;
    line.key = key_of(found);
    if (!source.continued)
      line.note = note_of(source.extent, text, found.key_field);
    return line;
  }

  // The text is that of the file: nothing was joined to it.
  static Extent note_of(Extent raw, std::string_view text, std::string_view key_field) {
    const auto key_end = static_cast<std::size_t>(key_field.data() - text.data()) + key_field.size();
    const std::size_t note = text.find('#', key_end);
    if (note == std::string_view::npos)
      return {};
    const std::size_t end = text.find_last_not_of('\r') + 1;
    return {raw.offset + static_cast<std::uint32_t>(note), static_cast<std::uint32_t>(end - note)};
  }

  Key key_of(const KeyLine &found) {
    const auto offset = static_cast<std::uint32_t>(key_bytes_.size());
    key_bytes_.append(key_lines_.key(found));
    return {.id = found.id,
            .bits = static_cast<std::uint16_t>(8 * found.key_size),
            .type = file_.type_index(found.function->key_type),
            .encoding = found.function->hex ? Encoding::hex : Encoding::ascii,
            .bytes = {offset, static_cast<std::uint32_t>(found.key_size)}};
  }

  void report(Severity severity, const LogicalLine &line, const Remark &remark) {
    diagnostics_.report({severity, line.content(), remark.rule, remark.message, remark.hint});
  }

  Diagnostics &diagnostics_;
  SecretMemory &memory_;
  KeyLineReader key_lines_;
  SecretWriter key_bytes_;
  KeyFile file_{};
};

class Format final : public KeyFileFormat {
public:
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      const Encoding encoding = type.name == md5.key_type ? Encoding::ascii : Encoding::hex;
      return function_for(type.name, bits, encoding).map([&](const MacFunction *) { return std::vector{encoding}; });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return function_for(type.name, bits, encoding).map([](const MacFunction *function) {
        // The prefixes are chrony's, for peers that share the key.
        Spelling spelling{std::string(function->key_type), {}, {"HEX:", "ASCII:"}};
        for (unsigned c = 0; c < 0x80; ++c)
          spelling.alphabet.set(c, is_writable(static_cast<char>(c)) && c != '\\');
        return spelling;
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&]() -> Result<std::string> {
      std::string lines;
      for (const std::string_view text : {file_name, date}) {
        if (text.find('\n') != std::string_view::npos)
          return failure(ErrorCode::invalid_argument, "the file's name does not fit into a comment line");
        lines.append("# ").append(text).append("\n");
      }
      return lines;
    });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    return guarded([&] { return render_lines(file, memory, KeyWriter::frame, KeyWriter(file)); });
  }

  // One fault would end the program. What it takes, both ntpds take, too: so it is never as sure as they are.
  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    constexpr std::uint32_t enough = 64 * 1024;
    const bool whole = file.size() <= enough;
    std::size_t keys = 0, others = 0;
    BufferedLines pieces(file.first(whole ? file.size() : enough), enough);
    bool joined = false; // to a line that ends in a backslash
    for (LinePiece piece; pieces.next(piece);) {
      const std::string_view content = as_text(slice(file, piece.content()));
      const bool joins = content.ends_with('\\');
      if (joined || joins || (!whole && !piece.ended)) {
        joined = joins;
        continue;
      }
      const KeyLine found = KeyLineReader::split(content.substr(0, content.find('\0')));
      if (found.fault == Fault::empty)
        continue;
      if (ends_program(found.fault))
        return 0;
      ++(found.fault == Fault::none ? keys : others);
    }
    return keys == 0 ? 0 : static_cast<unsigned>(40 * keys / (keys + others));
  }

  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    return guarded([&]() -> Result<KeyFile> { return Parser(std::move(text), memory, diagnostics).run(); });
  }

private:
  FormatInfo info_{
      .name = "busybox",
      .summary = "the keys file of busybox ntpd",
      .reader = "busybox",
      .reload = "busybox ntpd reads its keys at start only: restart it",
      .daemon_groups = {},
  };
  Recipe recipe_{
      .groups = {{"SHA1", 160, Encoding::hex, 10}},
      .label = "SHA1",
      .announced_as = "SHA1",
  };
};

} // namespace

std::unique_ptr<KeyFileFormat> make_format() {
  return std::make_unique<Format>();
}

} // namespace ntpkeygen::plugins::busybox
