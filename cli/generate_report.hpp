// What is said once a keys file is published: to a person, and as JSON to a program.
#pragma once

#include "cli/command.hpp"
#include "cli/generate_options.hpp"
#include "cli/generate_plan.hpp"
#include "ntpkeygen/host/generation.hpp"
#include "ntpkeygen/host/publisher.hpp"

namespace ntpkeygen::cli {

// A file that was published, and what it took the place of.
struct GenerateResult {
  const GenerateOptions &options;
  const GeneratePlan &plan;
  const std::string &folder; // as the user gave it
  const Published &published;
  const std::optional<Publisher::Replaced> &replaced;
  const std::optional<IdChanges> &changes; // nullopt: none replaced, or its ids could not be compared
};

// What is to be said about such keys and such a file, wherever they go.
void give_advice(const GeneratePlan &plan, Messages &messages);

void report(const GenerateResult &result, const Invocation &call);

// The document ntpkeygen/generate/1.
[[nodiscard]] Result<void> print_json(const GenerateResult &result, TextOutput &out);

} // namespace ntpkeygen::cli
