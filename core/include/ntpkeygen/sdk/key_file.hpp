// A keys file in memory, without loss: the file's bytes once, and its lines as extents into them.
//
// The law: render(parse(x)) == x for every x. Only lines that were added are rendered anew.
#pragma once

#include "ntpkeygen/sdk/key_type.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace ntpkeygen {

// A stretch of a buffer, in bytes. Files of 4 GiB and more are refused before anything makes extents into them.
struct Extent {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  friend bool operator==(const Extent &, const Extent &) = default;
};

// The bytes of `store` that an extent names.
[[nodiscard]] inline std::span<const std::byte> slice(std::span<const std::byte> store, Extent extent) noexcept {
  return store.subspan(extent.offset, extent.size);
}

// How a key's bytes are written: as they are, in printable characters, or as hex digits.
enum class Encoding : std::uint8_t { ascii, hex };

struct Key {
  KeyId id = 0;
  std::uint16_t bits = 0;
  std::uint16_t type = 0; // index into KeyFile::types
  Encoding encoding{};
  Extent bytes{}; // into KeyFile::key_bytes
};

struct Line {
  enum class Kind : std::uint8_t {
    blank,
    comment,
    key,    // `key` is meaningful
    unknown // anything the format cannot read as a key: kept as it is
  };
  // Extent of a line that has no text yet: render writes it from `key`.
  static constexpr std::uint32_t unwritten = std::numeric_limits<std::uint32_t>::max();

  Kind kind{};
  Extent raw{};  // into KeyFile::text, line end included; offset == unwritten: to be rendered from `key`
  Extent note{}; // the trailing comment of a key line, into KeyFile::text, from its `#` on, line end excluded
  Key key{};

  [[nodiscard]] bool written() const noexcept { return raw.offset != unwritten; }
};

struct KeyFile {
  SecretText text{};
  SecretBytes key_bytes{};
  std::vector<std::string> types{}; // canonical names of the key types that occur
  std::vector<Line> lines{};        // in file order; the written ones' extents are disjoint and ascending

  // The index of a canonical type name in `types`, added where it is new.
  std::uint16_t type_index(std::string_view name) {
    for (std::size_t i = 0; i < types.size(); ++i)
      if (types[i] == name)
        return static_cast<std::uint16_t>(i);
    types.emplace_back(name);
    return static_cast<std::uint16_t>(types.size() - 1);
  }
};

} // namespace ntpkeygen
