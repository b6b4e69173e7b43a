// busybox's format and reader, which are whole, behind ones that are not.
#include "fault.hpp"

#include "key_file_formats/busybox/busybox.hpp"
#include "ntpkeygen/sdk/plugin.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace {

using namespace ntpkeygen;
using broken::fault_is;

bool has(std::span<const std::byte> file, std::string_view text) {
  return as_text(file).find(text) != std::string_view::npos;
}

// What any bytes do to a reader, and to a format that parses.
void suffer(std::span<const std::byte> file) {
  if (fault_is("throws") && has(file, "\xff"))
    broken::let_an_exception_out();
  if (fault_is("crashes") && has(file, std::string_view("\0", 1)))
    std::raise(SIGSEGV);
  if (fault_is("crashes-at-65536") && has(file, "65536"))
    std::raise(SIGSEGV);
  if (fault_is("never-returns") && has(file, "\x01"))
    broken::never_return();
}

void copy(std::span<const std::byte> secret) {
  try {
    const std::string copied(as_text(secret));
  } catch (const std::bad_alloc &) {
  }
}

// No fault: what the memory held before is nobody's doing.
void take_memory_and_not_write_it() {
  for (std::size_t size = 24; size < 4096; size += 24)
    if (void *const memory = std::malloc(size)) {
      asm volatile("" : : "g"(memory) : "memory"); // or nothing is taken
      std::free(memory);
    }
}

void read_behind_the_end(std::span<const std::byte> file) {
  if (!file.empty())
    static_cast<void>(*static_cast<const volatile std::byte *>(file.data() + file.size()));
}

// Says what the whole file is, keys and all.
class Quoting final : public Diagnostics {
public:
  Quoting(Diagnostics &others, SecretText file) : others_(others), file_(std::move(file)) {}
  void report(const Diagnostic &diagnostic) noexcept override {
    Diagnostic quoting = diagnostic;
    quoting.hint = file_.reveal_text();
    others_.report(quoting);
  }

private:
  Diagnostics &others_;
  SecretText file_;
};

class Silent final : public Diagnostics {
public:
  void report(const Diagnostic &) noexcept override {}
};

class Format final : public KeyFileFormat {
public:
  Format() : info_(whole_->info()) {
    info_.name = "broken";
    info_.reader = fault_is("no-reader") ? "nobody" : "broken";
    if (fault_is("too-many-ids"))
      info_.last_id = 100'000;
  }
  [[nodiscard]] const FormatInfo &info() const noexcept override { return info_; }
  [[nodiscard]] const Recipe &recipe() const noexcept override { return whole_->recipe(); }
  [[nodiscard]] Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                std::uint16_t bits) const noexcept override {
    if (fault_is("no-encoding"))
      return std::vector<Encoding>();
    return whole_->default_encodings(type, bits);
  }
  [[nodiscard]] Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                          Encoding encoding) const noexcept override {
    auto spelling = whole_->spelling(type, bits, encoding);
    if (!spelling && fault_is("no-message"))
      spelling.error().message.clear();
    if (spelling && encoding == Encoding::ascii && fault_is("comment-sign-in-keys"))
      spelling->alphabet.set('#');
    return spelling;
  }
  [[nodiscard]] Result<std::string> header(std::string_view file_name, std::string_view date) const noexcept override {
    if (fault_is("not-guarded"))
      return "# " + std::string(file_name) + "\n# " + std::string(date) + " and some more that is no short string\n";
    if (fault_is("any-header"))
      return guarded([&]() -> Result<std::string> { return "# " + std::string(file_name) + "\n"; });
    return whole_->header(file_name, date);
  }
  [[nodiscard]] Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept override {
    if (fault_is("none-but-unwritten-memory"))
      take_memory_and_not_write_it();
    auto text = whole_->render(file, memory);
    if (!text && text.error().code == ErrorCode::invalid_argument && fault_is("takes-any-id"))
      return SecretText();
    if (!text || text->empty())
      return text;
    if (fault_is("loses-bytes") && text->reveal_text().find('\r') != std::string_view::npos)
      text->truncate(text->size() - 1);
    if (fault_is("changes-keys") && !file.lines.back().written())
      text->reveal_mutable()[text->size() - 2] ^= std::byte{1};
    if (fault_is("copies-keys"))
      copy(text->reveal());
    return text;
  }
  [[nodiscard]] unsigned recognise(std::span<const std::byte> file) const noexcept override {
    if (fault_is("recognises-behind-the-end"))
      read_behind_the_end(file);
    return fault_is("surer-than-sure") ? 101 : fault_is("strange-to-itself") ? 0 : whole_->recognise(file);
  }
  [[nodiscard]] Result<KeyFile> parse(SecretText text, SecretMemory &memory,
                                      Diagnostics &diagnostics) const noexcept override {
    suffer(text.reveal());
    if (fault_is("keeps-memory"))
      static_cast<void>(memory.acquire(16));
    if (fault_is("writes-behind-the-end") && text.size() == 10)
      text.reveal_mutable().data()[10] = std::byte{0};
    if (fault_is("error-for-content") && has(text.reveal(), "\x02"))
      return tl::unexpected<Error>(Error{ErrorCode::invalid_argument, 0, "such bytes are none", {}});
    if (fault_is("parses-behind-the-end"))
      read_behind_the_end(text.reveal());
    if (fault_is("quotes-keys") && text.size() < 200)
      return guarded([&] {
        Quoting quoting(diagnostics, SecretText(memory, text.reveal()));
        return whole_->parse(std::move(text), memory, quoting);
      });
    if (fault_is("parses-beyond-its-ids"))
      return whole_->parse(std::move(text), memory, diagnostics).map([](KeyFile parsed) {
        for (Line &line : parsed.lines)
          line.key.id += line.kind == Line::Kind::key ? 65536 : 0;
        return parsed;
      });
    Silent silent;
    return whole_->parse(std::move(text), memory, fault_is("unreported") ? silent : diagnostics);
  }

