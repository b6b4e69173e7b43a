#include "key_file_formats/ntpsec/key_line.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace ntpkeygen::plugins::ntpsec {
namespace {

// ntpd's line buffer, of which it never wipes more than a new line covers. A short key for CMAC is taken from it at the
// cipher's length: what stood behind the key's text becomes part of the key.
class LineBuffer {
public:
  explicit LineBuffer(SecretMemory &memory) : bytes_(memory, longest_line + 1) {}

  void load(std::span<const std::byte> line) noexcept {
    std::memcpy(bytes_.reveal_mutable().data(), line.data(), line.size());
    end_string_at(line.size());
    written_ = std::max(written_, line.size() + 1);
  }
  // ntpd ends each field that it takes with a NUL of its own.
  void end_string_at(std::size_t at) noexcept { bytes_.reveal_mutable()[at] = std::byte{0}; }

  // The bytes from `at` on; fewer than `size` where nothing was ever written.
  [[nodiscard]] std::span<const std::byte> from(std::size_t at, std::size_t size) const noexcept {
    return bytes_.reveal().subspan(at, std::min(size, written_ - at));
  }

private:
  SecretBytes bytes_;
  std::size_t written_ = 0;
};

constexpr std::uint8_t no_mac = 0xff; // a type that is taken and computes nothing

// The file's lines in their order, and what each of them does to ntpd's table of keys.
class Loading {
public:
  Loading(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), lines_(memory), buffer_(memory), store_(memory, file.size() / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t shortest_key_line = 6, ids = 65535;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, ids));
  }

  Interpretation run() {
    BufferedLines pieces(file_, longest_line);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    if (!ascending_)
      last_of_each_id_wins();
    std::erase_if(result_.readings, [](const Reading &reading) { return reading.mac == no_mac; });
    result_.outcome = FileOutcome::loaded;
    result_.store = store_.take();
    return std::move(result_);
  }

private:
  void take(const LinePiece &piece) {
    const std::span<const std::byte> raw = slice(file_, piece.extent);
    const std::string_view content = as_text(slice(file_, piece.content()));
    const std::string_view line = content.substr(0, content.find('\0'));
    const KeyLine found = lines_.read(line);
    buffer_.load(raw);
    for (const std::string_view field : {found.id_field, found.type_field, found.key_field})
      if (!field.empty())
        buffer_.end_string_at(static_cast<std::size_t>(field.data() - line.data()) + field.size());
    switch (found.fault) {
    case Fault::none:
      load(found, piece.content(), static_cast<std::size_t>(found.key_field.data() - line.data()));
      break;
    case Fault::empty:
      break;
    default:
      if (found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
        refuse(id_as_written(found.id_field), piece.content(), rule_of(found.fault), reason_of(found.fault));
    }
  }

  void load(const KeyLine &found, Extent origin, std::size_t key_at) {
    const MacFunction &function = *found.function;
    Reading reading{found.id, no_mac, Certainty::certain, origin, {}};
    if (function.usable) {
      const std::size_t size = function.key_bytes != 0 ? function.key_bytes : found.key_size();
      reading.mac = mac_index(function);
      reading.bytes = {static_cast<std::uint32_t>(store_.size()), static_cast<std::uint32_t>(size)};
      const std::span<const std::byte> known = found.digits != 0
                                                   ? lines_.decoded().first(std::min(size, lines_.decoded().size()))
                                                   : buffer_.from(key_at, size);
      if (known.size() < size) {
        reading.certainty = Certainty::indeterminate;
        std::ranges::fill(store_.extend(size), std::byte{0});
      } else {
        store_.append(known);
      }
    } else {
      refuse(found.id, origin, "unusable-type",
             "NTPsec takes this type, but its libcrypto computes no MAC with it, so nothing can be authenticated");
    }
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < reading.id);
    result_.readings.push_back(reading);
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
      else if (each->mac != no_mac)
        refuse(each->id, each->origin, "duplicate-id",
               "a later line has the same key id, and NTPsec uses the last one");
    }
    readings.erase(kept, readings.end());
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  std::span<const std::byte> file_;
  KeyLineReader lines_;
  LineBuffer buffer_;
  SecretWriter store_;
  Interpretation result_{};
  std::array<std::uint8_t, 64> mac_of_{};
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
  ReaderInfo info_{.name = "ntpsec", .product = "NTPsec ntpd", .version = "1.2.2", .format = "ntpsec"};
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<Reader>();
}

} // namespace ntpkeygen::plugins::ntpsec
