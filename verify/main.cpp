// plugin-verify, the helper of `ntpkeygen plugins --verify`: it holds one plugin to the laws of its kinds, and prints a
// line of JSON for the plugin, one for each law, and a last one. Every law is tried in a process of its own.
//
//   plugin-verify SECONDS [--plugin-dir DIR]... FILE.so
#include "verify/child.hpp"
#include "verify/laws.hpp"
#include "verify/trial.hpp"

#include "ntpkeygen/host/numbers.hpp"
#include "ntpkeygen/host/registry.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <link.h>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <vector>

namespace {

using namespace ntpkeygen;
using verify::Finding;
using verify::Law;
using verify::Outcome;
using verify::World;

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Json &json, const char *key, std::string_view text) {
  json.Key(key);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void print(rapidjson::StringBuffer &line) {
  std::puts(line.GetString());
  std::fflush(stdout);
}

struct Request {
  std::string path;
  std::vector<std::string> folders{};
  std::chrono::nanoseconds time{};
};

// The libraries that the plugin itself names.
std::vector<std::string> libraries_of(const std::string &path) {
  std::vector<std::string> names;
  void *const library = ::dlopen(path.c_str(), RTLD_NOLOAD | RTLD_NOW);
  link_map *map = nullptr;
  if (library == nullptr || ::dlinfo(library, RTLD_DI_LINKMAP, static_cast<void *>(&map)) != 0)
    return names;
  const char *strings = nullptr;
  for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == DT_STRTAB)
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the format has addresses as numbers
      strings = reinterpret_cast<const char *>(entry->d_un.d_ptr);
  for (const ElfW(Dyn) *entry = map->l_ld; strings != nullptr && entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == DT_NEEDED)
      names.emplace_back(strings + entry->d_un.d_val);
  ::dlclose(library);
  return names;
}

// Calls `visit(law, thing, kind, name)` for every law and everything that it is for. kind and name are empty for the
// plugin as a whole.
template <class Visit> void for_each_law(const PluginContents &plugin, Visit &&visit) {
  for (const auto &law : verify::laws_of<PluginContents>())
    visit(law, plugin, std::string_view(), std::string_view());
  const auto visit_all = [&](const auto &things) {
    using T = PluginContents::ThingOf<decltype(things)>;
    for (const auto &thing : things)
      for (const auto &law : verify::laws_of<T>())
        visit(law, *thing, kind_name(kind_of<T>), name_of(*thing));
  };
  std::apply([&](const auto &...things) { (visit_all(things), ...); }, plugin.things);
}

// What a child says of the plugin: its line, then one for each law, to be completed with what comes of it.
std::string describe(const Request &request) {
  DynamicPluginSet set({});
  verify::note_step("be loaded");
  const auto plugin = set.open_file(request.path);
  if (!plugin)
    return "!" + plugin.error().message + '\0' + plugin.error().hint;
  const PluginDescriptor &descriptor = *plugin->descriptor;
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  put(json, "path", plugin->path);
  put(json, "kind", kind_name(descriptor.kind));
  put(json, "name", descriptor.name);
  put(json, "version", descriptor.version);
  put(json, "summary", descriptor.summary);
  json.Key("interface");
  json.Uint(descriptor.abi);
  json.Key("libraries");
  json.StartArray();
  for (const std::string &library : libraries_of(plugin->path))
    json.String(library.data(), static_cast<rapidjson::SizeType>(library.size()));
  json.EndArray();
  json.EndObject();
  std::string text = std::string(" ") + buffer.GetString();
  for_each_law(*plugin, [&](const auto &law, const auto &, std::string_view kind, std::string_view name) {
    for (const std::string_view part : {kind, name, law.name, law.sentence})
      text.append(1, '\0').append(part);
  });
  return text;
}

std::string encoded(const Finding &finding) {
  return std::string(1, static_cast<char>('0' + static_cast<int>(finding.outcome))) + finding.detail;
}

