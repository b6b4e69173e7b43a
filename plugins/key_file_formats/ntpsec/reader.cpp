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

// In the place of a MAC's index:
constexpr std::uint8_t no_mac = 0xff;    // a type that is taken and computes nothing
constexpr std::uint8_t no_cipher = 0xfe; // one over which 1.2.5 exits

enum class Release : std::uint8_t { v1_2_2, v1_2_5 };

// The file's lines in their order, and what each of them does to ntpd's table of keys.
class Loading {
public:
  Loading(Release release, std::span<const std::byte> file, SecretMemory &memory)
      : release_(release), file_(file), lines_(memory), buffer_(memory), store_(memory, file.size() / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t shortest_key_line = 6, ids = 65535;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, ids));
  }

  Interpretation run() {
    BufferedLines pieces(file_, longest_line);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    result_.outcome = FileOutcome::loaded;
    if (!ascending_)
      resolve_duplicates();
    if (result_.decided_by) {
      exit();
      return std::move(result_);
    }
    std::erase_if(result_.readings, [](const Reading &reading) { return reading.mac == no_mac; });
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
    const std::size_t size = function.key_bytes != 0 ? function.key_bytes : found.key_size();
    Reading reading{found.id,
                    no_mac,
                    Certainty::certain,
                    origin,
                    {static_cast<std::uint32_t>(store_.size()), static_cast<std::uint32_t>(size)}};
    const std::span<const std::byte> known = found.digits != 0
                                                 ? lines_.decoded().first(std::min(size, lines_.decoded().size()))
                                                 : buffer_.from(key_at, size);
    if (known.size() < size) {
      reading.certainty = Certainty::indeterminate;
      std::ranges::fill(store_.extend(size), std::byte{0});
    } else {
      store_.append(known);
    }
    if (function.usable) {
      reading.mac = mac_index(function);
    } else if (function.kind == MacSpec::Kind::cmac && release_ == Release::v1_2_5) {
      reading.mac = no_cipher;
      exit_at(reading, "unusable-type",
              "NTPsec 1.2.5 gets no cipher of this type from its libcrypto, and exits at start");
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

  // The line at which the program ends is the first one.
  void exit_at(const Reading &reading, std::string_view rule, std::string_view reason) {
    if (result_.decided_by && result_.decided_by->offset < reading.origin.offset)
      return;
    result_.decided_by = reading.origin;
    result_.reason = reason;
    exit_rule_ = rule;
  }

  void resolve_duplicates() {
    std::vector<Reading> &readings = result_.readings;
    std::ranges::sort(readings, [](const Reading &a, const Reading &b) {
      return a.id != b.id ? a.id < b.id : a.origin.offset < b.origin.offset;
    });
    if (release_ == Release::v1_2_5)
      for (std::size_t i = 1; i < readings.size(); ++i)
        if (readings[i].id == readings[i - 1].id && is_cmac(readings[i]) &&
            readings[i].bytes.size != readings[i - 1].bytes.size)
          exit_at(
              readings[i], "duplicate-id",
              "NTPsec 1.2.5 gives the cipher of this line the key of the one before that has the same key id, which "
              "does not have its length, and exits at start");
    if (result_.decided_by)
      return;
    std::size_t kept = 0;
    for (std::size_t first = 0, end = 0; first < readings.size(); first = end) {
      end = first + 1;
      while (end < readings.size() && readings[end].id == readings[first].id)
        ++end;
      readings[kept++] = winner(std::span(readings).subspan(first, end - first));
    }
    readings.resize(kept);
    sort_refusals();
  }

  // Of all lines with one id, which the others are refused for.
  Reading winner(std::span<const Reading> lines) {
    const Reading &last = lines.back();
    Reading won = last;
    std::size_t used = lines.size() - 1;
    if (release_ == Release::v1_2_5 && lines.size() > 1 && is_cmac(last)) {
      // When it replaces a key, it sets the cipher up before it puts the new bytes in the place of the old ones.
      won = lines[--used];
      won.mac = last.mac;
      refuse(last.id, last.origin, "duplicate-id",
             "NTPsec 1.2.5 takes the cipher of this line, but the key of the one before that has the same key id");
    }
    for (std::size_t i = 0; i < used; ++i)
      if (lines[i].mac != no_mac)
        refuse(lines[i].id, lines[i].origin, "duplicate-id",
               "a later line has the same key id, and NTPsec uses the last one");
    return won;
  }

  [[nodiscard]] bool is_cmac(const Reading &reading) const noexcept {
    return reading.mac < result_.macs.size() && result_.macs[reading.mac].kind == MacSpec::Kind::cmac;
  }

  void exit() {
    const std::uint32_t end = result_.decided_by->offset;
    for (const Reading &reading : result_.readings)
      if (reading.origin.offset == end)
        refuse(reading.id, reading.origin, exit_rule_, result_.reason);
      else if (reading.mac == no_mac)
        continue; // refused already
      else if (reading.origin.offset < end)
        refuse(reading.id, reading.origin, "program-exits", "another line makes NTPsec 1.2.5 exit at start");
      else
        refuse(reading.id, reading.origin, "not-read", "an earlier line makes NTPsec 1.2.5 exit at start");
    sort_refusals();
    result_.outcome = FileOutcome::exits;
    result_.readings.clear();
    result_.macs.clear();
  }

  void sort_refusals() {
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  Release release_;
  std::span<const std::byte> file_;
  KeyLineReader lines_;
  LineBuffer buffer_;
  SecretWriter store_;
  Interpretation result_{};
  std::array<std::uint8_t, 64> mac_of_{};
  bool ascending_ = true;
  std::string_view exit_rule_{};
};

class Reader final : public KeyFileReader {
public:
  Reader(Release release, ReaderInfo info) : release_(release), info_(std::move(info)) {}

  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> file,
                                                 SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<Interpretation> { return Loading(release_, file, memory).run(); });
  }

private:
  Release release_;
  ReaderInfo info_;
};

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<Reader>(
      Release::v1_2_2, ReaderInfo{.name = "ntpsec", .product = "NTPsec ntpd", .version = "1.2.2", .format = "ntpsec"});
}

std::unique_ptr<KeyFileReader> make_reader_1_2_5() {
  return std::make_unique<Reader>(
      Release::v1_2_5,
      ReaderInfo{.name = "ntpsec@1.2.5", .product = "NTPsec ntpd", .version = "1.2.5", .format = "ntpsec"});
}

} // namespace ntpkeygen::plugins::ntpsec
