#include "verify/files.hpp"

#include "verify/trial.hpp"

#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/sdk/hex.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <array>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace ntpkeygen::verify {
namespace {

constexpr std::array<std::string_view, 39> pieces{"1",
                                                  "12",
                                                  "65535",
                                                  "0",
                                                  "65536",
                                                  "4294967296",
                                                  ":",
                                                  "=",
                                                  "7x",
                                                  "-3",
                                                  "99999999999999999999",
                                                  " ",
                                                  " ",
                                                  "\t",
                                                  "\n",
                                                  "\n",
                                                  "\r\n",
                                                  "\r",
                                                  "#",
                                                  "# note",
                                                  "MD5",
                                                  "SHA1",
                                                  "AES",
                                                  "AES128CMAC",
                                                  "M",
                                                  "NOPE",
                                                  "secret",
                                                  "0123456789abcdef",
                                                  "00112233445566778899aabbccddeeff",
                                                  "\xef\xbb\xbf",
                                                  "10.0.0.1",
                                                  ",",
                                                  "\xff\x80",
                                                  "HEX:",
                                                  "ASCII:",
                                                  "!",
                                                  "\\\n",
                                                  "\"",
                                                  "                                                                "};

// Any words of the sample and of others.
std::string random_file(std::mt19937_64 &random, const std::vector<std::string> &words, std::size_t most) {
  std::string file;
  for (std::uint64_t i = random() % most; i != 0; --i)
    switch (random() % 16) {
    case 0:
      file.append(random() % 300, static_cast<char>(random()));
      break;
    case 1:
      file += static_cast<char>(random());
      break;
    case 2:
      file += '\0';
      break;
    default:
      file += random() % 2 == 0 && !words.empty() ? words[random() % words.size()]
                                                  : std::string(pieces[random() % pieces.size()]);
    }
  return file;
}

std::string mutated(std::string file, std::mt19937_64 &random) {
  for (std::uint64_t i = random() % 4 + 1; i != 0 && !file.empty(); --i) {
    const std::size_t at = random() % file.size(), size = random() % 20;
    switch (random() % 5) {
    case 0:
      file[at] = static_cast<char>(random());
      break;
    case 1:
      file.erase(at, size);
      break;
    case 2:
      file.insert(at, file.substr(random() % file.size(), size));
      break;
    case 3:
      file.insert(at, pieces[random() % pieces.size()]);
      break;
    default:
      file.resize(at);
    }
  }
  return file;
}

// Cut where kinds of characters change.
std::vector<std::string> words_of_file(const std::string &file) {
  std::vector<std::string> words;
  const auto kind = [](char c) {
    constexpr std::string_view separators = ",:=;|\"'";
    return c == ' ' || c == '\t'    ? 0U
           : c == '\n' || c == '\r' ? 1U
                                    : 2U + static_cast<unsigned>(std::min(separators.find(c), separators.size()));
  };
  for (std::size_t begin = 0, end = 0; begin < file.size(); begin = end) {
    while (end < file.size() && kind(file[end]) == kind(file[begin]))
      ++end;
    std::string word = file.substr(begin, end - begin);
    if (std::ranges::find(words, word) == words.end() && words.size() < 64)
      words.push_back(std::move(word));
  }
  return words;
}

// Leaves out pieces, ever smaller ones, as long as something stays wrong.
std::string shrunk(std::string file, const std::function<bool(const std::string &)> &is_wrong) {
  std::size_t tries = 3000;
  for (std::size_t size = (file.size() + 1) / 2; size != 0 && tries != 0;) {
    bool shorter = false;
    for (std::size_t at = 0; at < file.size() && tries != 0; --tries) {
      std::string without = file;
      without.erase(at, size);
      if (is_wrong(without)) {
        file = std::move(without);
        shorter = true;
      } else {
        at += size;
      }
    }
    if (!shorter || size > file.size())
      size /= 2;
  }
  return file;
}

} // namespace

void *MemoryWithAnEnd::acquire(std::size_t size) noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (const std::size_t needed = (size + page - 1) / page * page; needed > size_ && !taken_) {
    // cppcheck-suppress invalidFunctionArg ; memory without a file has no descriptor
    void *const pages = ::mmap(nullptr, needed + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
      return nullptr;
    unmap();
    pages_ = static_cast<std::byte *>(pages);
    size_ = needed;
    if (::mprotect(pages_ + size_, page, PROT_NONE) != 0)
      return nullptr;
    guard_ = page;
  }
  if (taken_ || size > size_)
    return nullptr;
  taken_ = true;
  return pages_ + size_ - size;
}

void MemoryWithAnEnd::release(void *, std::size_t) noexcept {
  taken_ = false;
}

void MemoryWithAnEnd::unmap() noexcept {
  if (pages_ != nullptr)
    ::munmap(pages_, size_ + guard_);
  pages_ = nullptr;
}

std::vector<std::shared_ptr<const KeyType>> known_key_types(World &world) {
  std::vector<std::shared_ptr<const KeyType>> types = world.plugin.all<KeyType>();
  for (const std::string &name : world.others.names(PluginKind::key_type))
    if (auto type = world.others.key_type(name);
        type && std::ranges::none_of(types, [&](const auto &one) { return one->info().name == (*type)->info().name; }))
      types.push_back(*std::move(type));
  return types;
}

