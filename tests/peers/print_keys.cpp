// print_keys READER: for each file on standard input (its length in a line, then its bytes) a line with what a reader
// makes of it: the outcome, and for each key its id, MAC, bytes of MAC, and hex digits, or "?" for bytes that no one
// can know.
#include "key_file_formats/ntpsec/ntpsec.hpp"

#include "support/key_files.hpp"

#include <iostream>

int main(int argc, char **argv) {
  using namespace ntpkeygen;
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  std::unique_ptr<KeyFileReader> reader;
  for (const auto make :
       {plugins::ntpsec::make_reader, plugins::ntpsec::make_reader_1_2_5, plugins::ntpsec::make_ntpdig_reader})
    if (auto made = make(); made->info().name == wanted)
      reader = std::move(made);
  if (reader == nullptr) {
    std::cerr << "print_keys: error: there is no reader \"" << wanted << "\" here\n";
    return 2;
  }
  test::PlainMemory memory;
  std::string length;
  while (std::getline(std::cin, length)) {
    std::string file(std::stoul(length), '\0');
    std::cin.read(file.data(), static_cast<std::streamsize>(file.size()));
    const Result<Interpretation> read = reader->interpret(test::bytes_of(file), memory);
    if (!read)
      return 1;
    std::cout << (read->outcome == FileOutcome::loaded ? "loaded" : "exits");
    for (const Reading &reading : read->readings) {
      const MacSpec &mac = read->macs[reading.mac];
      std::cout << ' ' << reading.id << ',' << mac_name(mac) << ',' << unsigned{mac.tag_bytes} << ','
                << (reading.certainty == Certainty::indeterminate
                        ? "?"
                        : test::hex_of(slice(read->store.reveal(), reading.bytes)));
    }
    std::cout << std::endl;
  }
}
