#include "cli/command.hpp"
#include "cli/foreign_text.hpp"
#include "cli/json.hpp"
#include "cli/plugin_verification.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr auto option_table = std::to_array<OptionSpec>({
    {"verify", '\0', "FILE", false,
     "try one plugin, FILE.so, in place of a list: what it\npromises, and what it does when things go wrong"},
    {"seconds", '\0', "S", false, "with --verify: give a law up after this processor\ntime (default: 10)"},
    plugin_dir_option,
    json_option,
    quiet_option,
    version_option,
    help_option,
});

Result<void> print_json(const PluginInventory &inventory, TextOutput &out) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/plugins/1");
  put_key(json, "plugins");
  json.StartArray();
  for (const PluginRow &row : inventory.plugins) {
    json.StartObject();
    put(json, "kind", kind_name(row.kind));
    put(json, "name", row.name);
    put(json, "version", row.version);
    put(json, "path", row.path);
    put(json, "summary", row.summary);
    put_key(json, "available");
    json.Bool(row.available);
    put_or_null(json, "reason", row.reason);
    json.EndObject();
  }
  json.EndArray();
  put_key(json, "refused");
  json.StartArray();
  for (const RefusedPlugin &refused : inventory.refused) {
    json.StartObject();
    put(json, "path", refused.path);
    put(json, "reason", refused.reason);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return out.write(finished(buffer));
}

// Each folder once, in the order of the table; where there are several, with what is in it.
std::string folders(std::span<const PluginRow> rows) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const PluginRow &row : rows) {
    std::string folder = row.path.substr(0, row.path.find_last_of('/'));
    const auto same_folder = [&](const auto &entry) { return entry.first == folder; };
    auto entry = std::find_if(found.begin(), found.end(), same_folder);
    if (entry == found.end())
      entry = found.insert(entry, {std::move(folder), ""});
    entry->second += (entry->second.empty() ? ": " : ", ") + std::string(kind_name(row.kind)) + " " + row.name;
  }
  std::string text;
  for (const auto &[folder, names] : found)
    text += "\nin " + escaped(folder + (found.size() > 1 ? names : "")) + "\n";
  return text;
}

Result<void> print_table(const PluginInventory &inventory, TextOutput &out) {
  std::vector<std::array<std::string, 5>> rows{{"KIND", "NAME", "VERSION", "AVAILABLE", "SUMMARY"}};
  for (const PluginRow &row : inventory.plugins)
    rows.push_back({std::string(kind_name(row.kind)), escaped(row.name), escaped(row.version),
                    row.available ? "yes" : "no",
                    escaped(row.available ? row.summary : row.summary + " (" + row.reason + ")")});
  std::array<std::size_t, 5> widths{};
  for (const auto &row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size() + 2);
  std::string text;
  for (const auto &row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += row[i] + std::string(widths[i] > row[i].size() ? widths[i] - row[i].size() : 0, ' ');
    text += '\n';
  }
  text += folders(inventory.plugins);
  // What is wrong with a folder is wrong with each of its files; said once.
  for (std::size_t i = 0; i < inventory.refused.size(); ++i) {
    const RefusedPlugin &refused = inventory.refused[i];
    if (i == 0 || inventory.refused[i - 1].reason != refused.reason)
      text += "\n";
    text += "refused: " + escaped(refused.path) + "\n";
    if (i + 1 == inventory.refused.size() || inventory.refused[i + 1].reason != refused.reason)
      text += "  " + escaped(refused.reason) + "\n";
  }
  return out.write(text);
}

Result<int> execute(const Invocation &call) {
  if (call.options.has("verify"))
    return verify_plugin(call);
  if (call.options.has("seconds"))
    return failure(ErrorCode::invalid_argument, "'--seconds' is for '--verify'");
  const PluginInventory inventory = call.environment.plugins.inventory();
  if (inventory.plugins.empty() && inventory.refused.empty())
    return failure(ErrorCode::not_found, "no plugin was found",
                   "name the folder that holds them with '--plugin-dir DIR'");
  auto printed = call.options.has("json") ? print_json(inventory, call.environment.out)
                                          : print_table(inventory, call.environment.out);
  if (!printed)
    return failure(std::move(printed).error());
  for (const Error &error : inventory.unusable)
    call.messages.error(error);
  return inventory.unusable.empty() ? 0 : 1;
}

} // namespace

const Command &plugins_command() {
  static const Command command{
      {.name = "plugins",
       .synopsis = "plugins [options]",
       .summary =
           "List every plugin that is found, and every file that was refused, with the\nreason. Or hold one to the "
           "laws of its kinds.",
       .options = option_table,
       .epilogue = "exit status: 0, or 1 when there is no plugin at all, when a folder of\n"
                   "--plugin-dir cannot be used, or when the verified plugin is refused or breaks\n"
                   "a law\n"},
      execute};
  return command;
}

} // namespace ntpkeygen::cli
