// Keys of a file in one format, for a file in another. A key is bytes: these stay as they are, and its text does not.
#pragma once

#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/key_file_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen {

// The canonical name of the key type that stands for a MAC: "SHA256" for sha256, "AES" for cmac-aes128, whose length
// tells the rest.
[[nodiscard]] std::string key_type_name(const MacSpec &mac);

// A key that the target cannot hold.
struct RefusedKey {
  KeyId id = 0;
  Extent line{}; // in the source
  std::string reason{};
};

struct Conversion {
  SecretText text{}; // the new file
  std::size_t keys = 0;
  std::vector<RefusedKey> refused{}; // in the source's order; `text` is without them
};

// What the source's program loads, in the target format: ids, MACs and bytes, in the order of the lines, and with the
// source's comments where the target has any. Lines that define no key for that program are left out.
//
// `loaded`: what it loads from `source`. `encoding`: how keys are written; nullopt: as in the source where the target
// allows it. The result has been read back as the target's program would read it (`target_reader`; null for a
// write-only format), and that loads these keys and nothing else. Errors: verification; those of the format.
[[nodiscard]] Result<Conversion> convert_keys(const KeyFileFormat &source_format, SecretText source,
                                              const Interpretation &loaded, const KeyFileFormat &target,
                                              const KeyFileReader *target_reader, std::optional<Encoding> encoding,
                                              SecretMemory &memory);

} // namespace ntpkeygen
