#include "cli/file_options.hpp"

#include "ntpkeygen/host/numbers.hpp"

namespace ntpkeygen::cli {
namespace {

tl::unexpected<Error> invalid(std::string message, std::string hint = {}) {
  return failure(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

// Key files are for their owner and perhaps one group; nobody executes them.
constexpr std::uint32_t permitted_mode = 0660, needed_mode = 0400;

Result<void> read_mode(const ParsedOptions &parsed, Permissions &permissions) {
  const auto typed = parsed.value("mode");
  if (!typed)
    return {};
  const auto mode = parse_number<std::uint32_t>(*typed, 8);
  if (!mode || *mode > 07777)
    return invalid("'--mode " + *typed + "': expected an octal mode such as 0400 or 0640");
  if ((*mode & 0007U) != 0)
    return invalid("'--mode " + *typed + "' would open the keys to every user of this machine",
                   "0400 is for the owner alone, 0640 lets one group read");
  if ((*mode & ~permitted_mode) != 0 || (*mode & needed_mode) == 0)
    return invalid("'--mode " + *typed + "' does not suit a keys file: " +
                       ((*mode & needed_mode) == 0 ? "the owner has to read it" : "nobody runs it"),
                   "0400 is for the owner alone, 0640 lets one group read");
  permissions.mode = mode;
  return {};
}

Result<void> read_owner(const ParsedOptions &parsed, Host &host, Permissions &permissions) {
  const auto typed = parsed.value("owner");
  if (!typed)
    return {};
  const std::size_t colon = typed->find(':');
  const std::string user = typed->substr(0, colon);
  if (user.empty() || colon == typed->size() - 1)
    return invalid("'--owner " + *typed + "': expected USER or USER:GROUP");
  auto owner = host.user(user);
  if (!owner)
    return failure(std::move(owner).error());
  if (colon != std::string::npos) {
    auto group = host.group(typed->substr(colon + 1));
    if (!group)
      return failure(std::move(group).error());
    owner->group = *group;
  }
  permissions.owner = *owner;
  return {};
}

} // namespace

Result<void> read_permissions(const ParsedOptions &parsed, Host &host, Permissions &permissions) {
  return read_mode(parsed, permissions).and_then([&] { return read_owner(parsed, host, permissions); });
}

} // namespace ntpkeygen::cli
