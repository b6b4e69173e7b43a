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

Finding takes_any_file(const KeyFileReader &reader, World &world) {
  return finding_of(first_flaw(hostile_files(sample_for(reader, world)), "read a file", [&](const std::string &file) {
    WatchedMemory memory;
    std::string flaw;
    {
      const auto read = reader.interpret(bytes_of(file), memory);
      flaw = read ? flaw_of_interpretation(*read, file.size())
                  : "what a file holds is no error, and here it is one: " + words_of(read.error());
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
    Law<KeyFileReader>{"secrets", "keeps keys in secret memory", keeps_keys_in_secret_memory},
    Law<KeyFileReader>{"memory", "fails with an error where memory ends", reads_without_memory},
};

} // namespace

template <> std::span<const Law<KeyFileReader>> laws_of() {
  return laws;
}

} // namespace ntpkeygen::verify
