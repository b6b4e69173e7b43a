#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/classic/key_line.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::classic {
namespace {

constexpr std::uint8_t no_mac = 0xff;

// The file's lines in their order, and what is left of them.
class Loading {
public:
  Loading(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), lines_(memory), store_(memory, file.size() / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t shortest_key_line = 6, ids = 65535;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, ids));
  }

  Interpretation run() {
    BufferedLines pieces(file_, longest_line);
    for (LinePiece piece; pieces.next(piece);)
      take(piece); // all of them: ntpd stops behind the sixteenth fault, but the file is rejected by then
    if (result_.decided_by) {
      reject();
    } else {
      result_.outcome = FileOutcome::loaded;
      if (!ascending_)
        first_of_each_id_wins();
      result_.store = store_.take();
    }
    return std::move(result_);
  }

private:
  void take(const LinePiece &piece) {
    const std::string_view content = as_text(slice(file_, piece.content()));
    const std::string_view line = content.substr(0, content.find('\0'));
    const KeyLine found = lines_.read(line);
    if (found.fault == Fault::none)
      return load(found, piece.content());
    if (found.fault == Fault::empty)
      return;
    if (found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
      refuse(id_as_written(found.id_field), piece.content(), rule_of(found.fault), reason_of(found.fault));
    if (rejects_file(found.fault) && !result_.decided_by) {
      result_.decided_by = piece.content();
      result_.reason = reason_of(found.fault);
    }
  }

  void load(const KeyLine &found, Extent origin) {
    const std::size_t size = found.key_size(), used = found.function->key_bytes != 0 ? found.function->key_bytes : size;
    const auto offset = static_cast<std::uint32_t>(store_.size());
    // Cut to what the cipher takes, or padded with zeros.
    const std::span<const std::byte> given =
        found.digits != 0 ? lines_.decoded().first(size) : std::as_bytes(std::span(found.key_field));
    store_.append(given.first(std::min(size, used)));
    if (size < used)
      std::ranges::fill(store_.extend(used - size), std::byte{0});
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < found.id);
    result_.readings.push_back(
        {found.id, mac_index(*found.function), Certainty::certain, origin, {offset, static_cast<std::uint32_t>(used)}});
  }

  std::uint8_t mac_index(const MacFunction &function) {
    std::uint8_t &index = mac_of_[static_cast<std::size_t>(&function - mac_functions().data())];
    if (index == no_mac) {
      index = static_cast<std::uint8_t>(result_.macs.size());
      result_.macs.push_back(function.spec());
    }
    return index;
  }

  void refuse(std::optional<KeyId> id, Extent origin, std::string_view rule, std::string_view reason) {
    result_.refusals.push_back({id, origin, std::string(rule), std::string(reason)});
  }

  // ntpd reads the whole file before it touches its keys, and keeps none of a file that has a fault.
  void reject() {
    for (const Reading &reading : result_.readings)
      refuse(reading.id, reading.origin, "file-rejected", "another line makes NTP Classic reject the whole file");
    sort_refusals();
    result_.outcome = FileOutcome::rejected;
    result_.readings.clear();
    result_.macs.clear();
  }

  // ntpd stores the keys from the last to the first, each over what is there.
  void first_of_each_id_wins() {
    std::vector<Reading> &readings = result_.readings;
    std::ranges::sort(readings, [](const Reading &a, const Reading &b) {
      return a.id != b.id ? a.id < b.id : a.origin.offset < b.origin.offset;
    });
    auto kept = readings.begin();
    for (const Reading &each : readings) {
      if (kept == readings.begin() || std::prev(kept)->id != each.id)
        *kept++ = each;
      else
        refuse(each.id, each.origin, "duplicate-id",
               "an earlier line has the same key id, and NTP Classic uses the first one");
    }
    readings.erase(kept, readings.end());
    sort_refusals();
  }

  void sort_refusals() {
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  std::span<const std::byte> file_;
  KeyLineReader lines_;
  SecretWriter store_;
  Interpretation result_{};
  std::array<std::uint8_t, 32> mac_of_{};
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
  ReaderInfo info_{.name = "classic", .product = "NTP Classic ntpd", .version = "4.2.8p15", .format = "classic"};
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<Reader>();
}

} // namespace ntpkeygen::plugins::classic
