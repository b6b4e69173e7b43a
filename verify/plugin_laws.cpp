#include "verify/laws.hpp"

#include "verify/trial.hpp"

#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/registry.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace ntpkeygen::verify {
namespace {

// kind, name and aliases of all that it provides
std::vector<std::pair<PluginKind, std::string>> names_of(const PluginContents &plugin) {
  std::vector<std::pair<PluginKind, std::string>> names;
  const auto add = [&](const auto &things) {
    using T = PluginContents::ThingOf<decltype(things)>;
    for (const auto &thing : things) {
      names.emplace_back(kind_of<T>, name_of(*thing));
      if constexpr (std::is_same_v<T, KeyType>)
        for (const KeyTypeAlias &alias : thing->info().aliases)
          names.emplace_back(kind_of<T>, alias.name);
    }
  };
  std::apply([&](const auto &...things) { (add(things), ...); }, plugin.things);
  return names;
}

Finding describes_itself(const PluginContents &plugin, World &) {
  const PluginDescriptor &descriptor = *plugin.descriptor;
  for (const auto &[what, text] : {std::pair<std::string_view, std::string_view>{"the name", descriptor.name},
                                   {"the version", descriptor.version},
                                   {"the summary", descriptor.summary}}) {
    if (text.empty())
      return broken(std::string(what) + " in the descriptor is empty");
    if (std::string flaw = flaw_of_line(what, text); !flaw.empty())
      return broken(flaw);
  }
  return holds();
}

Finding is_found_by_every_name(const PluginContents &plugin, World &) {
  const std::string folder = plugin.path.substr(0, plugin.path.rfind('/') + 1);
  struct stat own{};
  if (::stat(plugin.path.c_str(), &own) != 0)
    return broken("its file cannot be looked at: " + std::string(std::strerror(errno)));
  std::string missing;
  for (const auto &[kind, name] : names_of(plugin)) {
    const std::string file = std::string(kind_name(kind)) + "-" + lower(name) + ".so";
    struct stat status{};
    if (::stat((folder + file).c_str(), &status) != 0 || status.st_dev != own.st_dev || status.st_ino != own.st_ino)
      missing += (missing.empty() ? "" : ", ") + file;
  }
  return finding_of(missing.empty() ? ""
                                    : "these links to it are missing in its folder (PROVIDES makes them): " + missing);
}

// Counts what is added, and lets go of it.
class CountingRegistrar final : public Registrar {
public:
  Result<void> add(std::unique_ptr<RandomSourceProvider> thing) noexcept override { return count(thing.get()); }
  Result<void> add(std::unique_ptr<KeyType> thing) noexcept override { return count(thing.get()); }
  Result<void> add(std::unique_ptr<KeyFileFormat> thing) noexcept override { return count(thing.get()); }
  Result<void> add(std::unique_ptr<KeyFileReader> thing) noexcept override { return count(thing.get()); }
  Result<void> add(std::unique_ptr<MacEngine> thing) noexcept override { return count(thing.get()); }
  Result<void> add(std::unique_ptr<EntropyAssessment> thing) noexcept override { return count(thing.get()); }
  [[nodiscard]] std::size_t added() const { return added_; }

private:
  Result<void> count(const void *thing) noexcept {
    added_ += thing != nullptr;
    return {};
  }
  std::size_t added_ = 0;
};

Result<std::size_t> enrolled_by(const PluginContents &plugin) {
  CountingRegistrar registrar;
  try {
    if (Result<void> enrolled = plugin.descriptor->enroll(registrar); !enrolled)
      return failure(std::move(enrolled).error());
  } catch (...) {
    return failure(ErrorCode::plugin_fault, "an exception came out of the plugin");
  }
  return registrar.added();
}

Finding enrolls_without_memory(const PluginContents &plugin, World &) {
  if (!allocations_are_ours())
    return not_tried(std::string(no_allocations));
  const auto all = enrolled_by(plugin);
  if (!all)
    return broken("the second time it does not enroll: " + words_of(all.error()));
  return finding_of(trouble_without_memory(
      "enroll", [&] { return enrolled_by(plugin); },
      [&](const Result<std::size_t> &added) {
        return *added == *all ? "" : "it says that all is well, and enrolled a part of what it has";
      }));
}

constexpr std::array laws{
    Law<PluginContents>{"description", "has a name, a version and a summary", describes_itself},
    Law<PluginContents>{"links", "is found by the file name of everything that it provides", is_found_by_every_name},
    Law<PluginContents>{"enrolling", "enrolls again, and fails with an error where memory ends",
                        enrolls_without_memory},
};

} // namespace

template <> std::span<const Law<PluginContents>> laws_of() {
  return laws;
}

Finding closes(const std::string &path) {
  {
    DynamicPluginSet set({});
    static_cast<void>(set.open_file(path));
    note_step("be closed");
  }
  if (::dlopen(path.c_str(), RTLD_NOLOAD | RTLD_NOW) == nullptr)
    return holds();
  return broken("it stays in memory, as symbols pin it that others could use: '-fvisibility=hidden' and, with GCC, "
                "'-fno-gnu-unique' leave them out");
}

} // namespace ntpkeygen::verify
