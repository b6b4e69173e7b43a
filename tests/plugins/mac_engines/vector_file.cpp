#include "plugins/mac_engines/vector_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace ntpkeygen::test {
namespace {

std::pair<MacSpec::Kind, std::string> function_named(const std::string &name) {
  for (const auto &[prefix, kind] :
       {std::pair{std::string("cmac-"), MacSpec::Kind::cmac}, std::pair{std::string("hmac-"), MacSpec::Kind::hmac}})
    if (name.starts_with(prefix))
      return {kind, name.substr(prefix.size())};
  return {MacSpec::Kind::keyed_digest, name};
}

std::vector<std::byte> repeated(const std::vector<std::byte> &bytes, const std::string &times) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(times.data(), times.data() + times.size(), count);
  if (error != std::errc{} || end != times.data() + times.size() || count == 0)
    throw std::runtime_error("times is not a number: " + times);
  std::vector<std::byte> all;
  all.reserve(bytes.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    all.insert(all.end(), bytes.begin(), bytes.end());
  return all;
}

class Parser {
public:
  explicit Parser(VectorFile &file) : file_(file) {}

  void line(std::size_t number, const std::string &text) {
    if (text.empty())
      return end_vector();
    if (text.front() == '#')
      return;
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      throw std::runtime_error("no equals sign");
    const std::string field = text.substr(0, text.find_last_not_of(" ", equals - 1) + 1);
    const std::size_t begin = text.find_first_not_of(" ", equals + 1);
    const std::string value = begin == std::string::npos ? "" : text.substr(begin);
    if (std::ranges::find(seen_, field) != seen_.end())
      throw std::runtime_error(field + " stands twice");
    if (seen_.empty())
      now_.line = number;
    seen_.push_back(field);
    if (field == "key")
      now_.key = from_hex(value);
    else if (field == "message")
      now_.message = from_hex(value);
    else if (field == "tag")
      now_.tag = from_hex(value);
    else if (field == "times")
      now_.message = repeated(now_.message, value);
    else
      throw std::runtime_error("unknown field " + field);
  }

  void end_vector() {
    if (seen_.empty())
      return;
    if (std::ranges::find(seen_, "message") == seen_.end() || now_.tag.empty())
      throw std::runtime_error("a vector without message or tag");
    if (now_.key.has_value() == (file_.kind == MacSpec::Kind::keyed_digest))
      throw std::runtime_error("a key belongs to CMAC and HMAC vectors, and only to these");
    file_.vectors.push_back(std::exchange(now_, {}));
    seen_.clear();
  }

private:
  VectorFile &file_;
  MacVector now_{};
  std::vector<std::string> seen_{};
};

} // namespace

std::vector<std::byte> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0)
    throw std::runtime_error("an odd number of hex digits");
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned value = 0;
    const char *begin = digits.data() + i;
    if (const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
        error != std::errc{} || end != begin + 2)
      throw std::runtime_error("not hex: " + std::string(digits.substr(i, 2)));
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

VectorFile read_vector_file(const std::filesystem::path &path) {
  VectorFile file;
  std::tie(file.kind, file.algorithm) = function_named(path.stem().string());
  std::ifstream in(path);
  if (!in)
    throw std::runtime_error(path.string() + ": cannot be opened");
  std::size_t number = 0;
  try {
    Parser parser(file);
    for (std::string text; std::getline(in, text);)
      parser.line(++number, text);
    parser.end_vector();
  } catch (const std::runtime_error &error) {
    throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + error.what());
  }
  if (file.vectors.empty())
    throw std::runtime_error(path.string() + ": no vector");
  return file;
}

std::vector<std::filesystem::path> all_vector_files(const std::filesystem::path &folder) {
  std::vector<std::filesystem::path> files;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".vec")
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

} // namespace ntpkeygen::test
