#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/classic/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::classic {
namespace {

constexpr std::uint8_t no_mac = 0xff;
// sscanf's "%d %15s %128s" on what fgets leaves in a buffer of 200.
constexpr std::uint32_t longest_piece = 199;
constexpr std::size_t longest_type = 15, longest_text = 128;

struct Words {
  std::string_view rule{}, reason{};
};

// A word of at most `most` characters, from `at` on, which comes to stand behind it: the rest of a longer word is the
// next one.
std::string_view scan_word(std::string_view line, std::size_t &at, std::size_t most) noexcept {
  at = c_blanks.skip(line, at);
  const std::string_view rest = line.substr(at, most);
  const std::string_view word = rest.substr(0, c_blanks.find(rest, 0));
  at += word.size();
  return word;
}

// The file's lines in their order, and the list of keys that sntp makes of them.
class Listing {
public:
  Listing(std::span<const std::byte> file, SecretMemory &memory)
      : file_(file), bytes_(memory, longest_text / 2), store_(memory, file.size() / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t shortest_key_line = 5, usual_most = 65536;
    result_.readings.reserve(std::min(file.size() / shortest_key_line + 1, usual_most));
  }

  Interpretation run() {
    BufferedLines pieces(file_, longest_piece);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    if (!ascending_)
      first_of_each_id_wins();
    std::erase_if(result_.readings, [](const Reading &reading) { return reading.mac == no_mac; });
    result_.outcome = FileOutcome::loaded;
    result_.store = store_.take();
    return std::move(result_);
  }

private:
  void take(const LinePiece &piece) {
    const Extent origin = piece.content();
    std::string_view line = as_text(slice(file_, origin));
    line = line.substr(0, std::min(line.find('\0'), line.find('#')));
    std::size_t at = c_blanks.skip(line, 0);
    if (at == line.size())
      return;
    const std::string_view id_field = line.substr(at, c_blanks.find(line, at) - at);
    const auto skip = [&](std::string_view rule, std::string_view reason) {
      refuse(id_as_written(id_field), origin, {rule, reason});
    };
    const auto id = c_scanf_d(line);
    if (!id)
      return skip("bad-key-id", "the line does not begin with a key id, so sntp skips it");
    at = id->end;
    const std::string_view type = scan_word(line, at, longest_type), text = scan_word(line, at, longest_text);
    if (type.empty())
      return skip("missing-type", "the line ends behind the key id, so sntp skips it");
    if (text.empty())
      return skip("missing-key", "the line has no key behind the type, so sntp skips it");
    std::span<const std::byte> key = std::as_bytes(std::span(text));
    if (text.size() > longest_ascii) {
      if (text.size() % 2 != 0)
        return skip("odd-hex-digits", "the key has an odd number of hex digits, so sntp skips the line");
      if (hex::decode(text, bytes_.reveal_mutable()) != text.size())
        return skip("invalid-hex",
                    "a key of more than 20 characters is read as hex, and this one has others, so sntp skips the line");
      key = bytes_.reveal().first(text.size() / 2);
    }
    if (type != last_type_) {
      last_type_ = type;
      last_function_ = find_mac_function(type);
      last_is_known_ = last_function_ != nullptr || is_other_object(type);
    }
    if (!last_is_known_)
      return skip("unknown-type", "sntp has no such key type, so it skips the line");
    load(id->value, last_function_, key, origin);
  }

  void load(KeyId id, const MacFunction *function, std::span<const std::byte> key, Extent origin) {
    Reading reading{id, no_mac, Certainty::certain, origin, {}};
    if (function == nullptr) {
      refuse(id, origin, {"unusable-type", "this is no digest to sntp's libcrypto, so sntp asks without a MAC"});
    } else if (function->kind == MacSpec::Kind::cmac) {
      refuse(id, origin, {"unusable-type", "sntp 4.2.8p15 knows the type, but makes no CMAC: it asks without a MAC"});
    } else {
      reading.mac = mac_index(*function);
      reading.bytes = {static_cast<std::uint32_t>(store_.size()), static_cast<std::uint32_t>(key.size())};
      store_.append(key);
    }
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < id);
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

  void refuse(std::optional<KeyId> id, Extent origin, Words words) {
    result_.refusals.push_back({id, origin, std::string(words.rule), std::string(words.reason)});
  }

  void first_of_each_id_wins() {
    std::vector<Reading> &readings = result_.readings;
    std::ranges::sort(readings, [](const Reading &a, const Reading &b) {
      return a.id != b.id ? a.id < b.id : a.origin.offset < b.origin.offset;
    });
    auto kept = readings.begin();
    for (const Reading &each : readings) {
      if (kept == readings.begin() || std::prev(kept)->id != each.id)
        *kept++ = each;
      else if (each.mac != no_mac)
        refuse(each.id, each.origin,
               {"duplicate-id", "an earlier line has the same key id, and sntp uses the first one"});
    }
    readings.erase(kept, readings.end());
    std::ranges::sort(result_.refusals, {}, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  std::span<const std::byte> file_;
  SecretBytes bytes_; // of a hex key
  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
  bool last_is_known_ = false;
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
    return guarded([&]() -> Result<Interpretation> { return Listing(file, memory).run(); });
  }

private:
  ReaderInfo info_{.name = "sntp",
                   .product = "NTP Classic sntp",
                   .version = "4.2.8p15",
                   .format = "classic",
                   .client = true,
                   .sends_unauthenticated_without_key = false}; // it ends with an error
};

} // namespace

std::unique_ptr<KeyFileReader> make_sntp_reader() {
  return std::make_unique<Reader>();
}

} // namespace ntpkeygen::plugins::classic