// The finding of one law, tried in this process.
std::string try_law(const Request &request, std::size_t wanted) {
  DynamicPluginSet own({}), others(default_plugin_folders());
  const auto plugin = own.open_file(request.path);
  if (!plugin)
    return encoded(verify::broken("it cannot be loaded again: " + plugin.error().message));
  std::vector<std::string> folders{plugin->path.substr(0, plugin->path.rfind('/'))};
  folders.insert(folders.end(), request.folders.begin(), request.folders.end());
  others.search_first(folders);
  World world{*plugin, others, request.time};
  verify::allocation_budget().time = request.time / 2;
  Finding finding;
  std::size_t number = 0;
  for_each_law(*plugin, [&](const auto &law, const auto &thing, std::string_view, std::string_view) {
    if (number++ == wanted)
      finding = law.examine(thing, world);
  });
  if (const std::size_t only = verify::allocation_budget().only_first; only != 0 && finding.outcome == Outcome::holds)
    finding.detail +=
        (finding.detail.empty() ? "of a call's allocations, the first " : "; of a call's allocations, the first ") +
        std::to_string(only) + " were made to fail: there was no time for more";
  return encoded(finding);
}

Finding finding_of(const verify::Ended &ended) {
  if (!ended.answer)
    return verify::broken("it " + ended.how);
  return {static_cast<Outcome>(ended.answer->front() - '0'), ended.answer->substr(1)};
}

void print_law(std::string_view kind, std::string_view name, std::string_view law, std::string_view sentence,
               const Finding &finding) {
  constexpr std::array<const char *, 3> outcomes{"holds", "broken", "not-tried"};
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  put(json, "kind", kind);
  put(json, "name", name);
  put(json, "law", law);
  put(json, "sentence", sentence);
  put(json, "outcome", outcomes.at(static_cast<std::size_t>(finding.outcome)));
  put(json, "detail", finding.detail);
  json.EndObject();
  print(buffer);
}

void print_refusal(std::string_view why, std::string_view hint) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  put(json, "refused", why);
  put(json, "hint", hint);
  json.EndObject();
  print(buffer);
}

std::vector<std::string> parts_of(const std::string &text) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == '\0')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

void verify_plugin(const Request &request) {
  const verify::Ended described = verify::run_in_child([&] { return describe(request); }, request.time);
  if (!described.answer)
    return print_refusal("the plugin '" + request.path + "' " + described.how, "");
  const std::vector<std::string> parts = parts_of(described.answer->substr(1));
  if (described.answer->front() == '!')
    return print_refusal(parts.at(0), parts.at(1));
  std::puts(parts[0].c_str());
  std::fflush(stdout);
  print_law("", "", verify::closing_name, verify::closing_sentence,
            finding_of(verify::run_in_child([&] { return encoded(verify::closes(request.path)); }, request.time)));
  constexpr std::size_t fields = 4;
  for (std::size_t number = 0, at = 1; at + fields <= parts.size(); ++number, at += fields)
    print_law(parts[at], parts[at + 1], parts[at + 2], parts[at + 3],
              finding_of(verify::run_in_child([&] { return try_law(request, number); }, request.time)));
  std::puts("{\"done\":true}");
}

} // namespace

int main(int argc, char **argv) try {
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::optional<double> seconds = argc > 1 ? parse_decimals(argv[1]) : std::nullopt;
  Request request;
  std::vector<std::string> files;
  for (int i = 2; i < argc; ++i)
    if (std::string_view(argv[i]) == "--plugin-dir" && i + 1 < argc)
      request.folders.emplace_back(argv[++i]);
    else
      files.emplace_back(argv[i]);
  if (!seconds || *seconds <= 0 || files.size() != 1) {
    std::fputs("usage: plugin-verify SECONDS [--plugin-dir DIR]... FILE.so\n", stderr);
    return 2;
  }
  request.time = std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9));
  request.path = files.front();
  verify_plugin(request);
} catch (const std::exception &error) {
  std::fprintf(stderr, "plugin-verify: error: %s\n", error.what());
  return 1;
}
