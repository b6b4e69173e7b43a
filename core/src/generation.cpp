#include "ntpkeygen/host/generation.hpp"

#include "ntpkeygen/host/loaded_keys.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen {
namespace {

// Random bytes in blocks: one system call for many short draws, wiped behind itself.
class BlockReader {
public:
  BlockReader(RandomSource &source, SecretMemory &memory, RunControl &control)
      : source_(source), control_(control), block_(memory, block_bytes), used_(block_bytes) {}

  Result<std::uint8_t> next() {
    if (used_ == block_.size()) {
      if (auto filled = source_.fill(block_.reveal_mutable(), control_); !filled)
        return failure(std::move(filled).error());
      used_ = 0;
    }
    std::byte &drawn = block_.reveal_mutable()[used_++];
    const auto value = static_cast<std::uint8_t>(drawn);
    drawn = std::byte{0};
    return value;
  }

private:
  static constexpr std::size_t block_bytes = 256; // the most that getrandom(2) gives without being interrupted
  RandomSource &source_;
  RunControl &control_;
  SecretBytes block_;
  std::size_t used_;
};

// The characters of an alphabet, drawn uniformly: a byte past the last whole multiple of their number is thrown away.
class CharacterDrawer {
public:
  CharacterDrawer(const std::bitset<256> &alphabet, BlockReader &random) : random_(random) {
    for (std::size_t value = 0; value < alphabet.size(); ++value)
      if (alphabet[value])
        characters_[count_++] = static_cast<std::byte>(value);
    limit_ = count_ == 0 ? 0 : 256 / count_ * count_;
  }

  Result<void> draw(std::span<std::byte> out) {
    if (count_ == 0)
      return failure(ErrorCode::plugin_fault, "the format allows no characters in an ascii key");
    for (std::byte &character : out) {
      std::size_t value = 0;
      do {
        auto drawn = random_.next();
        if (!drawn)
          return failure(std::move(drawn).error());
        value = *drawn;
      } while (value >= limit_);
      character = characters_[value % count_];
    }
    return {};
  }

private:
  BlockReader &random_;
  std::array<std::byte, 256> characters_{};
  std::size_t count_ = 0, limit_ = 0;
};

bool begins_with_any(std::span<const std::byte> key, const std::vector<std::string> &prefixes) {
  return std::ranges::any_of(prefixes, [&](const std::string &prefix) {
    return key.size() >= prefix.size() && std::ranges::equal(prefix, key.first(prefix.size()), [](char a, std::byte b) {
             return static_cast<std::byte>(a) == b;
           });
  });
}

Result<void> draw_ascii_group(const PlannedGroup &group, std::span<std::byte> out, BlockReader &random) {
  CharacterDrawer characters(group.spelling.alphabet, random);
  const std::size_t length = group.bits / 8;
  for (std::size_t at = 0; at < out.size(); at += length) {
    const auto key = out.subspan(at, length);
    do {
      if (auto drawn = characters.draw(key); !drawn)
        return drawn;
    } while (begins_with_any(key, group.spelling.forbidden_prefixes));
  }
  return {};
}

std::string key_in_words(KeyId id) {
  return "key " + std::to_string(id);
}

// A loaded key is usable only when there is one reading of it and its bytes are known.
const Reading *find_certain(const Interpretation &file, KeyId id) {
  const auto found = std::ranges::lower_bound(file.readings, id, {}, &Reading::id);
  return found != file.readings.end() && found->id == id && found->certainty == Certainty::certain ? &*found : nullptr;
}

bool same_key(const Interpretation &file, const Reading &reading, const MacSpec &mac,
              std::span<const std::byte> bytes) {
  return same_function(file.macs[reading.mac], mac) && equal_in_constant_time(key_bytes(file, reading), bytes);
}

} // namespace

tl::unexpected<Error> not_as_written(const KeyFileReader &reader, const std::string &what) {
  return failure(ErrorCode::verification,
                 "the finished file was not published: " + reader.info().product + " " + reader.info().version + " " +
                     what,
                 "this is a fault of the program or of a plugin, please report it");
}

