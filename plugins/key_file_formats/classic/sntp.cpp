#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/classic/types.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

#include <algorithm>

namespace ntpkeygen::plugins::classic {
namespace {

// sscanf's "%d %15s %128s" on what fgets leaves in a buffer of 200.
constexpr std::uint32_t longest_piece = 199;
constexpr std::size_t longest_type = 15, longest_text = 128;
constexpr std::size_t longest_ascii = 20; // characters; more are hex digits

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
      : file_(file), bytes_(memory, longest_text / 2), loaded_(file.size(), shortest_key_line, memory) {}

  Interpretation run() {
    BufferedLines pieces(file_, longest_piece);
    for (LinePiece piece; pieces.next(piece);)
      take(piece);
    loaded_.first_of_each_id_wins("an earlier line has the same key id, and sntp uses the first one");
    return loaded_.take();
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
      loaded_.refuse(id_as_written(id_field), origin, rule, reason);
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
    Reading reading{id, LoadedKeys::no_mac, Certainty::certain, origin, {}};
    if (function == nullptr) {
      loaded_.refuse(id, origin, "unusable-type", "this is no digest to sntp's libcrypto, so sntp asks without a MAC");
    } else if (function->kind == MacSpec::Kind::cmac) {
      loaded_.refuse(id, origin, "unusable-type",
                     "sntp 4.2.8p15 knows the type, but makes no CMAC: it asks without a MAC");
    } else {
      reading.mac = loaded_.mac_index(mac_functions(), *function);
      reading.bytes = loaded_.stored(key);
    }
    loaded_.add(reading);
  }

  static constexpr std::size_t shortest_key_line = 5;

  std::span<const std::byte> file_;
  SecretBytes bytes_; // of a hex key
  std::string_view last_type_{};
  const MacFunction *last_function_ = nullptr;
  bool last_is_known_ = false;
  LoadedKeys loaded_;
};

} // namespace

std::unique_ptr<KeyFileReader> make_sntp_reader() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "sntp",
                 .product = "NTP Classic sntp",
                 .version = "4.2.8p15",
                 .format = "classic",
                 .client = true,
                 .sends_unauthenticated_without_key = false}, // it ends with an error
      [](std::span<const std::byte> file, SecretMemory &memory) { return Listing(file, memory).run(); });
}

} // namespace ntpkeygen::plugins::classic
