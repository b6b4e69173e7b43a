// Reads the files of tests/vectors/mac; their README says what stands in them.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen::test {

struct MacVector {
  std::size_t line = 0; // where it begins
  std::optional<std::vector<std::byte>> key{};
  std::vector<std::byte> message{};
  std::vector<std::byte> tag{};
};

struct VectorFile {
  MacSpec::Kind kind{};
  std::string algorithm{};
  std::vector<MacVector> vectors{};
};

// Throws std::runtime_error with file and line when the file is not as it should be, or holds no vector.
[[nodiscard]] VectorFile read_vector_file(const std::filesystem::path &path);

[[nodiscard]] std::vector<std::filesystem::path> all_vector_files(const std::filesystem::path &folder);

[[nodiscard]] std::vector<std::byte> from_hex(std::string_view digits);
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);

} // namespace ntpkeygen::test
