// Files that a command is given to read: keys files above all. A folder, a FIFO, a device or a file of any size is told
// from one before anything of it is read.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

namespace ntpkeygen {

// A thousand times what 65,535 long lines take, and little enough to be read whole.
inline constexpr std::uint64_t largest_key_file = 64 * 1024 * 1024;

struct InputFile {
  SecretText text{};
  FileStatus status{}; // of the file itself, where the path is a link to it
};

// `what` it is, for messages: "keys file". Errors: not_found, permission, invalid_argument (not a regular file, or more
// than `limit` bytes), io; all name the path.
[[nodiscard]] Result<InputFile> read_input_file(FileSystem &files, const std::string &path, std::string_view what,
                                                std::uint64_t limit, SecretMemory &memory);

[[nodiscard]] inline Result<InputFile> read_key_file(FileSystem &files, const std::string &path, SecretMemory &memory) {
  return read_input_file(files, path, "keys file", largest_key_file, memory);
}

} // namespace ntpkeygen
