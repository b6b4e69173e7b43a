// Files that a command is given to read: keys files above all. What is none is told from one before anybody takes it
// for text: a folder, a FIFO, a device, a program, a file of any size.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

namespace ntpkeygen {

// Far more than 65,535 lines take, and little enough to be read whole.
inline constexpr std::uint64_t largest_key_file = 64 * 1024 * 1024;
// What is found in a line takes many times the memory of a short line.
inline constexpr std::size_t most_lines = 1024 * 1024;

struct InputFile {
  SecretText text{};
  FileStatus status{}; // of the file itself, where the path is a link to it
};

// Whether this may be a text file. Some keys files have a stray control character or two; programs, archives and
// pictures have them everywhere.
[[nodiscard]] bool is_text(std::string_view text);

// `what` it is, for messages: "keys file". Errors: not_found, permission, invalid_argument (not a regular file, or more
// than `limit` bytes), io; all name the path.
[[nodiscard]] Result<InputFile> read_input_file(FileSystem &files, const std::string &path, std::string_view what,
                                                std::uint64_t limit, SecretMemory &memory);

// The path that stands for standard input, where a keys file is read.
inline constexpr std::string_view standard_input = "-";
// For messages: a path, or that it is standard input.
[[nodiscard]] std::string input_name(const std::string &path);

// The same, and invalid_argument where it has more lines than `most_lines`, or is no text at all. Standard input has no
// status that says anything.
[[nodiscard]] Result<InputFile> read_key_file(FileSystem &files, const std::string &path, SecretMemory &memory);

} // namespace ntpkeygen
