#include "ntpkeygen/host/key_file_input.hpp"

#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <cerrno>

namespace ntpkeygen {
namespace {

std::string size_in_words(std::uint64_t bytes) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  return bytes % mebibyte == 0 ? std::to_string(bytes / mebibyte) + " MiB" : std::to_string(bytes) + " bytes";
}

tl::unexpected<Error> is_a_folder(const std::string &path, std::string_view what) {
  return failure(ErrorCode::invalid_argument, path + " is a folder", "name the " + std::string(what) + " in it");
}

// Errors of opening a folder advise somebody who wants to write into it.
Error for_a_reader(Error error) {
  if (error.sys_errno == ENOENT || error.sys_errno == ENOTDIR)
    error.hint = "check the name";
  if (error.sys_errno == EACCES || error.sys_errno == EPERM)
    error.hint = "run as a user who may read it, such as root";
  return error;
}

} // namespace

bool is_text(std::string_view text) {
  constexpr std::size_t enough = 64 * 1024, some = 32, one_in = 20;
  const std::string_view beginning = text.substr(0, enough);
  const auto controls = static_cast<std::size_t>(std::ranges::count_if(
      beginning, [](char c) { return (c >= 0 && c < ' ' && !c_blanks.contains(c)) || c == '\x7f'; }));
  return controls < some || controls < beginning.size() / one_in;
}

Result<InputFile> read_input_file(FileSystem &files, const std::string &path, std::string_view what,
                                  std::uint64_t limit, SecretMemory &memory) {
  if (path.empty())
    return failure(ErrorCode::invalid_argument, "the name of the " + std::string(what) + " is empty");
  const auto [folder_path, name] = split_path(path);
  if (name.empty() || name == "." || name == "..") {
    // With a slash behind it, it may be a file all the same.
    if (auto folder = files.open_folder(name.empty() ? folder_path : path); !folder)
      return failure(for_a_reader(std::move(folder).error()));
    return is_a_folder(path, what);
  }
  auto folder = files.open_folder(folder_path);
  if (!folder)
    return failure(for_a_reader(std::move(folder).error()));

  // Looked at first: opening a device may do something.
  auto status = (*folder)->target_status(name);
  if (!status)
    return failure(for_a_reader(std::move(status).error()));
  if (!*status) {
    const auto link = (*folder)->link_target(name);
    if (link && *link)
      return failure(ErrorCode::not_found, path + " is a link that leads nowhere: " + **link, "check the name");
    return failure(Error{ErrorCode::not_found, ENOENT, "there is no file " + path, "check the name"});
  }
  InputFile input{{}, **status};
  if (input.status.kind == FileStatus::Kind::folder)
    return is_a_folder(path, what);
  if (input.status.kind != FileStatus::Kind::regular)
    return failure(ErrorCode::invalid_argument, path + " is a device, FIFO or socket, and not a regular file",
                   "name the " + std::string(what) + " itself");
  if (input.status.size > limit)
    return failure(ErrorCode::invalid_argument,
                   path + " has " + std::to_string(input.status.size) + " bytes, and a " + std::string(what) +
                       " of more than " + size_in_words(limit) + " is not read",
                   "is this the " + std::string(what) + "?");
  auto text = (*folder)->read(name, limit, memory);
  if (!text)
    return failure(std::move(text).error());
  input.text = std::move(*text);
  return input;
}

std::string input_name(const std::string &path) {
  return path == standard_input ? "standard input" : path;
}

Result<InputFile> read_key_file(FileSystem &files, const std::string &path, SecretMemory &memory) {
  constexpr std::string_view what = "keys file";
  const std::string name = input_name(path);
  auto input = path == standard_input ? files.read_standard_input(largest_key_file, memory).map([](SecretText text) {
    return InputFile{std::move(text), {}};
  })
                                      : read_input_file(files, path, what, largest_key_file, memory);
  if (!input)
    return input;
  const std::string_view text = input->text.reveal_text();
  if (!is_text(text))
    return failure(ErrorCode::invalid_argument, name + " is not a text file",
                   text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")
                       ? "it is UTF-16: 'iconv -f UTF-16 -t UTF-8' makes text of it that NTP programs read"
                       : "is this the keys file?");
  if (const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')); lines > most_lines)
    return failure(ErrorCode::invalid_argument,
                   name + " has " + std::to_string(lines) + " lines, and a keys file of more than " +
                       std::to_string(most_lines) + " is not read",
                   "is this the keys file?");
  return input;
}

} // namespace ntpkeygen
