#include "verify/laws.hpp"

#include "verify/files.hpp"
#include "verify/readings.hpp"
#include "verify/trial.hpp"

#include "ntpkeygen/sdk/render.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::verify {
namespace {

std::string sample_for(const KeyFileReader &reader, World &world) {
  const auto format = find_format(world, reader.info().format);
  std::string sample = format == nullptr ? "" : generated_file(*format);
  return sample.empty() ? "1 MD5 abcdefghijklmnop\n2 SHA1 00112233445566778899aabbccddeeff00112233\n" : sample;
}

Finding describes_itself(const KeyFileReader &reader, World &world) {
  const ReaderInfo &info = reader.info();
  for (const auto &[what, text] : {std::pair<std::string_view, std::string_view>{"the product", info.product},
                                   {"the version", info.version},
                                   {"the format", info.format}}) {
    if (text.empty())
      return broken(std::string(what) + " is empty");
    if (std::string flaw = flaw_of_line(what, text); !flaw.empty())
      return broken(flaw);
  }
  return finding_of(find_format(world, info.format) == nullptr ? "there is no format '" + info.format + "'" : "");
}

// Of the reader that a format names; another program may read its files and have more ids.
std::string flaw_of_ids(const Interpretation &read, const FormatInfo &format) {
  for (const Reading &key : read.readings)
    // 0 may be loaded, and be of no use: NTP has it for packets without a key.
    if (key.id != 0 && (key.id < format.first_id || key.id > format.last_id))
      return "it loads key " + std::to_string(key.id) + ", and the ids of its format are " +
             std::to_string(format.first_id) + " to " + std::to_string(format.last_id);
  return {};
}

Finding takes_any_file(const KeyFileReader &reader, World &world) {
  MemoryWithAnEnd end;
  const auto format = find_format(world, reader.info().format);
  const bool is_its_own = format != nullptr && format->info().reader == reader.info().name;
  return finding_of(first_flaw(hostile_files(sample_for(reader, world)), "read a file", [&](const std::string &file) {
    WatchedMemory memory;
    std::string flaw;
    {
      const SecretText text(end, bytes_of(file));
      const auto read = reader.interpret(text.reveal(), memory);
      flaw = read ? flaw_of_interpretation(*read, file.size())
                  : "what a file holds is no error, and here it is one: " + words_of(read.error());
      if (flaw.empty() && is_its_own)
        flaw = flaw_of_ids(*read, format->info());
    }
    return flaw.empty() ? memory.flaw() : flaw;
  }));
}

// What it answers must not depend on what memory held before; and what it needs grows with the file and no faster.
Finding answers_for_the_file_alone(const KeyFileReader &reader, World &world) {
  return finding_of(first_flaw(
      hostile_files(sample_for(reader, world)), "read a file twice", [&](const std::string &file) -> std::string {
        WatchedMemory memory(0xa5), other(0x3c);
        const auto read = reader.interpret(bytes_of(file), memory), again = reader.interpret(bytes_of(file), other);
        if (!read || !again)
          return "it cannot be read";
        if (!same_interpretation(*read, *again))
          return "the second answer is another, where memory held something else before";
        constexpr std::size_t for_a_byte = 64, for_any = 1 << 16;
        return memory.acquired() > for_a_byte * file.size() + for_any
                   ? "it takes " + std::to_string(memory.acquired()) + " bytes of secret memory"
                   : "";
      }));
}

Finding says_nothing_of_keys(const KeyFileReader &reader, World &world) {
  const std::string sample = sample_for(reader, world);
  WatchedMemory memory;
  const auto good = reader.interpret(bytes_of(sample), memory);
  if (!good)
    return broken("it does not read a good file: " + words_of(good.error()));
  if (good->readings.empty())
    return not_tried("it loads no key of the file that it was given");
  for (const Reading &reading : {good->readings.front(), good->readings.back()}) {
    const auto key = slice(good->store.reveal(), reading.bytes);
    const std::string line = sample.substr(reading.origin.offset, reading.origin.size) + "\n";
    std::string flaw = first_flaw(damaged(line), "read a damaged key", [&](const std::string &file) -> std::string {
      const auto read = reader.interpret(bytes_of(file), memory);
      std::vector<std::string> said;
      if (read) {
        said.push_back(read->reason);
        for (const Refusal &refusal : read->refusals)
          said.insert(said.end(), {refusal.reason, refusal.rule});
      } else {
        said = {read.error().message, read.error().hint};
      }
      const auto found = std::ranges::find_if(said, [&](const std::string &one) { return quotes(one, key); });
      return found == said.end() ? "" : quoted_key(*found);
    });
    if (!flaw.empty())
      return broken(flaw);
  }
  return holds();
}

Finding keeps_keys_in_secret_memory(const KeyFileReader &reader, World &world) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const std::string sample = sample_for(reader, world);
  WatchedMemory memory;
  const SecretText file(memory, bytes_of(sample)); // so that what is found was copied by the reader
  const auto read = reader.interpret(file.reveal(), memory);
  if (!read)
    return broken("it does not read a good file: " + words_of(read.error()));
  for (const Reading &reading : read->readings) {
    const auto key = slice(read->store.reveal(), reading.bytes);
    constexpr std::size_t too_short_to_tell = 8;
    if (key.size() < too_short_to_tell)
      continue;
    // As it is, and as it may stand in the file.
    for (const hex::DigitPairs &digits : {hex::lower, hex::upper}) {
      SecretWriter in_digits(memory);
      append_hex(in_digits, key, digits);
      for (const auto needle : {key, in_digits.reveal()}) {
        const FreedMemorySearch search(needle);
        static_cast<void>(reader.interpret(file.reveal(), memory));
        if (search.found())
          return broken("a key was in ordinary memory, and given back without being wiped");
      }
    }
  }
  return read->readings.empty() ? not_tried("it loads no key of the file that it was given") : holds();
}

Finding reads_without_memory(const KeyFileReader &reader, World &world) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const std::string sample = sample_for(reader, world);
  // The second makes some programs give up the whole file.
  for (const std::string &file : {sample, sample + "1 nonsense\n1 MD5 abcdefghijklmnop\n"}) {
    WatchedMemory memory, other;
    const auto expected = reader.interpret(bytes_of(file), memory);
    if (!expected)
      return broken("it does not read a good file: " + words_of(expected.error()));
    std::string trouble = trouble_without_memory(
        "read a file", [&] { return reader.interpret(bytes_of(file), other); },
        [&](const Result<Interpretation> &read) {
          return same_interpretation(*expected, *read) ? "" : "it gives another answer, and no error";
        });
    if (trouble.empty())
      trouble = other.flaw();
    if (!trouble.empty())
      return broken(trouble);
  }
  return holds();
}

constexpr std::array laws{
    Law<KeyFileReader>{"description", "names a program, a version and a format that there is", describes_itself},
    Law<KeyFileReader>{"any-file", "has an answer for any bytes, and a whole one", takes_any_file},
    Law<KeyFileReader>{"same-answer", "has one answer for one file", answers_for_the_file_alone},
    Law<KeyFileReader>{"silence", "holds no part of a key in what it says", says_nothing_of_keys},
    Law<KeyFileReader>{"secrets", "keeps keys in secret memory", keeps_keys_in_secret_memory},
    Law<KeyFileReader>{"memory", "fails with an error where memory ends", reads_without_memory},
};

} // namespace

template <> std::span<const Law<KeyFileReader>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