private:
  std::unique_ptr<KeyFileFormat> whole_ = plugins::busybox::make_format();
  FormatInfo info_;
};

class Reader final : public KeyFileReader {
public:
  Reader() : info_(whole_->info()) {
    info_.name = "broken";
    info_.format = "broken";
  }
  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> file,
                                                 SecretMemory &memory) const noexcept override {
    if (fault_is("reader-throws") && has(file, "\xff"))
      broken::let_an_exception_out();
    if (fault_is("reads-behind-the-end"))
      read_behind_the_end(file);
    auto read = whole_->interpret(file, memory);
    if (!read)
      return read;
    if (fault_is("reader-beyond-its-ids"))
      for (Reading &reading : read->readings)
        reading.id += 65536;
    if (fault_is("reader-quotes-keys"))
      return guarded([&]() -> Result<Interpretation> {
        for (Refusal &refusal : read->refusals)
          refusal.reason += as_text(slice(file, refusal.origin));
        return std::move(read);
      });
    static unsigned calls = 0;
    if (fault_is("reader-gives-no-reason") || (fault_is("reader-answers-vary") && ++calls % 2 == 0))
      for (Refusal &refusal : read->refusals)
        refusal.reason.clear();
    if (fault_is("reader-sees-old-memory"))
      return guarded([&]() -> Result<Interpretation> {
        const SecretBytes fresh(memory, 1); // nothing was written there yet
        for (Reading &reading : read->readings)
          reading.id ^= std::to_integer<KeyId>(fresh.reveal()[0]) & 1U;
        return std::move(read);
      });
    if (fault_is("reader-hides-loss") && read->readings.size() > 1)
      return guarded([&]() -> Result<Interpretation> {
        try {
          const std::string note(100, 'x');
        } catch (const std::bad_alloc &) {
          read->readings.pop_back();
        }
        return std::move(read);
      });
    if (fault_is("reader-copies-keys"))
      copy(file);
    return read;
  }

private:
  std::unique_ptr<KeyFileReader> whole_ = plugins::busybox::make_reader();
  ReaderInfo info_;
};

Result<void> enroll(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<Format>()); !added)
    return added;
  return registrar.add(std::make_unique<Reader>());
}

} // namespace

NTPKEYGEN_PLUGIN(key_file_format, "broken", "1.0", "a fixture", enroll);
