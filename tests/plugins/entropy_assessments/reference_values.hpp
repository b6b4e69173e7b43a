// Reads the files of tests/vectors/entropy; their README says what stands in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ntpkeygen::test {

// What a reference tool said of samples that make_samples() makes.
struct ReferenceRun {
  std::size_t line = 0; // where it begins
  std::string kind{};
  std::uint64_t seed = 0;
  unsigned bits = 0;
  std::size_t size = 0;
  std::vector<std::string> options{};
  std::map<std::string, double> values{};
};

// Throws std::runtime_error with file and line when the file is not as it should be, or holds no run.
[[nodiscard]] std::vector<ReferenceRun> read_reference_runs(const std::filesystem::path &path);

} // namespace ntpkeygen::test
