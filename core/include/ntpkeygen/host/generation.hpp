// Makes new keys, and proves that a file holds them.
//
// One function for every key type, because keys of all NTP types are uniformly random bytes: drawn as they are for the
// hex encoding, drawn as characters of the format's alphabet for the ASCII encoding, without bias in both.
#pragma once

#include "ntpkeygen/sdk/key_file_format.hpp"
#include "ntpkeygen/sdk/key_file_reader.hpp"
#include "ntpkeygen/sdk/random_source.hpp"

#include <optional>
#include <span>

namespace ntpkeygen {

// A group of keys with consecutive ids, resolved: what the type, the format and the user's options say together.
struct PlannedGroup {
  std::string type{}; // canonical name
  MacSpec mac{};      // what a key stands for
  std::uint16_t bits = 0;
  Encoding encoding{};
  Spelling spelling{};
  KeyId first_id = 0;
  std::uint32_t count = 0;
};

// A KeyFile without text: a line for each key, to be rendered. Errors: those of the source.
[[nodiscard]] Result<KeyFile> generate_keys(std::span<const PlannedGroup> groups, RandomSource &source,
                                            SecretMemory &memory, RunControl &control);

// Reads `text` as the reader's program would, and returns what that loads, when this is exactly the keys of `groups` in
// `generated` (whose unwritten lines are the groups' keys, at the end), and each key of `kept` (what it loads from a
// replaced file whose lines are carried over; may be null) as it was. Errors: verification, naming the first key id
// that differs.
[[nodiscard]] Result<Interpretation> read_back(const KeyFileReader &reader, std::span<const std::byte> text,
                                               std::span<const PlannedGroup> groups, const KeyFile &generated,
                                               const Interpretation *kept, SecretMemory &memory);

// The verification error for a file that the reader's program would not load as it was meant: "would not load it: ...".
[[nodiscard]] tl::unexpected<Error> not_as_written(const KeyFileReader &reader, const std::string &what);

// What a daemon's peers will notice when one file takes another's place. All ascending. An id on a line that the
// reader's program did not load counts as well: another program may have read that file.
struct IdChanges {
  std::vector<KeyId> changed{}; // in both files, with different keys
  std::vector<KeyId> gone{};    // in the old file only; one that was not loaded only where nothing else was, either
  std::vector<KeyId> added{};   // in the new file only
  bool had_keys = false;        // whether the old file had any key, loaded or not
  bool loaded = true;           // whether the reader's program loaded any key of the old file, or had nothing to load
};
[[nodiscard]] IdChanges compare_ids(const Interpretation &before, const Interpretation &after);

} // namespace ntpkeygen
