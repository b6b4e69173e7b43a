#include "shared_object_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

// This program's own header, as the linker provides it: what it says of the machine, a plugin has to say as well.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

namespace ntpkeygen {
namespace {

using FileHeader = ElfW(Ehdr);
using ProgramHeader = ElfW(Phdr);

class Descriptor {
public:
  explicit Descriptor(const std::string &path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  [[nodiscard]] int number() const { return number_; }

private:
  int number_;
};

tl::unexpected<Error> unreadable() {
  return failure(Error{ErrorCode::io, errno, std::string("it cannot be read: ") + std::strerror(errno)});
}

tl::unexpected<Error> cut_short() {
  return failure(ErrorCode::plugin_fault, "it is cut short: an interrupted copy or upgrade?", "install it again");
}

bool is_for_this_machine(const FileHeader &header) {
  const FileHeader &own = __ehdr_start;
  return std::memcmp(header.e_ident, own.e_ident, SELFMAG) == 0 && header.e_ident[EI_CLASS] == own.e_ident[EI_CLASS] &&
         header.e_ident[EI_DATA] == own.e_ident[EI_DATA] && header.e_machine == own.e_machine &&
         header.e_type == ET_DYN && header.e_phentsize == sizeof(ProgramHeader);
}

bool reaches_beyond(std::uint64_t offset, std::uint64_t size, std::uint64_t end) {
  return size > end || offset > end - size;
}

} // namespace

Result<void> check_shared_object(const std::string &path) {
  const Descriptor file(path);
  struct stat status{};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    return unreadable();
  const auto file_size = static_cast<std::uint64_t>(status.st_size);
  alignas(FileHeader) std::array<std::byte, 4096> beginning{};
  const ::ssize_t got = ::pread(file.number(), beginning.data(), beginning.size(), 0);
  if (got < 0)
    return unreadable();
  const auto have = static_cast<std::size_t>(got);

  FileHeader header{};
  std::memcpy(&header, beginning.data(), std::min(have, sizeof header));
  if (have != 0 && std::memcmp(header.e_ident, ELFMAG, std::min<std::size_t>(have, SELFMAG)) != 0)
    return failure(ErrorCode::plugin_fault, "it is no shared object");
  if (have < sizeof header)
    return cut_short();
  if (!is_for_this_machine(header))
    return failure(ErrorCode::plugin_fault, "it is no shared object for this machine",
                   "build the plugin for the machine that this program was built for");

  const std::uint64_t table_size = std::uint64_t{header.e_phnum} * sizeof(ProgramHeader);
  // The sections come last in the file, and are not needed: where they are not there, something else is missing, too.
  if (reaches_beyond(header.e_phoff, table_size, file_size) ||
      reaches_beyond(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize, file_size))
    return cut_short();
  std::vector<std::byte> elsewhere; // program headers that are not among the first bytes: rare
  const std::byte *table = nullptr;
  if (!reaches_beyond(header.e_phoff, table_size, have)) {
    table = beginning.data() + header.e_phoff;
  } else {
    elsewhere.resize(table_size);
    if (::pread(file.number(), elsewhere.data(), table_size, static_cast<::off_t>(header.e_phoff)) !=
        static_cast<::ssize_t>(table_size))
      return cut_short();
    table = elsewhere.data();
  }
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ProgramHeader part{};
    std::memcpy(&part, table + i * sizeof part, sizeof part);
    if (reaches_beyond(part.p_offset, part.p_filesz, file_size))
      return cut_short();
  }
  return {};
}

} // namespace ntpkeygen
