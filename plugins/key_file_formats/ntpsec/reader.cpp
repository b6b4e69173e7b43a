#include "key_file_formats/ntpsec/dialect.hpp"
#include "key_file_formats/ntpsec/ntpsec.hpp"
#include "key_file_formats/ntpsec/types.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ntpkeygen::plugins::ntpsec {
namespace {

// ntpd's line buffer, of which it never wipes more than a new line covers. A short key for CMAC is taken from it at the
// cipher's length: what stood behind the key's text becomes part of the key.
class LineBuffer {
public:
  explicit LineBuffer(SecretMemory &memory) : bytes_(memory, ntpd::longest_line + 1) {}

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

// Into which ntpd decodes hex digits. It pads a short key for CMAC with what the keys before it left there.
class DigitBuffer {
public:
  explicit DigitBuffer(SecretMemory &memory) : bytes_(memory, ntpd::longest_key) {}

  void load(std::span<const std::byte> decoded) noexcept {
    std::memcpy(bytes_.reveal_mutable().data(), decoded.data(), decoded.size());
    written_ = std::max(written_, decoded.size());
  }
  // Fewer than `size` where nothing was ever written.
  [[nodiscard]] std::span<const std::byte> first(std::size_t size) const noexcept {
    return bytes_.reveal().first(std::min(size, written_));
  }

private:
  SecretBytes bytes_;
  std::size_t written_ = 0;
};

// In the place of a MAC's index: a cipher over which 1.2.5 exits.
constexpr std::uint8_t no_cipher = 0xfe;

enum class Release : std::uint8_t { v1_2_2, v1_2_5 };

// The file's lines in their order, and what each of them does to ntpd's table of keys.
class Loading {
public:
  Loading(Release release, std::span<const std::byte> file, SecretMemory &memory)
      : release_(release), file_(file), lines_(dialect, memory), buffer_(memory), digits_(memory),
        loaded_(file.size(), shortest_key_line, memory) {}

