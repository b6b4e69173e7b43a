#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/busybox/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

namespace ntpkeygen::plugins::busybox {
namespace {

// The file's lines in their order, up to the one that ends the reading or the program, and what is left of the others.
class Loading {
public:
  Loading(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), logical_lines_(file, memory), key_lines_(memory), loaded_(file.size(), shortest_key_line, memory) {
  }

  Interpretation run() {
    for (LogicalLine line; logical_lines_.next(line);)
      take(line);
    if (outcome_ == FileOutcome::exits) {
      for (const Reading &reading : loaded_.result().readings)
        loaded_.refuse(reading, "program-exits", "another line makes busybox ntpd exit");
      return loaded_.take_none(outcome_);
    }
    loaded_.last_of_each_id_wins("a later line has the same key id, and busybox ntpd uses the last one");
    return loaded_.take(outcome_);
  }

private:
  void take(const LogicalLine &line) {
    const KeyLine found = key_lines_.read(up_to_nul(line.text));
    if (found.fault != Fault::empty) {
      if (loaded_.result().decided_by)
        loaded_.refuse(id_as_written(found.id_field), line.content(), "not-read",
                       "busybox ntpd does not come to this line: an earlier one ends its reading");
      else if (found.fault == Fault::none)
        load(found, line.content());
      else
        end(found, line.content());
    }
    if (line.continued)
      refuse_swallowed(line.extent);
  }

  void load(const KeyLine &found, Extent origin) {
    const MacFunction &function = *found.function;
    const std::uint8_t mac = loaded_.mac_index(&function == &md5 ? 0 : 1, [&] { return function.spec(); });
    const Certainty certainty = found.decoded < found.key_size ? Certainty::indeterminate : Certainty::certain;
    loaded_.add({found.id, mac, certainty, origin, loaded_.stored(key_lines_.key(found), found.key_size)});
  }

  void end(const KeyLine &found, Extent origin) {
    if (found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
      loaded_.refuse(id_as_written(found.id_field), origin, words_of(found.fault));
    outcome_ = ends_program(found.fault) ? FileOutcome::exits : FileOutcome::stopped_early;
    loaded_.result().decided_by = origin;
    loaded_.result().reason = words_of(found.fault).reason;
  }

  // Lines that look like keys of their own, and are the tail of one that ends in a backslash.
  void refuse_swallowed(Extent lines) {
    BufferedLines pieces(slice(file_, lines), any_length);
    LinePiece piece;
    for (bool more = pieces.next(piece); more && pieces.next(piece);) {
      const KeyLine found = KeyLineReader::split(up_to_nul(as_text(slice(slice(file_, lines), piece.content()))));
      if (found.fault == Fault::none)
        loaded_.refuse(found.id, {lines.offset + piece.extent.offset, piece.content().size}, "continued-line",
                       "the line before ends in a backslash, so busybox ntpd reads this one as a part of it");
    }
  }

  static constexpr std::size_t shortest_key_line = 6;

  std::span<const std::byte> file_;
  LogicalLines logical_lines_;
  KeyLineReader key_lines_;
  LoadedKeys loaded_;
  FileOutcome outcome_ = FileOutcome::loaded;
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "busybox", .product = "busybox ntpd", .version = "1.35", .format = "busybox"},
      [](std::span<const std::byte> file, SecretMemory &memory) { return Loading(file, memory).run(); });
}

} // namespace ntpkeygen::plugins::busybox
