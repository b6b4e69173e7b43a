// Message authentication codes. core knows no algorithm; a MacEngine plugin (Botan's) supplies them.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen {

// Which function of a key and a packet an implementation computes.
struct MacSpec {
  enum class Kind : std::uint8_t {
    keyed_digest, // digest(key || message), RFC 5905 section 7.3 and appendix A
    cmac,         // RFC 4493; RFC 8573 for NTP
    hmac          // RFC 2104; for fingerprints and mixing, never on NTP's wire
  };
  Kind kind{};
  std::string algorithm{};    // lower case, as in mac_name(): "md5", "sha1", "sha256", "aes128", ...
  std::uint8_t tag_bytes = 0; // what goes into a packet, at most the function's full length (ntpd cuts digests to 20)

  friend bool operator==(const MacSpec &, const MacSpec &) = default;
};

// The name in documents and in JSON: "md5", "cmac-aes128", "hmac-sha256".
inline std::string mac_name(const MacSpec &spec) {
  switch (spec.kind) {
  case MacSpec::Kind::cmac:
    return "cmac-" + spec.algorithm;
  case MacSpec::Kind::hmac:
    return "hmac-" + spec.algorithm;
  case MacSpec::Kind::keyed_digest:
    break;
  }
  return spec.algorithm;
}

// One key, prepared: keyed once, used for any number of messages. Wipes its key schedule on destruction.
class Mac {
public:
  virtual ~Mac() = default;
  virtual Result<void> update(std::span<const std::byte> message) noexcept = 0;
  // Writes the tag, min(spec.tag_bytes, tag.size()) bytes of it, returns how many, and is ready for the next message.
  virtual Result<std::size_t> finish(std::span<std::byte> tag) noexcept = 0;
};

class MacEngine {
public:
  virtual ~MacEngine() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // Whether this build of the library has the function; false is a normal answer.
  [[nodiscard]] virtual bool supports(const MacSpec &spec) const noexcept = 0;
  // Errors: unsupported (see supports), invalid_argument (a key length that the function does not take).
  [[nodiscard]] virtual Result<std::unique_ptr<Mac>> prepare(const MacSpec &spec,
                                                             std::span<const std::byte> key) const noexcept = 0;
};

} // namespace ntpkeygen
