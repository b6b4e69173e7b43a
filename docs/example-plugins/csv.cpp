#include <ntpkeygen/sdk/decimal.hpp>
#include <ntpkeygen/sdk/interpretation.hpp>
#include <ntpkeygen/sdk/parse.hpp>
#include <ntpkeygen/sdk/plugin.hpp>
#include <ntpkeygen/sdk/render.hpp>

namespace {

using namespace ntpkeygen;

constexpr std::string_view program = "the lab's clock";
constexpr KeyId last_id = 999;
constexpr std::uint32_t longest_line = 127; // more than any of its lines, and less than its buffer

// The words of the second column.
struct Algorithm {
  std::string_view key_type; // canonical name
  std::uint16_t bits;
  std::string_view text;
  MacSpec mac;
};
const std::array algorithms{
    Algorithm{"AES", 128, "aes-128", {MacSpec::Kind::cmac, "aes128", 16}},
    Algorithm{"SHA224", 224, "sha-224", {MacSpec::Kind::keyed_digest, "sha224", 20}},
};

// One line, taken apart. Without an algorithm it is no key: `fault` says why, or is empty too, as the line is.
struct KeyLine {
  KeyId id = 0;
  const Algorithm *algorithm = nullptr;
  std::string_view digits{};
  LineFault fault{};
};

KeyLine faulty(std::string_view rule, std::string_view reason) {
  return {.fault = {rule, reason}};
}

KeyLine read_line(std::string_view line) {
  if (line.empty() || line.front() == '#')
    return {};
  const std::size_t first = line.find(','), second = line.find(',', std::min(first, line.size() - 1) + 1);
  if (second == std::string_view::npos)
    return faulty("missing-field", "a line has an id, an algorithm and a key, with commas between them");
  const auto id = plain_decimal(line.substr(0, first));
  if (!id || *id == 0 || *id > last_id)
    return faulty("key-id-out-of-range", "an id is a number from 1 to 999");
  const std::string_view word = line.substr(first + 1, second - first - 1), digits = line.substr(second + 1);
  for (const Algorithm &algorithm : algorithms)
    if (algorithm.text == word)
      return digits.size() == algorithm.bits / 4U && hex::is_hex(digits)
                 ? KeyLine{*id, &algorithm, digits, {}}
                 : faulty("invalid-hex", "the key is not as many hex digits as the algorithm takes");
  return faulty("unknown-type", "the algorithms are aes-128 and sha-224");
}

// What the program loads: every good line; of several with one id the first.
Interpretation read_keys(std::span<const std::byte> file, SecretMemory &memory) {
  constexpr std::size_t shortest_line = 43;
  LoadedKeys loaded(file.size(), shortest_line, memory);
  SecretBytes key(memory, 28);
  BufferedLines pieces(file, longest_line);
  for (LinePiece piece; pieces.next(piece);) {
    const Extent origin = piece.content();
    const KeyLine line = read_line(as_text(slice(file, origin)));
    if (line.algorithm == nullptr) {
      if (!line.fault.rule.empty())
        loaded.refuse(std::nullopt, origin, line.fault);
      continue;
    }
    const auto bytes = key.reveal_mutable().first(line.algorithm->bits / 8U);
    hex::decode(line.digits, bytes);
    const auto mac = loaded.mac_index(static_cast<std::uint8_t>(line.algorithm - algorithms.data()),
                                      [&] { return line.algorithm->mac; });
    loaded.add({line.id, mac, Certainty::certain, origin, loaded.stored(bytes)});
  }
  loaded.first_of_each_id_wins("an earlier line has the same id");
  return loaded.take();
}

Result<const Algorithm *> algorithm_for(std::string_view key_type, std::uint16_t bits, Encoding encoding) {
  const auto found = find_word(algorithms, key_type, bits);
  if (found.word == nullptr)
    return failure(ErrorCode::unsupported, "the csv format cannot hold " + keys_of_bits(key_type, bits),
                   "it holds AES of 128 and SHA224 of 224 bits");
  if (encoding != Encoding::hex)
    return failure(ErrorCode::unsupported, "the csv format holds keys in hex only", "leave out '--encoding'");
  return found.word;
}

class Format final : public KeyFileFormat {
public:
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return recipe_; }

  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    return guarded([&]() -> Result<std::vector<Encoding>> {
      return algorithm_for(type.name, bits, Encoding::hex).map([](auto) { return std::vector{Encoding::hex}; });
    });
  }

  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    return guarded([&]() -> Result<Spelling> {
      return algorithm_for(type.name, bits, encoding).map([](const Algorithm *algorithm) {
        return Spelling{std::string(algorithm->text), {}, {}};
      });
    });
  }

  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    return guarded([&] { return comment_lines({file_name, date}, "#", longest_line); });
  }

  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    constexpr std::string_view longest_frame = "999,sha-224,\n";
    return guarded([&] {
      return render_keys(info_, file, memory, longest_frame.size(), algorithm_for,
                         [](SecretWriter &out, const Key &key, const Algorithm *algorithm,
                            std::span<const std::byte> bytes) -> Result<void> {
                           append_key_id(out, key.id, 1);
                           out.append(',');
                           out.append(algorithm->text);
                           out.append(',');
                           append_hex(out, bytes);
                           out.append('\n');
                           return {};
                         });
    });
  }

  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    return recognise_lines(file, longest_line, 50, [](std::string_view text, bool whole) -> LineEvidence {
      const KeyLine line = read_line(text);
      return {!whole || (line.algorithm == nullptr && line.fault.rule.empty()) ? Evidence::none
              : line.algorithm != nullptr                                      ? Evidence::key
                                                                               : Evidence::foreign,
              line.algorithm != nullptr};
    });
  }

  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    return guarded([&]() -> Result<KeyFile> {
      ParsedFile file(program, std::move(text), memory, diagnostics);
      SecretBytes key(memory, 28);
      BufferedLines pieces(file.bytes(), longest_line);
      return file.take<LinePiece>(pieces, [&](const LinePiece &piece) {
        const std::string_view content = as_text(slice(file.bytes(), piece.content()));
        const KeyLine found = read_line(content);
        Line line{.kind = Line::Kind::unknown, .raw = piece.extent};
        if (found.algorithm != nullptr) {
          const auto bytes = key.reveal_mutable().first(found.algorithm->bits / 8U);
          hex::decode(found.digits, bytes);
          line.kind = Line::Kind::key;
          line.key = file.key(found.id, found.algorithm->key_type, Encoding::hex, bytes);
        } else if (found.fault.rule.empty()) {
          line.kind = content.empty() ? Line::Kind::blank : Line::Kind::comment;
        } else {
          file.report(piece.content(), found.fault);
        }
        return line;
      });
    });
  }

private:
  FormatInfo info_{
      .name = "csv",
      .summary = "the keys file of the lab's clock",
      .reader = "csv",
      .reload = "the lab's clock reads its keys when its cover is closed",
      .daemon_groups = {},
      .last_id = last_id,
  };
  Recipe recipe_{.groups = {{"AES", 128, Encoding::hex, 4}}, .label = "AES", .announced_as = "AES"};
};

Result<void> enroll(Registrar &registrar) {
  if (auto added = registrar.add(std::make_unique<Format>()); !added)
    return added;
  return registrar.add(std::make_unique<FunctionReader>(
      ReaderInfo{.name = "csv", .product = "the lab's clock", .version = "1.0", .format = "csv"}, read_keys));
}

} // namespace

NTPKEYGEN_PLUGIN(key_file_format, "csv", "1.0.0", "the keys file of the lab's clock", enroll);
