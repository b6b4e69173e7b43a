#include "key_file_formats/chrony/chrony.hpp"
#include "key_file_formats/chrony/key_line.hpp"

#include "ntpkeygen/sdk/decimal.hpp"
#include "ntpkeygen/sdk/interpretation.hpp"

namespace ntpkeygen::plugins::chrony {
namespace {

// Where bsearch(3) of glibc stops in a sorted table when it looks for what fills it from `first` up to `end`.
std::size_t first_hit(std::size_t table, std::size_t first, std::size_t end) noexcept {
  for (std::size_t low = 0, high = table;;) {
    const std::size_t middle = (low + high) / 2;
    if (middle < first)
      low = middle + 1;
    else if (middle >= end)
      high = middle;
    else
      return middle;
  }
}

// The file's lines in their order, then chronyd's sorted table of keys.
Interpretation read_keys(std::span<const std::byte> file, SecretMemory &memory) {
  constexpr std::size_t shortest_key_line = 4;
  LoadedKeys loaded(file.size(), shortest_key_line, memory);
  KeyLineReader lines(memory);
  BufferedLines pieces(file, longest_line);
  for (LinePiece piece; pieces.next(piece);) {
    const Extent origin = piece.content();
    const KeyLine found = lines.read(up_to_nul(as_text(slice(file, origin))));
    if (found.fault == Fault::none) {
      const std::uint8_t mac = loaded.mac_index(mac_functions(), *found.function);
      loaded.add({found.id, mac, Certainty::certain, origin, loaded.stored(lines.key(found))});
    } else if (found.fault != Fault::empty) {
      loaded.refuse(id_as_written(found.id_field), origin, words_of(found.fault));
    }
  }
  // chronyd sorts its keys with qsort, which in glibc keeps the order of equal ids, and looks one up with bsearch: of
  // several lines with one id, it uses that which the halving of the whole table meets first.
  const std::size_t table = loaded.result().readings.size();
  loaded.one_for_each_id([&](std::span<const Reading> same, std::size_t first) {
    return loaded.refuse_all_but(same, first_hit(table, first, first + same.size()) - first,
                                 "another line has the same key id, and that is the one that chrony's search finds");
  });
  return loaded.take();
}

} // namespace

std::unique_ptr<KeyFileReader> make_reader() {
  return std::make_unique<FunctionReader>(ReaderInfo{.name = "chrony",
                                                     .product = "chronyd",
                                                     .version = "4.3",
                                                     .format = "chrony",
                                                     .whole_digests_in_version_3 = true},
                                          read_keys);
}

} // namespace ntpkeygen::plugins::chrony
