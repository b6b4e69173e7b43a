// What has to hold for whatever lies under a plugin's name: what the loader looks at before the dynamic linker maps it.
#pragma once

#include "shared_object_file.hpp"

#include <cstdint>
#include <cstring>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

namespace ntpkeygen::test {

// Told in the plainest way: whether the parts that the headers name are in the file.
inline bool is_whole_shared_object(std::span<const std::byte> file) {
  const auto holds = [&](std::uint64_t offset, std::uint64_t size) {
    std::uint64_t end = 0;
    return !__builtin_add_overflow(offset, size, &end) && end <= file.size();
  };
  ElfW(Ehdr) header{};
  if (file.size() < sizeof header)
    return false;
  std::memcpy(&header, file.data(), sizeof header);
  const ElfW(Ehdr) &own = __ehdr_start;
  if (std::memcmp(header.e_ident, own.e_ident, EI_DATA + 1) != 0 || header.e_machine != own.e_machine ||
      header.e_type != ET_DYN || header.e_phentsize != sizeof(ElfW(Phdr)))
    return false;
  if (!holds(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(ElfW(Phdr))) ||
      !holds(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize))
    return false;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part{};
    std::memcpy(&part, file.data() + header.e_phoff + i * sizeof part, sizeof part);
    if (!holds(part.p_offset, part.p_filesz))
      return false;
  }
  return true;
}

// Empty when all is as promised, else what is not.
inline std::string broken_by_shared_object(std::span<const std::byte> bytes) {
  static const int file = ::memfd_create("plugin", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, bytes.data(), bytes.size(), 0) != static_cast<::ssize_t>(bytes.size()))
    return "a file in memory cannot be written";
  const Result<void> checked = check_shared_object(path);
  if (checked.has_value() != is_whole_shared_object(bytes))
    return checked ? "a file that is not whole was accepted" : "a whole file was refused: " + checked.error().message;
  if (!checked && (checked.error().code != ErrorCode::plugin_fault || checked.error().message.empty()))
    return "a refusal is a plugin's fault, and says why";
  return "";
}

} // namespace ntpkeygen::test
