#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/busybox/key_line.hpp"

#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/parse.hpp"
#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::busybox {
namespace {

constexpr std::array functions{&md5, &sha1};
constexpr std::size_t ntpd_text = 20; // characters; both ntpds take a longer key for hex

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
                 "the busybox format cannot hold " + keys_of_bits(key_type, bits) +
                     (bytes == 0 ? "" : ": busybox ntpd exits over more than 40 characters"),
                 bytes == 0 ? "" : "use at most " + std::to_string(8 * function.longest) + " bits");
}

constexpr auto write_key = [](SecretWriter &out, const Key &key, const MacFunction *function,
                              std::span<const std::byte> bytes) -> Result<void> {
  // A backslash at the end of the line would join the next one to it.
  if (key.encoding == Encoding::ascii &&
      (!std::ranges::all_of(as_text(bytes), is_writable) || as_text(bytes).ends_with('\\')))
    return failure(ErrorCode::unsupported,
                   "key " + std::to_string(key.id) + " has bytes that cannot be written in ASCII",
                   "the busybox format cannot hold this key");
  append_key_id(out, key.id, 2);
  out.append(' ');
  out.append(function->key_type);
  out.append(' ');
  append_key(out, key.encoding, bytes);
  out.append('\n');
  return {};
};

class Parser {
public:
  Parser(SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : memory_(memory), file_("busybox ntpd", std::move(text), memory, diagnostics), key_lines_(memory) {}

  KeyFile run() {
    LogicalLines lines(file_.bytes(), memory_);
    return file_.take<LogicalLine>(lines, [&](const LogicalLine &line) { return line_of(line); });
  }

private:
  Line line_of(const LogicalLine &source) {
    const Extent where = source.content();
    const std::string_view text = up_to_nul(source.text);
    const SeenText seen{text, text.size() != source.text.size(), false};
    Line line{.kind = Line::Kind::unknown, .raw = source.extent};
    if (source.continued)
      file_.report(Severity::warning, where, "continued-line",
                   "the line ends in a backslash, so busybox ntpd reads the next one as a part of it",
                   "remove the backslash");

    const KeyLine found = key_lines_.read(text);
    if (found.fault == Fault::empty) {
      line.kind = file_.kind_without_key(where, text.find('#') != std::string_view::npos, seen.cut_by_nul);
      return line;
    }
    if (found.fault != Fault::none) {
      file_.report(where, words_of(found.fault));
      return line;
    }
    if (file_.is_cut(seen, found.key_field, where, any_length))
      return line;
    if (found.decoded < found.key_size) {
      file_.report(Severity::error, where, "colons-in-hex",
                   "busybox ntpd counts the colons as digits, and fills the key up with what is in memory",
                   "write hex digits only");
      return line;
    }
    if (found.key_field.back() == '\r')
      file_.report_carriage_return_in_key(where);

    line.kind = Line::Kind::key;
    line.key = file_.key(found.id, found.function->key_type, found.function->hex ? Encoding::hex : Encoding::ascii,
                         key_lines_.key(found));
    if (!source.continued) // the text is that of the file: nothing was joined to it
      line.note = ParsedFile::note(source.extent.offset, text, found.key_field);
    return line;
  }

  SecretMemory &memory_;
  ParsedFile file_;
  KeyLineReader key_lines_;
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
    return guarded([&] { return comment_lines({file_name, date}); });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    constexpr std::string_view longest_frame = "65535 SHA1 \n";
    return guarded([&] { return render_keys(info_, file, memory, longest_frame.size(), function_for, write_key); });
  }

  // One fault would end the program. What it takes, both ntpds take, too, but for a long text, which may be digits with
  // a slip: so it is never as sure as they are.
  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    bool joined = false; // to a line that ends in a backslash
    return recognise_lines(file, any_length, 40, [&](std::string_view line, bool whole) -> LineEvidence {
      const bool joins = line.ends_with('\\');
      if (std::exchange(joined, joins) || joins || !whole)
        return {};
      const KeyLine found = KeyLineReader::split(up_to_nul(line));
      if (ends_program(found.fault))
        return {Evidence::never};
      if (found.fault != Fault::none)
        return {found.fault == Fault::empty ? Evidence::none : Evidence::foreign};
      return {found.key_field.size() > ntpd_text && !hex::is_hex(found.key_field) ? Evidence::slip : Evidence::key};
    });
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
