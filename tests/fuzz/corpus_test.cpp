// Every fuzz target over its corpus and random changes of it. What is not found here in a moment is the fuzzers'
// business.
#include "fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <ostream>
#include <random>
#include <vector>

namespace ntpkeygen::test {

static void PrintTo(const FuzzTarget &target, std::ostream *out) {
  *out << target.name;
}

namespace {

std::vector<std::string> files_in(const std::string &folder) {
  std::vector<std::filesystem::path> paths;
  if (const std::filesystem::path path = NTPKEYGEN_CORPUS "/" + folder; std::filesystem::exists(path))
    for (const auto &entry : std::filesystem::directory_iterator(path))
      paths.push_back(entry.path());
  std::ranges::sort(paths); // the same order everywhere
  std::vector<std::string> contents;
  for (const auto &path : paths) {
    std::ifstream file(path, std::ios::binary);
    contents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return contents;
}

std::string in_hex(const std::string &bytes) {
  std::string digits;
  for (const char c : bytes)
    digits.append({"0123456789abcdef"[static_cast<unsigned char>(c) >> 4], "0123456789abcdef"[c & 15]});
  return digits;
}

class FuzzCorpus : public ::testing::TestWithParam<FuzzTarget> {
protected:
  void SetUp() override {
    seeds_ = files_in(std::string(GetParam().name));
    if (GetParam().reads_keys_files)
      std::ranges::move(files_in("keys_file"), std::back_inserter(seeds_));
    ASSERT_GE(seeds_.size(), 20U);
  }
  // A copy that ends where its memory ends, so that the sanitizers see who reads on.
  static std::string broken_by(const std::string &input) {
    const std::vector<std::byte> exact(std::as_bytes(std::span(input)).begin(), std::as_bytes(std::span(input)).end());
    return GetParam().broken_promise(exact);
  }

  std::vector<std::string> seeds_;
};

TEST_P(FuzzCorpus, KeepsThePromises) {
  for (const std::string &seed : seeds_)
    EXPECT_EQ(broken_by(seed), "") << in_hex(seed);
}

// A fixed seed: the same files in every run.
TEST_P(FuzzCorpus, ChangedAtRandomKeepsThemToo) {
  static constexpr std::array<std::string_view, 16> tokens{
      "\n", "\r\n", "\xef\xbb\xbf", "#",    "HEX:",   "ASCII:",      "MD5", "SHA1", "AES128CMAC",
      "1",  " ",    "65536",        "\\\n", "AES128", "( 1 ... 9 )", "key "};
  std::mt19937 random(1305);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random()) % end; };
  for (int round = 0; round < 10'000; ++round) {
    std::string input = seeds_[below(seeds_.size())];
    if (below(3) == 0)
      input += seeds_[below(seeds_.size())];
    for (std::size_t changes = below(5); changes-- != 0 && !input.empty();)
      switch (below(4)) {
      case 0:
        input[below(input.size())] = static_cast<char>(random());
        break;
      case 1:
        input.insert(below(input.size() + 1), tokens[below(tokens.size())]);
        break;
      case 2:
        input.erase(below(input.size()), 1 + below(6));
        break;
      default:
        input.insert(below(input.size() + 1), 1 + below(600), "x0 #"[below(4)]);
      }
    ASSERT_EQ(broken_by(input), "") << "round " << round << ": " << in_hex(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, ::testing::ValuesIn(fuzz_targets().begin(), fuzz_targets().end()),
                         [](const auto &target) { return std::string(target.param.name); });

} // namespace
} // namespace ntpkeygen::test
