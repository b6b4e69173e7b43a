// Apart from the parser, which the library of the further commands has no need of.
#include "cli/options.hpp"

namespace ntpkeygen::cli {

std::optional<std::string> ParsedOptions::value(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> ParsedOptions::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

} // namespace ntpkeygen::cli
