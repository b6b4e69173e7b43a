#include "key_file_formats/busybox/busybox.hpp"
#include "key_file_formats/busybox/key_line.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::busybox {
namespace {

// The file's lines in their order, up to the one that ends the reading or the program, and what is left of the others.
class Loading {
public:
  Loading(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), logical_lines_(file, memory), key_lines_(memory), store_(memory, file.size() / 2) {
    constexpr std::size_t shortest_key_line = 6;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, std::size_t{last_id}));
  }

  Interpretation run() {
    result_.outcome = FileOutcome::loaded;
    for (LogicalLine line; logical_lines_.next(line);)
      take(line);
    if (result_.outcome == FileOutcome::exits) {
      forget();
    } else {
      if (!ascending_)
        last_of_each_id_wins();
      result_.store = store_.take();
    }
    return std::move(result_);
  }

private:
  void take(const LogicalLine &line) {
    const KeyLine found = key_lines_.read(line.text.substr(0, line.text.find('\0')));
    if (found.fault != Fault::empty) {
      if (result_.decided_by)
        refuse(id_as_written(found.id_field), line.content(), "not-read",
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
    Reading reading{found.id,
                    mac_index(*found.function),
                    Certainty::certain,
                    origin,
                    {static_cast<std::uint32_t>(store_.size()), static_cast<std::uint32_t>(found.key_size)}};
    store_.append(key_lines_.key(found));
    if (found.decoded < found.key_size) {
      reading.certainty = Certainty::indeterminate;
      std::ranges::fill(store_.extend(found.key_size - found.decoded), std::byte{0});
    }
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < found.id);
    result_.readings.push_back(reading);
  }

  std::uint8_t mac_index(const MacFunction &function) {
    const auto found = std::ranges::find(result_.macs, function.algorithm, &MacSpec::algorithm);
    const auto index = static_cast<std::uint8_t>(found - result_.macs.begin());
    if (found == result_.macs.end())
      result_.macs.push_back(function.spec());
    return index;
  }

  void end(const KeyLine &found, Extent origin) {
    if (found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
      refuse(id_as_written(found.id_field), origin, rule_of(found.fault), reason_of(found.fault));
    result_.outcome = ends_program(found.fault) ? FileOutcome::exits : FileOutcome::stopped_early;
    result_.decided_by = origin;
    result_.reason = reason_of(found.fault);
  }

  // Lines that look like keys of their own, and are the tail of one that ends in a backslash.
  void refuse_swallowed(Extent lines) {
    BufferedLines pieces(slice(file_, lines), std::numeric_limits<std::uint32_t>::max());
    LinePiece piece;
    for (bool more = pieces.next(piece); more && pieces.next(piece);) {
      const std::string_view text = as_text(slice(slice(file_, lines), piece.content()));
      const KeyLine found = KeyLineReader::split(text.substr(0, text.find('\0')));
      if (found.fault == Fault::none)
        refuse(found.id, {lines.offset + piece.extent.offset, piece.content().size}, "continued-line",
               "the line before ends in a backslash, so busybox ntpd reads this one as a part of it");
    }
  }

  void refuse(std::optional<KeyId> id, Extent origin, std::string_view rule, std::string_view reason) {
    result_.refusals.push_back({id, origin, std::string(rule), std::string(reason)});
  }

  void forget() {
    for (const Reading &reading : result_.readings)
      refuse(reading.id, reading.origin, "program-exits", "another line makes busybox ntpd exit");
    sort_refusals();
    result_.readings.clear();
    result_.macs.clear();
  }

  void last_of_each_id_wins() {
    std::vector<Reading> &readings = result_.readings;
    std::ranges::sort(readings, [](const Reading &a, const Reading &b) {
      return a.id != b.id ? a.id < b.id : a.origin.offset < b.origin.offset;
    });
    auto kept = readings.begin();
    for (auto each = readings.begin(); each != readings.end(); ++each) {
      const auto next = std::next(each);
      if (next == readings.end() || next->id != each->id)
        *kept++ = *each;
      else
        refuse(each->id, each->origin, "duplicate-id",
               "a later line has the same key id, and busybox ntpd uses the last one");
    }
    readings.erase(kept, readings.end());
    sort_refusals();
  }

  void sort_refusals() {
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  std::span<const std::byte> file_;
  LogicalLines logical_lines_;
  KeyLineReader key_lines_;
  SecretWriter store_;
  Interpretation result_{};
  bool ascending_ = true;
};

class Reader final : public KeyFileReader {
public:
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> file,
                                                 SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<Interpretation> { return Loading(file, memory).run(); });
  }

private:
  ReaderInfo info_{.name = "busybox", .product = "busybox ntpd", .version = "1.35", .format = "busybox"};
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<Reader>();
}

} // namespace ntpkeygen::plugins::busybox
