#include "key_file_formats/classic/classic.hpp"
#include "key_file_formats/classic/dialect.hpp"
#include "key_file_formats/classic/types.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

namespace ntpkeygen::plugins::classic {
namespace {

// The file's lines in their order, and what is left of them.
Interpretation read_keys(std::span<const std::byte> file, SecretMemory &memory) {
  constexpr std::size_t shortest_key_line = 6;
  LoadedKeys loaded(file.size(), shortest_key_line, memory);
  ntpd::KeyLineReader lines(dialect, memory);
  BufferedLines pieces(file, ntpd::longest_line);
  // All of them: ntpd stops behind the sixteenth fault, but the file is rejected by then.
  for (LinePiece piece; pieces.next(piece);) {
    const Extent origin = piece.content();
    const ntpd::KeyLine found = lines.read(up_to_nul(as_text(slice(file, origin))));
    if (found.fault == ntpd::Fault::none) {
      // Cut to what the cipher takes, or padded with zeros.
      const std::span<const std::byte> given = lines.key(found);
      const std::size_t used = found.function->key_bytes != 0 ? found.function->key_bytes : given.size();
      const std::uint8_t mac = loaded.mac_index(mac_functions(), *found.function);
      loaded.add(
          {found.id, mac, Certainty::certain, origin, loaded.stored(given.first(std::min(given.size(), used)), used)});
      continue;
    }
    if (found.fault == ntpd::Fault::empty)
      continue;
    const std::string_view reason = dialect.reason_of(found.fault);
    if (found.id_field != "\r") // not for a lone carriage return: nobody takes that for a key
      loaded.refuse(id_as_written(found.id_field), origin, rule_of(found.fault), reason);
    if (rejects_file(found.fault) && !loaded.result().decided_by) {
      loaded.result().decided_by = origin;
      loaded.result().reason = reason;
    }
  }
  if (loaded.result().decided_by) {
    // ntpd reads the whole file before it touches its keys, and keeps none of a file that has a fault.
    for (const Reading &reading : loaded.result().readings)
      loaded.refuse(reading, "file-rejected", "another line makes NTP Classic reject the whole file");
    return loaded.take_none(FileOutcome::rejected);
  }
  // ntpd stores the keys from the last to the first, each over what is there.
  loaded.first_of_each_id_wins("an earlier line has the same key id, and NTP Classic uses the first one");
  return loaded.take();
}

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<FunctionReader>(
      ReaderInfo{.name = "classic", .product = "NTP Classic ntpd", .version = "4.2.8p15", .format = "classic"},
      read_keys);
}

} // namespace ntpkeygen::plugins::classic
