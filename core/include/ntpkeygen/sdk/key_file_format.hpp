// A key file format: how keys are written for one family of programs, with its limits as data.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/key_file.hpp"
#include "ntpkeygen/sdk/key_type.hpp"

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen {

enum class Severity : std::uint8_t { error, warning, advice };

// What parse has to say about a place of the file. The strings are owned by the plugin and valid during report() only.
struct Diagnostic {
  Severity severity{};
  Extent where{};
  std::string_view rule{}, message{}, hint{};
};

class Diagnostics {
public:
  virtual void report(const Diagnostic &diagnostic) noexcept = 0;

protected:
  ~Diagnostics() = default;
};

// So many keys of one kind, with consecutive ids.
struct KeyGroup {
  std::string type{}; // canonical name
  std::uint16_t bits = 0;
  Encoding encoding{};
  std::uint32_t count = 0;
};

// What the format's own generator makes when asked for nothing in particular, and how it names it.
struct Recipe {
  std::vector<KeyGroup> groups{};
  std::string label{};        // the <type> in ntpkey_<type>_<host>.<filestamp>
  std::string announced_as{}; // the X in "Generating new X file and link"
};

// How the format writes a key of one type, length and encoding.
struct Spelling {
  std::string type{};                            // the word in the file
  std::bitset<256> alphabet{};                   // characters that a generated ASCII key may have
  std::vector<std::string> forbidden_prefixes{}; // that a generated ASCII key must not begin with
};

struct FormatInfo {
  std::string name{};
  std::string summary{};
  std::string
      reader{}; // the KeyFileReader that says what this format's daemon loads; empty: write-only, never read back
  std::string reload{};                     // one sentence: how that daemon comes to use a changed file
  std::string notice{};                     // one sentence that a user has to hear about every such file; or empty
  std::vector<std::string> daemon_groups{}; // groups that the daemon may run under once it drops privileges
  KeyId first_id = 1, last_id = 65535;
  std::string comment_sign = "#";      // what a line begins with that is a comment; empty: there are none
  std::uint16_t most_default_bits = 0; // of a key whose length nobody names, if its type's default is more; 0: any
};

class KeyFileFormat {
public:
  virtual ~KeyFileFormat() = default;
  [[nodiscard]] virtual const FormatInfo &info() const noexcept = 0;
  [[nodiscard]] virtual const Recipe &recipe() const noexcept = 0;

  // The encodings that this format gives a type at a length when the user names none; at least one.
  [[nodiscard]] virtual Result<std::vector<Encoding>> default_encodings(const KeyTypeInfo &type,
                                                                        std::uint16_t bits) const noexcept = 0;
  // Errors: unsupported, with the reason and what the format can hold instead.
  [[nodiscard]] virtual Result<Spelling> spelling(const KeyTypeInfo &type, std::uint16_t bits,
                                                  Encoding encoding) const noexcept = 0;

  // The lines that this format's generator puts above the keys of a new file, line ends included.
  // `file_name` has no folder; `date` is as ctime(3) writes it, without the line end.
  [[nodiscard]] virtual Result<std::string> header(std::string_view file_name,
                                                   std::string_view date) const noexcept = 0;

  // The file's bytes. Lines that are written come out byte for byte; the others are rendered from their key.
  [[nodiscard]] virtual Result<SecretText> render(const KeyFile &file, SecretMemory &memory) const noexcept = 0;

  // How sure it is that a file is of this format: 0 (no) to 100. Looks at the first 64 KiB at most.
  [[nodiscard]] virtual unsigned recognise(std::span<const std::byte>) const noexcept { return 0; }

  // Never fails for a file's content: what is not understood becomes a line of kind unknown, and is reported.
  [[nodiscard]] virtual Result<KeyFile> parse(SecretText, SecretMemory &, Diagnostics &) const noexcept {
    return tl::unexpected<Error>(Error{ErrorCode::unsupported});
  }
};

} // namespace ntpkeygen
