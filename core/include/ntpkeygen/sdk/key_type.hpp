// A key type says what a key is for: the MAC that it stands for at each length, and what a user should hear about it.
//
// Data only. Making a key is one function in core, because keys of every NTP type are uniformly random bytes; computing
// MACs is a MacEngine's work; how a type is written in a file is the format's.
#pragma once

#include "ntpkeygen/sdk/error.hpp"
#include "ntpkeygen/sdk/mac_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

using KeyId = std::uint32_t; // the first column of a keys file; ntpd's are 1 to 65535

// A further name of a type. One that stands for a length carries it ("AES-256": 256 bits); else bits is 0.
struct KeyTypeAlias {
  std::string name{};
  std::uint16_t bits = 0;
};

// Lengths that the type allows, in bits and in steps of whole bytes, and the MAC that a key of such a length stands
// for.
struct KeyLengths {
  std::uint16_t min_bits = 0, max_bits = 0;
  MacSpec mac{};

  [[nodiscard]] bool hold(std::size_t bits) const noexcept {
    return bits >= min_bits && bits <= max_bits && bits % 8 == 0;
  }
};

struct KeyTypeInfo {
  std::string name{};    // canonical, as printed: "AES", "SHA1"; called after its MACs, as writing-a-plugin.md says
  std::string summary{}; // one line
  std::vector<KeyTypeAlias> aliases{};
  std::vector<KeyLengths> lengths{}; // ascending, disjoint; never empty
  std::uint16_t default_bits = 0;
  std::vector<std::string> advice{}; // one sentence each, e.g. a deprecation with its RFC; shown as warnings

  // The MAC that a key of so many bits stands for; null when no key of the type has that length.
  [[nodiscard]] const MacSpec *mac_for(std::size_t bits) const noexcept {
    for (const KeyLengths &some : lengths)
      if (some.hold(bits))
        return &some.mac;
    return nullptr;
  }
};

class KeyType {
public:
  virtual ~KeyType() = default;
  [[nodiscard]] virtual const KeyTypeInfo &info() const noexcept = 0;
  // Whether these bytes can be a key of this type at all. Errors: invalid_argument, naming the lengths that can.
  [[nodiscard]] virtual Result<void> validate(std::span<const std::byte> key) const noexcept = 0;
};

} // namespace ntpkeygen