Result<KeyFile> generate_keys(std::span<const PlannedGroup> groups, RandomSource &source, SecretMemory &memory,
                              RunControl &control) {
  KeyFile file;
  std::size_t total_bytes = 0, total_keys = 0;
  for (const PlannedGroup &group : groups) {
    total_keys += group.count;
    total_bytes += std::size_t{group.count} * (group.bits / 8U);
  }
  file.key_bytes = SecretBytes(memory, total_bytes);
  file.lines.reserve(total_keys);

  BlockReader random(source, memory, control);
  std::uint32_t offset = 0;
  for (const PlannedGroup &group : groups) {
    const std::uint32_t length = group.bits / 8U;
    const auto out = file.key_bytes.reveal_mutable().subspan(offset, std::size_t{length} * group.count);
    auto drawn = group.encoding == Encoding::hex ? source.fill(out, control) : draw_ascii_group(group, out, random);
    if (!drawn)
      return failure(std::move(drawn).error());

    const std::uint16_t type = file.type_index(group.type);
    for (std::uint32_t i = 0; i < group.count; ++i) {
      Line line;
      line.kind = Line::Kind::key;
      line.raw.offset = Line::unwritten;
      line.key = {group.first_id + i, group.bits, type, group.encoding, {offset, length}};
      file.lines.push_back(line);
      offset += length;
    }
  }
  return file;
}

Result<Interpretation> read_back(const KeyFileReader &reader, std::span<const std::byte> text,
                                 std::span<const PlannedGroup> groups, const KeyFile &generated,
                                 const Interpretation *kept, SecretMemory &memory) {
  auto read = reader.interpret(text, memory);
  if (!read)
    return read;
  if (read->outcome != FileOutcome::loaded)
    return not_as_written(reader, "would not load it: " + read->reason);

  std::size_t expected = 0;
  auto line = std::ranges::find_if_not(generated.lines, &Line::written);
  for (const PlannedGroup &group : groups) {
    expected += group.count;
    for (std::uint32_t i = 0; i < group.count; ++i, ++line) {
      const Reading *reading = find_certain(*read, group.first_id + i);
      if (reading == nullptr)
        return not_as_written(reader, "would not load " + key_in_words(group.first_id + i));
      if (!same_key(*read, *reading, group.mac, slice(generated.key_bytes.reveal(), line->key.bytes)))
        return not_as_written(reader, "would load another key as " + key_in_words(group.first_id + i));
    }
  }
  if (kept != nullptr) {
    for (const Reading &before : kept->readings) {
      if (before.certainty != Certainty::certain)
        continue;
      ++expected;
      const Reading *reading = find_certain(*read, before.id);
      if (reading == nullptr ||
          !same_key(*read, *reading, kept->macs[before.mac], slice(kept->store.reveal(), before.bytes)))
        return not_as_written(reader, "would no longer load the kept " + key_in_words(before.id) + " as it was");
    }
  }
  const auto loaded =
      static_cast<std::size_t>(std::ranges::count(read->readings, Certainty::certain, &Reading::certainty));
  if (loaded != expected)
    return not_as_written(reader, "would load " + std::to_string(loaded) + " keys from it instead of " +
                                      std::to_string(expected));
  return read;
}

IdChanges compare_ids(const Interpretation &before, const Interpretation &after) {
  // Ids of lines that were not loaded count as well: some program may read them that this reader does not stand for.
  std::vector<KeyId> loaded, refused;
  for (const Reading &old : before.readings)
    if (loaded.empty() || loaded.back() != old.id)
      loaded.push_back(old.id);
  for (const Refusal &old : before.refusals)
    if (old.id && !std::ranges::binary_search(loaded, *old.id))
      refused.push_back(*old.id);
  std::ranges::sort(refused);
  refused.erase(std::unique(refused.begin(), refused.end()), refused.end());

  IdChanges changes;
  changes.had_keys = !loaded.empty() || !refused.empty();
  changes.loaded = !loaded.empty() || refused.empty();
  const auto find = [](const Interpretation &in, KeyId id) {
    return std::ranges::lower_bound(in.readings, id, {}, &Reading::id);
  };
  const auto is_there = [&](KeyId id) {
    const auto now = find(after, id);
    return now != after.readings.end() && now->id == id;
  };
  for (const KeyId id : loaded) {
    const Reading &old = *find(before, id);
    if (!is_there(id))
      changes.gone.push_back(id);
    else if (old.certainty != Certainty::certain ||
             !same_key(after, *find(after, id), before.macs[old.mac], slice(before.store.reveal(), old.bytes)))
      changes.changed.push_back(id);
  }
  for (const KeyId id : refused)
    if (is_there(id))
      changes.changed.push_back(id);
    else if (!changes.loaded)
      changes.gone.push_back(id);
  std::ranges::sort(changes.changed);
  for (std::size_t i = 0; i < after.readings.size(); ++i) {
    const KeyId id = after.readings[i].id;
    if ((i == 0 || after.readings[i - 1].id != id) && !std::ranges::binary_search(loaded, id) &&
        !std::ranges::binary_search(refused, id))
      changes.added.push_back(id);
  }
  return changes;
}

} // namespace ntpkeygen
