// Files to try formats and readers with: what a format writes, what is left of it after an accident, and what nobody
// would write. The same in every run.
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"
#include "verify/laws.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ntpkeygen::verify {

// All key types that are there, each once.
[[nodiscard]] std::vector<std::shared_ptr<const KeyType>> known_key_types(World &world);
// By its name: the plugin's own, or another one's; null: it is nowhere.
[[nodiscard]] std::shared_ptr<const KeyFileFormat> find_format(World &world, std::string_view name);
[[nodiscard]] std::shared_ptr<const KeyFileReader> find_reader(World &world, std::string_view name);

// What the format's own generator writes; empty where it cannot be had.
[[nodiscard]] std::string generated_file(const KeyFileFormat &format);

// Short ones first. `sample`: a good one, which many are made of.
[[nodiscard]] std::vector<std::string> hostile_files(const std::string &sample);

// `flaw(file)`: what is wrong with how it is taken; empty: nothing. Returns the first flaw there is, with the file,
// made as short as it gets, in hex.
[[nodiscard]] std::string first_flaw(const std::vector<std::string> &files, std::string_view step,
                                     const std::function<std::string(const std::string &)> &flaw);

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

} // namespace ntpkeygen::verify
