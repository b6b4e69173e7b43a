// What formats share when they read a file: the loop over its lines, the keys' bytes and types, and what is said of
// lines that are not, or not wholly, what they seem to be.
#pragma once

#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ntpkeygen {

// What a program sees of a piece of a file: all before its first NUL.
struct SeenText {
  std::string_view text{};
  bool cut_by_nul = false, cut_by_buffer = false; // the file's line goes on
};

// A keys file that is being parsed.
class ParsedFile {
public:
  // `program` is what messages call the program that reads such files.
  ParsedFile(std::string_view program, SecretText text, SecretMemory &memory, Diagnostics &diagnostics)
      : program_(program), diagnostics_(diagnostics), key_bytes_(memory, text.size() / 2) {
    file_.text = std::move(text);
  }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return file_.text.reveal(); }

  // The file, where `line_of(piece) -> Line` makes a line of each piece that `pieces` gives. Once.
  template <class Piece, class Pieces, class LineOf> [[nodiscard]] KeyFile take(Pieces &pieces, LineOf &&line_of) {
    file_.lines.reserve(static_cast<std::size_t>(std::ranges::count(file_.text.reveal_text(), '\n')) + 1);
    for (Piece piece; pieces.next(piece);)
      file_.lines.push_back(line_of(piece));
    file_.key_bytes = key_bytes_.take();
    return std::move(file_);
  }

  [[nodiscard]] SeenText seen(const LinePiece &piece) const noexcept {
    const std::string_view content = as_text(slice(bytes(), piece.content())), text = up_to_nul(content);
    return {text, text.size() != content.size(),
            !piece.ended && piece.extent.offset + piece.extent.size < file_.text.size()};
  }

  // For a line's `key`; the bytes are copied. `type` is a constant: it is known again by its address.
  [[nodiscard]] Key key(KeyId id, std::string_view type, Encoding encoding, std::span<const std::byte> bytes) {
    const Extent stored{static_cast<std::uint32_t>(key_bytes_.size()), static_cast<std::uint32_t>(bytes.size())};
    key_bytes_.append(bytes);
    if (type.data() != last_type_.data() || type.size() != last_type_.size()) {
      last_index_ = file_.type_index(type);
      last_type_ = type;
    }
    return {.id = id,
            .bits = static_cast<std::uint16_t>(8 * bytes.size()),
            .type = last_index_,
            .encoding = encoding,
            .bytes = stored};
  }

  // For a line's `note`, where comments begin with `#`: `text` is the line's up to where its program stops, and begins
  // at `offset`; the key ends with `key_field`, a part of it.
  [[nodiscard]] static Extent note(std::uint32_t offset, std::string_view text, std::string_view key_field) noexcept {
    const auto key_end = static_cast<std::size_t>(key_field.data() - text.data()) + key_field.size();
    const std::size_t sign = text.find('#', key_end);
    if (sign == std::string_view::npos)
      return {};
    const std::size_t end = text.find_last_not_of('\r') + 1;
    return {offset + static_cast<std::uint32_t>(sign), static_cast<std::uint32_t>(end - sign)};
  }

  void report(Severity severity, Extent where, std::string_view rule, std::string_view message,
              std::string_view hint = {}) {
    diagnostics_.report({severity, where, rule, message, hint});
  }

  void report(Extent where, const LineFault &fault) { report(Severity::error, where, fault.rule, fault.reason); }

  // The kind of a line in which the program sees nothing. It is unknown if a NUL hides the rest.
  [[nodiscard]] Line::Kind kind_without_key(Extent where, bool comment, bool cut_by_nul) {
    if (comment)
      return Line::Kind::comment;
    if (!cut_by_nul)
      return Line::Kind::blank;
    report(Severity::error, where, "nul-byte", program_ + up_to_first_nul, "remove it");
    return Line::Kind::unknown;
  }
  // Whether the key's text, which `key` is the end of, is only the beginning of what stands in the file. It is
  // reported; `longest` is the most that the program's buffer takes.
  [[nodiscard]] bool is_cut(const SeenText &seen, std::string_view key, Extent where, std::uint32_t longest) {
    if (key.data() + key.size() != seen.text.data() + seen.text.size() || !(seen.cut_by_nul || seen.cut_by_buffer))
      return false;
    if (seen.cut_by_nul)
      report(Severity::error, where, "nul-byte", program_ + up_to_first_nul + ", so the key is cut there", "remove it");
    else
      report_long_line(where, longest, "cuts the key there");
    return true;
  }
  void report_carriage_return_in_key(Extent where) {
    report(Severity::warning, where, "carriage-return",
           program_ + " takes the carriage return at the line's end as part of the key", "");
  }
  // `happens`: what the program does with a line that does not fit into its buffer, behind its name.
  void report_long_line(Extent where, std::uint32_t longest, std::string_view happens) {
    report(Severity::error, where, "line-too-long",
           "the line has more than " + std::to_string(longest) + " bytes, and " + program_ + " " + std::string(happens),
           "shorten it");
  }

private:
  static constexpr const char *up_to_first_nul = " reads a line up to its first NUL byte only";

  std::string program_;
  Diagnostics &diagnostics_;
  SecretWriter key_bytes_;
  KeyFile file_{};
  std::string_view last_type_{};
  std::uint16_t last_index_ = 0; // into the file's types
};

// What a line says about the format that its file is in.
enum class Evidence : std::uint8_t {
  none,
  key,     // of this format
  slip,    // a key of this format, or one of another's with a mistake
  foreign, // a line that its program skips
  never    // a line that this format's files do not have
};
struct LineEvidence {
  Evidence evidence{};
  bool own = false; // something that only this format has
};

// For KeyFileFormat::recognise: `judge(line, whole) -> LineEvidence` for each piece of at most `longest` bytes, its
// line feed not included; `whole` is false for a piece that goes on in the file, or behind the part that is looked at.
// A file with nothing but keys gets `most`, one with nothing but slips a quarter of it, and 45 more if something is the
// format's own.
template <class Judge> [[nodiscard]] unsigned recognise_lines(std::span<const std::byte> file, std::uint32_t longest,
                                                              unsigned most, Judge &&judge) {
  constexpr std::size_t enough = 64 * 1024;
  const bool all = file.size() <= enough;
  constexpr std::size_t whole = 4; // a key's weight; a slip's is 1
  std::size_t keys = 0, all_lines = 0;
  bool own = false;
  BufferedLines pieces(file.first(std::min(file.size(), enough)), longest);
  for (LinePiece piece; pieces.next(piece);) {
    const LineEvidence line = judge(as_text(slice(file, piece.content())), all || piece.ended);
    if (line.evidence == Evidence::never)
      return 0;
    keys += line.evidence == Evidence::key ? whole : line.evidence == Evidence::slip ? 1U : 0U;
    all_lines += line.evidence == Evidence::none ? 0U : whole;
    own = own || line.own;
  }
  return keys == 0 ? 0 : static_cast<unsigned>(most * keys / all_lines) + (own ? 45U : 0U);
}

} // namespace ntpkeygen
