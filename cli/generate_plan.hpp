// Options resolved against plugins: what is going to be made, before anything is drawn or written.
#pragma once

#include "cli/generate_options.hpp"
#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/host/random/key_source.hpp"

#include <memory>

namespace ntpkeygen::cli {

struct GeneratePlan {
  std::optional<KeySource> source{};
  std::shared_ptr<const KeyFileFormat> format{};
  std::shared_ptr<const KeyFileReader> reader{}; // null: a write-only format
  std::vector<PlannedGroup> groups{};            // their first_id is set by number_groups
  std::vector<std::string> group_names{};        // of each group's type at its length: "AES-256"
  std::vector<std::string> advice{};             // of all types, each once
  std::string label{}, announced_as{};           // as in Recipe
};

// Errors: not_found (a name), invalid_argument, unsupported (what the format cannot hold).
[[nodiscard]] Result<GeneratePlan> plan_generation(const GenerateOptions &options, PluginSet &plugins);

// Gives each group its ids, from `first` on. Errors: invalid_argument where the format's ids do not suffice, or where
// there are more keys than a file should have.
[[nodiscard]] Result<void> number_groups(GeneratePlan &plan, std::uint64_t first);

// The <host> of the file name, fit to stand in a file name and in a comment. Errors: invalid_argument.
[[nodiscard]] Result<std::string> owner_name(const GenerateOptions &options, Host &host);

} // namespace ntpkeygen::cli
