#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/chrony/key_line.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::chrony {
namespace {

constexpr std::uint8_t no_mac = 0xff;

// The file's lines in their order, then chronyd's sorted table of keys.
class Loading {
public:
  Loading(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), lines_(memory), store_(memory, file.size() / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t shortest_key_line = 4, usual_most = 65536;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, usual_most));
  }

  Interpretation run() {
    BufferedLines pieces(file_, longest_line);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    if (!ascending_)
      keep_what_is_found();
    result_.outcome = FileOutcome::loaded;
    result_.store = store_.take();
    return std::move(result_);
  }

private:
  void take(const LinePiece &piece) {
    const std::string_view content = as_text(slice(file_, piece.content()));
    const KeyLine found = lines_.read(content.substr(0, content.find('\0')));
    if (found.fault == Fault::none)
      load(found, piece.content());
    else if (found.fault != Fault::empty)
      refuse(id_as_written(found.id_field), piece.content(), rule_of(found.fault), reason_of(found.fault));
  }

  void load(const KeyLine &found, Extent origin) {
    const Extent bytes{static_cast<std::uint32_t>(store_.size()), static_cast<std::uint32_t>(found.key_size)};
    store_.append(lines_.key(found));
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < found.id);
    result_.readings.push_back({found.id, mac_index(*found.function), Certainty::certain, origin, bytes});
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

  // chronyd sorts its keys with qsort, which in glibc keeps the order of equal ids, and looks one up with bsearch: of
  // several lines with one id, it uses that which the halving of the whole table meets first.
  void keep_what_is_found() {
    std::vector<Reading> &readings = result_.readings;
    std::ranges::sort(readings, [](const Reading &a, const Reading &b) {
      return a.id != b.id ? a.id < b.id : a.origin.offset < b.origin.offset;
    });
    const std::size_t table = readings.size();
    std::size_t kept = 0;
    for (std::size_t first = 0, end = 0; first < table; first = end) {
      end = first + 1;
      while (end < table && readings[end].id == readings[first].id)
        ++end;
      const std::size_t hit = first_hit(table, first, end);
      for (std::size_t other = first; other < end; ++other)
        if (other != hit)
          refuse(readings[other].id, readings[other].origin, "duplicate-id",
                 "another line has the same key id, and that is the one that chrony's search finds");
      readings[kept++] = readings[hit];
    }
    readings.resize(kept);
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  // Where bsearch(3) of glibc stops in a sorted table when it looks for what fills it from `first` up to `end`.
  static std::size_t first_hit(std::size_t table, std::size_t first, std::size_t end) noexcept {
    for (std::size_t low = 0, high = table;;) {
      const std::size_t middle = (low + high) / 2;
      if (middle < first)
        low = middle + 1;
      else if (middle >= end)
        high = middle;
      else
        return middle;
    }
  }

  std::span<const std::byte> file_;
  KeyLineReader lines_;
  SecretWriter store_;
  Interpretation result_{};
  std::array<std::uint8_t, 16> mac_of_{};
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
  ReaderInfo info_{
      .name = "chrony", .product = "chronyd", .version = "4.3", .format = "chrony", .whole_digests_in_version_3 = true};
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<Reader>();
}

} // namespace ntpkeygen::plugins::chrony