  Interpretation run() {
    BufferedLines pieces(file_, ntpd::longest_line);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    if (release_ == Release::v1_2_5)
      find_wrong_ciphers();
    if (loaded_.result().decided_by) {
      refuse_all();
      return loaded_.take_none(FileOutcome::exits);
    }
    loaded_.one_for_each_id([&](std::span<const Reading> lines, std::size_t) { return winner(lines); });
    take_back_refusals();
    return loaded_.take();
  }

private:
  void take(const LinePiece &piece) {
    const Extent origin = piece.content();
    const std::string_view line = up_to_nul(as_text(slice(file_, origin)));
    const ntpd::KeyLine found = lines_.read(line);
    if (found.digits != 0) // of a line that is skipped, too
      digits_.load(lines_.decoded());
    buffer_.load(slice(file_, piece.extent));
    for (const std::string_view field : {found.id_field, found.type_field, found.key_field})
      if (!field.empty())
        buffer_.end_string_at(static_cast<std::size_t>(field.data() - line.data()) + field.size());
    if (found.fault == ntpd::Fault::none)
      load(found, origin, static_cast<std::size_t>(found.key_field.data() - line.data()));
    else if (found.fault != ntpd::Fault::empty &&
             found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
      loaded_.refuse(id_as_written(found.id_field), origin, rule_of(found.fault), dialect.reason_of(found.fault));
  }

  void load(const ntpd::KeyLine &found, Extent origin, std::size_t key_at) {
    const MacFunction &function = *found.function;
    const std::size_t size = function.key_bytes != 0 ? function.key_bytes : found.key_size();
    const std::span<const std::byte> known = found.digits != 0 ? digits_.first(size) : buffer_.from(key_at, size);
    const bool is_known = known.size() == size;
    Reading reading{found.id, LoadedKeys::no_mac, is_known ? Certainty::certain : Certainty::indeterminate, origin,
                    loaded_.stored(is_known ? known : std::span<const std::byte>(), size)};
    if (function.usable) {
      reading.mac = loaded_.mac_index(mac_functions(), function);
    } else if (function.kind == MacSpec::Kind::cmac && release_ == Release::v1_2_5) {
      reading.mac = no_cipher;
      exit_at(reading, "unusable-type",
              "NTPsec 1.2.5 gets no cipher of this type from its libcrypto, and exits at start");
    } else {
      loaded_.refuse(found.id, origin, "unusable-type",
                     "NTPsec takes this type, but its libcrypto computes no MAC with it, so nothing can be "
                     "authenticated");
    }
    loaded_.add(reading);
  }

  // The line at which the program ends is the first one.
  void exit_at(const Reading &reading, std::string_view rule, std::string_view reason) {
    std::optional<Extent> &decided_by = loaded_.result().decided_by;
    if (decided_by && decided_by->offset < reading.origin.offset)
      return;
    decided_by = reading.origin;
    loaded_.result().reason = reason;
    exit_rule_ = rule;
  }

  void find_wrong_ciphers() {
    if (!loaded_.sort_readings())
      return;
    const std::vector<Reading> &readings = loaded_.result().readings;
    for (std::size_t i = 1; i < readings.size(); ++i)
      if (readings[i].id == readings[i - 1].id && is_cmac(readings[i]) &&
          readings[i].bytes.size != readings[i - 1].bytes.size)
        exit_at(readings[i], "duplicate-id",
                "NTPsec 1.2.5 gives the cipher of this line the key of the one before that has the same key id, which "
                "does not have its length, and exits at start");
  }

  // Of all lines with one id, which the others are refused for.
  Reading winner(std::span<const Reading> lines) {
    const std::string_view later = "a later line has the same key id, and NTPsec uses the last one";
    const Reading &last = lines.back();
    if (release_ == Release::v1_2_2 || !is_cmac(last))
      return loaded_.refuse_all_but(lines, lines.size() - 1, later);
    // When it replaces a key, it sets the cipher up before it puts the new bytes in the place of the old ones.
    Reading won = loaded_.refuse_all_but(lines.first(lines.size() - 1), lines.size() - 2, later);
    if (won.mac == LoadedKeys::no_mac)
      taken_over_.push_back(won.origin.offset);
    won.mac = last.mac;
    loaded_.refuse(
        last, "duplicate-id",
        "NTPsec 1.2.5 takes the cipher of this line, but the key of the one before that has the same key id");
    return won;
  }

  // A key of a type that nothing is computed with is used after all where a later line's cipher takes it.
  void take_back_refusals() {
    std::ranges::sort(taken_over_);
    std::erase_if(loaded_.result().refusals, [&](const Refusal &refusal) {
      return std::ranges::binary_search(taken_over_, refusal.origin.offset);
    });
  }

  [[nodiscard]] bool is_cmac(const Reading &reading) {
    const std::vector<MacSpec> &macs = loaded_.result().macs;
    return reading.mac < macs.size() && macs[reading.mac].kind == MacSpec::Kind::cmac;
  }

  void refuse_all() {
    const Interpretation &result = loaded_.result();
    for (const Reading &reading : result.readings)
      if (reading.origin.offset == result.decided_by->offset)
        loaded_.refuse(reading.id, reading.origin, exit_rule_, result.reason);
      else if (reading.origin.offset < result.decided_by->offset)
        loaded_.refuse(reading, "program-exits", "another line makes NTPsec 1.2.5 exit at start");
      else
        loaded_.refuse(reading, "not-read", "an earlier line makes NTPsec 1.2.5 exit at start");
  }

  static constexpr std::size_t shortest_key_line = 6;

  Release release_;
  std::span<const std::byte> file_;
  ntpd::KeyLineReader lines_;
  LineBuffer buffer_;
  DigitBuffer digits_;
  LoadedKeys loaded_;
  std::string_view exit_rule_{};
  std::vector<std::uint32_t> taken_over_; // offsets of lines
};

template <Release release> Interpretation read_keys(std::span<const std::byte> file, SecretMemory &memory) {
  return Loading(release, file, memory).run();
}

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "ntpsec", .product = "NTPsec ntpd", .version = "1.2.2", .format = "ntpsec"},
      read_keys<Release::v1_2_2>);
}

std::unique_ptr<KeyFileReader> make_reader_1_2_5() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "ntpsec@1.2.5", .product = "NTPsec ntpd", .version = "1.2.5", .format = "ntpsec"},
      read_keys<Release::v1_2_5>);
}

} // namespace ntpkeygen::plugins::ntpsec