std::shared_ptr<const KeyFileFormat> find_format(World &world, std::string_view name) {
  for (const auto &own : world.plugin.all<KeyFileFormat>())
    if (own->info().name == name)
      return own;
  auto found = world.others.key_file_format(name);
  return found ? *std::move(found) : nullptr;
}

std::shared_ptr<const KeyFileReader> find_reader(World &world, std::string_view name) {
  for (const auto &own : world.plugin.all<KeyFileReader>())
    if (own->info().name == name)
      return own;
  auto found = world.others.key_file_reader(name);
  return found ? *std::move(found) : nullptr;
}

std::string generated_file(const KeyFileFormat &format) {
  std::vector<PlannedGroup> groups;
  KeyId id = std::max<KeyId>(format.info().first_id, 1);
  for (const KeyGroup &group : format.recipe().groups) {
    const auto spelling = format.spelling({.name = group.type}, group.bits, group.encoding);
    if (!spelling)
      continue;
    groups.push_back({group.type, {}, group.bits, group.encoding, *spelling, id, std::min(group.count, 4U)});
    id += groups.back().count;
  }
  WatchedMemory memory;
  RepeatableSource source;
  TrialControl control;
  const auto keys = generate_keys(groups, source, memory, control);
  const auto header = format.header("ntpkey_X_host.1", "Mon Nov 23 08:00:00 2026");
  if (!keys || !header)
    return {};
  const auto text = format.render(*keys, memory);
  return text ? *header + std::string(text->reveal_text()) : std::string();
}

std::vector<std::string> hostile_files(const std::string &sample) {
  std::mt19937_64 random(20260102); // NOLINT(cert-msc51-cpp): the same every time
  std::vector<std::string> files{""};
  for (unsigned c = 0; c < 256; ++c)
    files.emplace_back(1, static_cast<char>(c));
  const std::vector<std::string> words = words_of_file(sample);
  for (const std::size_t most : {4U, 8U, 16U, 60U})
    for (int i = 0; i < 400; ++i)
      files.push_back(random_file(random, words, most));
  if (!sample.empty()) {
    std::string carriage_returns, no_end = sample;
    for (const char c : sample)
      carriage_returns += c == '\n' ? "\r\n" : std::string(1, c);
    while (no_end.ends_with('\n'))
      no_end.pop_back();
    for (std::string &file : std::vector{sample, carriage_returns, no_end, sample + sample, "\xef\xbb\xbf" + sample,
                                         sample + std::string(3, '\0') + sample})
      files.push_back(std::move(file));
    for (int i = 0; i < 600; ++i)
      files.push_back(mutated(sample, random));
  }
  for (const char c : {'\0', '\n', ' ', '1', 'a', '#', ',', '\xff'})
    for (const std::size_t size : {63U, 127U, 128U, 255U, 256U, 511U, 512U, 1023U, 2047U, 2048U, 4096U, 70'000U})
      files.push_back((c == 'a' && !sample.empty() ? sample : std::string()) + std::string(size, c));
  std::string many;
  for (int i = 0; i < 3000; ++i)
    many += std::to_string(random() % 70'000) + " MD5 key" + std::to_string(i) + "\n";
  files.push_back(std::move(many));
  std::ranges::stable_sort(files, {}, &std::string::size);
  return files;
}

std::vector<std::string> damaged(const std::string &line) {
  std::vector<std::string> files;
  for (std::size_t at = 0; at < line.size(); ++at) {
    files.push_back(line);
    files.back().erase(at, 1);
    for (const char other : std::string_view("gZ0# :,=\"\\\n")) {
      files.push_back(line);
      files.back()[at] = other;
    }
  }
  for (const std::string &word : words_of_file(line)) {
    files.push_back(line);
    files.back().erase(line.find(word), word.size());
  }
  return files;
}

bool quotes(std::string_view message, std::span<const std::byte> key) {
  constexpr std::size_t most = 8;
  const auto in_small_letters = [](std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
  };
  const std::string said = in_small_letters(std::string(message));
  std::string digits(2 * key.size(), '0');
  hex::encode(key, reinterpret_cast<std::byte *>(digits.data()));
  for (const std::string &written : {in_small_letters(std::string(as_text(key))), digits})
    for (std::size_t at = 0; at + most <= written.size(); ++at)
      if (said.find(written.substr(at, most)) != std::string::npos)
        return true;
  return false;
}

std::string first_flaw(const std::vector<std::string> &files, std::string_view step,
                       const std::function<std::string(const std::string &)> &flaw) {
  note_step(step);
  std::string last_flaw; // that was none of these: an answer may be another one the next time
  const auto is_wrong = [&](const std::string &file) {
    note_input(file);
    std::string found = flaw(file);
    if (found.empty())
      return false;
    last_flaw = std::move(found);
    return true;
  };
  for (const std::string &file : files)
    if (is_wrong(file)) {
      const std::string least = shrunk(file, is_wrong);
      constexpr int times = 3;
      int wrong = 0;
      for (int i = 0; i < times; ++i)
        wrong += is_wrong(least) ? 1 : 0;
      return last_flaw + " (" + shown(least) + ")" + (wrong == times ? "" : ", but not each time that it was asked");
    }
  return {};
}

} // namespace ntpkeygen::verify
