#include "ntpkeygen/host/dynamic_plugin_set.hpp"

#include "ntpkeygen/host/did_you_mean.hpp"
#include "ntpkeygen/host/own_library.hpp"
#include "ntpkeygen/host/registry.hpp"
#include "paths.hpp"
#include "trusted_library.hpp"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <optional>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace ntpkeygen {
namespace {

constexpr std::string_view suffix = ".so";
constexpr std::string_view more_privileges = ": this program has more privileges than the user who runs it";
constexpr std::string_view what_plugins_are = "name a folder that holds plugins, files called <kind>-<name>.so";

std::string file_name(PluginKind kind, std::string_view lower_case_name) {
  std::string file;
  file.reserve(kind_name(kind).size() + 1 + lower_case_name.size() + suffix.size());
  file.append(kind_name(kind)).append(1, '-').append(lower_case_name).append(suffix);
  return file;
}

struct FileName {
  PluginKind kind;
  std::string_view name;
};

// What a plugin's file name says; nullopt when it is none.
std::optional<FileName> parse_file_name(std::string_view file) {
  if (!file.ends_with(suffix))
    return std::nullopt;
  file.remove_suffix(suffix.size());
  for (const PluginKind kind : all_plugin_kinds) {
    const std::string_view prefix = kind_name(kind);
    if (file.size() <= prefix.size() || !file.starts_with(prefix) || file[prefix.size()] != '-')
      continue;
    const std::string_view name = file.substr(prefix.size() + 1);
    if (is_plugin_name(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }))
      return FileName{kind, name};
  }
  return std::nullopt;
}

void in_capitals(std::string &name) {
  for (char &c : name)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
}

// Of one for which parse_file_name has no answer.
std::string flaw_of_file_name(std::string_view file) {
  std::string wanted = "its file name is not <kind>-<name>.so";
  if (!file.ends_with(suffix))
    return wanted;
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::ranges::any_of(file, is_capital))
    return wanted + ": it has capitals";
  std::string kinds;
  for (const PluginKind kind : all_plugin_kinds) {
    const std::string_view name = kind_name(kind);
    if (file.starts_with(name) && file.size() > name.size() && file[name.size()] == '-')
      return wanted + ": a name has 1 to 64 of a-z 0-9 @ . + _ -";
    kinds += (kinds.empty() ? "" : ", ") + std::string(name);
  }
  return wanted + ": the kinds are " + kinds;
}

std::string quoted(PluginKind kind, std::string_view name) {
  return std::string(kind_in_words(kind)) + " '" + std::string(name) + "'";
}

std::string listed(const std::vector<std::string> &words) {
  std::string text;
  for (const std::string &word : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

// What a link leads to, without links, and what lstat(2) says of it; errno says why there is none. Most lead to another
// name in the same folder, which has been looked at already.
std::optional<std::string> target_of(const std::string &link, struct stat &status) {
  std::array<char, PATH_MAX> target; // not cleared: most of its pages are never touched
  const ::ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  const std::string_view name(target.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
  if (!name.empty() && name.find('/') == std::string_view::npos) {
    std::string path = folder_of(link) + '/' + std::string(name);
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      return path;
  }
  std::optional<std::string> real = real_path(link);
  return real && ::lstat(real->c_str(), &status) == 0 ? real : std::nullopt;
}

// An error's own words; plugins that ran out of memory had none to find words in.
std::string words_of(const Error &error) {
  if (!error.message.empty())
    return error.message;
  return error.code == ErrorCode::out_of_memory ? "out of memory" : "no reason was given";
}

struct Entry {
  std::string name;
  std::string link_target; // empty: no link
};

// Everything in a folder that ends in .so, by name.
Result<std::vector<Entry>> entries_of(const std::string &folder) {
  std::vector<Entry> entries;
  const std::unique_ptr<DIR, int (*)(DIR *)> open_folder(::opendir(folder.c_str()), ::closedir);
  if (!open_folder)
    return failure(
        Error{ErrorCode::permission, errno, std::string("the folder cannot be listed: ") + std::strerror(errno)});
  // cppcheck-suppress readdirCalled ; this thread's own stream
  while (const ::dirent *entry = ::readdir(open_folder.get())) {
    if (!std::string_view(entry->d_name).ends_with(suffix))
      continue;
    std::array<char, PATH_MAX> target{};
    const ::ssize_t length = ::readlinkat(::dirfd(open_folder.get()), entry->d_name, target.data(), target.size());
    entries.push_back({entry->d_name, {target.data(), length < 0 ? 0 : static_cast<std::size_t>(length)}});
  }
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

} // namespace

std::vector<std::string> default_plugin_folders() {
  std::vector<std::string> folders;
  const auto add = [&](std::string folder) {
    if (!folder.empty() && std::ranges::find(folders, folder) == folders.end())
      folders.push_back(std::move(folder));
  };
  if (const char *listed_folders = ::secure_getenv("NTPKEYGEN_PLUGIN_PATH"))
    for (std::string_view rest = listed_folders; !rest.empty();) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      add(std::string(rest.substr(0, colon)));
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  for (const std::string &folder : own_library_folders())
    add(folder + "/plugins");
  return folders;
}

class DynamicPluginSet::Loader {
public:
  explicit Loader(std::vector<std::string> folders) {
    for (std::string &folder : folders)
      places_.push_back({std::move(folder), false});
  }

  template <class T> Result<std::shared_ptr<const T>> get(std::string_view asked) {
    constexpr PluginKind kind = kind_of<T>;
    const std::string name = lower(asked);
    const Result<const Plugin *> plugin = locate(kind, name);
    if (!plugin)
      return failure(plugin.error());
    if (*plugin == nullptr)
      return failure(not_found(kind, asked));
    return registry_.find<T>(name);
  }

  std::string version(PluginKind kind, std::string_view name) {
    const Result<const Plugin *> plugin = locate(kind, lower(name));
    return plugin && *plugin != nullptr ? (*plugin)->descriptor->version : "";
  }

  [[nodiscard]] std::vector<std::string> names(PluginKind kind) { return names(kind, true); }

  PluginInventory inventory();
  Result<PluginContents> open_file(const std::string &given);

  void search_first(const std::vector<std::string> &folders) {
    std::vector<Place> first;
    first.reserve(folders.size());
    for (const std::string &folder : folders)
      first.push_back({folder, true});
    places_.insert(places_.begin(), std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
  }

private:
  // A folder to look in.
  struct Place {
    std::string given;
    bool was_demanded;         // by search_first: then it has to be there
    std::string real{};        // empty: not there, for the reason in `problem`
    int problem = -1;          // errno; -1: nobody looked yet
    bool was_examined = false; // a demanded one: it has plugins, and may be trusted
  };

  struct Plugin {
    std::string path{}; // without links
    dev_t device = 0;
    ino_t inode = 0;
    std::shared_ptr<boost::dll::shared_library> library{};
    const PluginDescriptor *descriptor = nullptr;
    std::vector<const void *> provides{}; // what it enrolled
  };

  struct Refused {
    std::string path{};
    Error why{};
  };
  template <class T> using OrRefused = tl::expected<T, Refused>;

  class RecordingRegistrar;

  static tl::unexpected<Refused> refused(std::string path, Error why) {
    return tl::unexpected<Refused>({std::move(path), std::move(why)});
  }
  static tl::unexpected<Refused> refused(std::string path, std::string why) {
    return refused(std::move(path), Error{ErrorCode::plugin_fault, 0, std::move(why)});
  }

  static tl::unexpected<Error> refusal_of(const Refused &refused) {
    const auto &[path, why] = refused;
    return failure(Error{why.code == ErrorCode::out_of_memory ? why.code : ErrorCode::plugin_fault, why.sys_errno,
                         "the plugin '" + path + "' is refused: " + words_of(why), why.hint});
  }

  static bool is_there(Place &place) {
    if (place.problem < 0) {
      // The slash makes a file in the folder's place an error.
      std::optional<std::string> real = real_path(place.given.empty() ? "" : place.given + '/');
      place.problem = real ? 0 : errno;
      place.real = std::move(real).value_or("");
    }
    return place.problem == 0;
  }

  Error not_found(PluginKind kind, std::string_view asked);
  std::vector<std::string> names(PluginKind kind, bool with_aliases);
  Result<const Plugin *> locate(PluginKind kind, const std::string &name);
  static std::optional<Error> problem_of(Place &place);
  std::optional<Error> examine(Place &place);
  OrRefused<const Plugin *> locate_in(const Place &place, PluginKind kind, const std::string &name);
  OrRefused<const Plugin *> open(const std::string &path, const struct stat &status);
  Result<void> load(Plugin &plugin, const struct stat &status);
  [[nodiscard]] Result<void> check_owner_of_name(const Plugin &plugin, PluginKind kind, std::string_view name);
  [[nodiscard]] std::shared_ptr<const void> find(PluginKind kind, std::string_view name) const;
  template <class T> void add_rows(std::vector<PluginRow> &rows) const;

  std::vector<Place> places_;
  PathTrust trust_;
  std::vector<Plugin> plugins_;
  std::vector<Refused> refused_;
  Registry registry_;
};

// Notes what a plugin adds, and lets it add only names that are its own: those of no other plugin's file. Without that,
// which of two plugins has a name would depend on which one was opened first.
class DynamicPluginSet::Loader::RecordingRegistrar final : public Registrar {
public:
  RecordingRegistrar(Loader &loader, Plugin &plugin, Registrar &registrar)
      : loader_(loader), plugin_(plugin), registrar_(registrar) {}

  Result<void> add(std::unique_ptr<RandomSourceProvider> provider) noexcept override {
    return pass_on(std::move(provider));
  }
  Result<void> add(std::unique_ptr<KeyType> type) noexcept override { return pass_on(std::move(type)); }
  Result<void> add(std::unique_ptr<KeyFileFormat> format) noexcept override { return pass_on(std::move(format)); }
  Result<void> add(std::unique_ptr<KeyFileReader> reader) noexcept override { return pass_on(std::move(reader)); }
  Result<void> add(std::unique_ptr<MacEngine> engine) noexcept override { return pass_on(std::move(engine)); }
  Result<void> add(std::unique_ptr<EntropyAssessment> assessment) noexcept override {
    return pass_on(std::move(assessment));
  }

  // Of what the plugin said about its success. A name that was not its own counts, even when it went on after that.
  [[nodiscard]] Result<void> judge(Result<void> result) const {
    if (!result)
      return result;
    if (out_of_memory_)
      return failure(Error{ErrorCode::out_of_memory});
    if (refusal_)
      return failure(*refusal_);
    const PluginDescriptor &descriptor = *plugin_.descriptor;
    if (!has_own_name_)
      return failure(ErrorCode::plugin_fault, "it does not provide the " + quoted(descriptor.kind, descriptor.name));
    return {};
  }

private:
  template <class T> Result<void> pass_on(std::unique_ptr<T> thing) noexcept {
    Result<void> passed = guarded([&]() -> Result<void> {
      if (Result<void> checked = check_names(thing.get()); !checked) {
        refusal_ = refusal_ ? refusal_ : checked.error();
        return checked;
      }
      plugin_.provides.push_back(thing.get());
      return registrar_.add(std::move(thing));
    });
    out_of_memory_ = out_of_memory_ || (!passed && passed.error().code == ErrorCode::out_of_memory);
    return passed;
  }

  template <class T> Result<void> check_names(const T *thing) {
    if (thing == nullptr)
      return {};
    Result<void> checked = check_name(kind_of<T>, name_of(*thing));
    if constexpr (std::is_same_v<T, KeyType>)
      for (const KeyTypeAlias &alias : thing->info().aliases)
        if (checked)
          checked = check_name(kind_of<T>, alias.name);
    return checked;
  }

  Result<void> check_name(PluginKind kind, std::string_view name) {
    const PluginDescriptor &descriptor = *plugin_.descriptor;
    if (kind == descriptor.kind && equal_ignoring_case(name, descriptor.name))
      has_own_name_ = true;
    return loader_.check_owner_of_name(plugin_, kind, name);
  }

  Loader &loader_;
  Plugin &plugin_;
  Registrar &registrar_;
  bool has_own_name_ = false, out_of_memory_ = false;
  std::optional<Error> refusal_;
};

Result<void> DynamicPluginSet::Loader::check_owner_of_name(const Plugin &plugin, PluginKind kind,
                                                           std::string_view name) {
  if (!is_plugin_name(name))
    return {}; // the registry refuses it
  const std::string file = file_name(kind, lower(name));
  for (Place &place : places_) {
    if (!is_there(place))
      continue;
    const std::string path = place.real + '/' + file;
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
      continue;
    if (status.st_dev == plugin.device && status.st_ino == plugin.inode)
      return {};
    if (trust_.folder(place.real))
      return failure(ErrorCode::already_exists,
                     "it enrolls the " + quoted(kind, name) + ", a name that is taken by '" + path + "'",
                     "a further name of a plugin has to be a link to its file: was the folder copied without links? "
                     "'cp -a' keeps them");
  }
  return {};
}

// Why a folder that somebody asked for, or that stands there but cannot be looked into, is of no use. Of the folders
// that are searched anyway, any can be missing.
std::optional<Error> DynamicPluginSet::Loader::problem_of(Place &place) {
  if (place.was_demanded && has_borrowed_privileges())
    return Error{ErrorCode::permission, 0,
                 "the plugin folder '" + place.given + "' cannot be used" + std::string(more_privileges)};
  if (is_there(place) || (!place.was_demanded && (place.problem == ENOENT || place.problem == ENOTDIR)))
    return std::nullopt;
  return Error{ErrorCode::not_found, place.problem,
               "the plugin folder '" + place.given + "' cannot be used: " + std::strerror(place.problem),
               place.was_demanded ? std::string(what_plugins_are) : ""};
}

// A folder that was asked for must have plugins and be safe to take them from, or a mistyped one would go unnoticed.
std::optional<Error> DynamicPluginSet::Loader::examine(Place &place) {
  if (!place.was_demanded || place.was_examined)
    return std::nullopt;
  const std::string unusable = "the plugin folder '" + place.given + "' cannot be used: ";
  if (const Result<void> trusted = trust_.folder(place.real); !trusted)
    return Error{trusted.error().code, trusted.error().sys_errno, unusable + trusted.error().message,
                 trusted.error().hint};
  const Result<std::vector<Entry>> entries = entries_of(place.real);
  if (!entries || entries->empty())
    return Error{ErrorCode::not_found, 0, unusable + (entries ? "it has no plugins" : entries.error().message),
                 std::string(what_plugins_are)};
  place.was_examined = true;
  return std::nullopt;
}

// Finds the plugin that a name belongs to, opens it, and makes sure that it provides what it was opened for. Null:
// there is none of that name.
Result<const DynamicPluginSet::Loader::Plugin *> DynamicPluginSet::Loader::locate(PluginKind kind,
                                                                                  const std::string &name) {
  if (!is_plugin_name(name))
    return nullptr;
  for (Place &place : places_) {
    if (std::optional<Error> problem = problem_of(place))
      return failure(*std::move(problem));
    if (!is_there(place))
      continue;
    if (std::optional<Error> problem = examine(place))
      return failure(*std::move(problem));
    OrRefused<const Plugin *> located = locate_in(place, kind, name);
    if (!located)
      return refusal_of(located.error());
    if (*located != nullptr)
      return *located;
  }
  return nullptr;
}

DynamicPluginSet::Loader::OrRefused<const DynamicPluginSet::Loader::Plugin *>
DynamicPluginSet::Loader::locate_in(const Place &place, PluginKind kind, const std::string &name) {
  const std::string found = place.real + '/' + file_name(kind, name);
  struct stat status{};
  if (::lstat(found.c_str(), &status) != 0) {
    if (errno == ENOENT)
      return nullptr;
    return refused(found, std::strerror(errno));
  }
  if (Result<void> trusted = trust_.folder(place.real); !trusted)
    return refused(found, std::move(trusted.error()));

  std::string path = found;
  if (S_ISLNK(status.st_mode)) {
    std::optional<std::string> real = target_of(found, status);
    if (!real)
      return refused(found, std::string("it is a link that leads nowhere: ") + std::strerror(errno));
    path = *std::move(real);
  }
  OrRefused<const Plugin *> plugin = open(path, status);
  if (!plugin)
    return plugin;
  const std::shared_ptr<const void> thing = find(kind, name);
  if (thing == nullptr || std::ranges::find((*plugin)->provides, thing.get()) == (*plugin)->provides.end())
    return refused(found, "it does not provide the " + quoted(kind, name));
  return plugin;
}

// The plugin in a file, opened and enrolled once. `path` is without links.
DynamicPluginSet::Loader::OrRefused<const DynamicPluginSet::Loader::Plugin *>
DynamicPluginSet::Loader::open(const std::string &path, const struct stat &status) {
  if (const auto old = std::ranges::find(plugins_, path, &Plugin::path); old != plugins_.end())
    return &*old;
  if (const auto old = std::ranges::find(refused_, path, &Refused::path); old != refused_.end())
    return tl::unexpected<Refused>(*old);
  Plugin plugin;
  plugin.path = path;
  plugin.device = status.st_dev;
  plugin.inode = status.st_ino;
  if (Result<void> loaded = load(plugin, status); !loaded) {
    refused_.push_back({path, std::move(loaded.error())});
    return tl::unexpected<Refused>(refused_.back());
  }
  plugins_.push_back(std::move(plugin));
  return &plugins_.back();
}

Result<void> DynamicPluginSet::Loader::load(Plugin &plugin, const struct stat &status) {
  const auto fault = [](std::string why, std::string hint = {}) {
    return failure(ErrorCode::plugin_fault, std::move(why), std::move(hint));
  };
  const std::optional<FileName> named = parse_file_name(base_name(plugin.path));
  if (!named)
    return fault(S_ISREG(status.st_mode) ? flaw_of_file_name(base_name(plugin.path)) : "it is not a regular file");
  // Botan locks its own pool of memory when it is loaded; its default size costs more than a whole run of ours.
  if (named->kind == PluginKind::mac_engine || (named->kind == PluginKind::random_source && named->name != "system"))
    ::setenv("BOTAN_MLOCK_POOL_SIZE", "16", 0);

  auto library = open_trusted_library(trust_, plugin.path, status);
  if (!library)
    return failure(std::move(library).error());
  plugin.library = *std::move(library);

  constexpr const char *symbol = "ntpkeygen_plugin";
  if (!plugin.library->has(symbol))
    return fault("it has no plugin descriptor (the symbol ntpkeygen_plugin)");
  plugin.descriptor = &plugin.library->get<const PluginDescriptor>(symbol);
  // A symbol is looked up in the libraries that a library depends on, too.
  std::error_code error;
  if (boost::dll::symbol_location_ptr(plugin.descriptor, error) != plugin.library->location(error))
    return fault("it has no plugin descriptor of its own; the symbol ntpkeygen_plugin is that of '" +
                 boost::dll::symbol_location_ptr(plugin.descriptor, error).string() + "'");

  const PluginDescriptor &descriptor = *plugin.descriptor;
  if (descriptor.magic != abi::magic)
    return fault("its descriptor does not begin with the magic words of a plugin");
  if (descriptor.abi != abi::version)
    return fault("it was built for plugin interface " + std::to_string(descriptor.abi) + ", this program has " +
                     std::to_string(abi::version),
                 "build the plugin with the headers of this program's version");
  if (descriptor.layout_digest != abi::layout_digest)
    return fault("its data types are laid out in another way than this program's",
                 "build the plugin with the same standard library, without _GLIBCXX_DEBUG and with its new strings");
  if (descriptor.name == nullptr || descriptor.version == nullptr || descriptor.summary == nullptr ||
      descriptor.enroll == nullptr)
    return fault("its descriptor lacks a name, a version, a summary or a function to enroll with");
  if (descriptor.kind != named->kind || lower(descriptor.name) != named->name) {
    const bool is_known = std::ranges::find(all_plugin_kinds, descriptor.kind) != all_plugin_kinds.end();
    return fault("its descriptor is that of " +
                 (is_known ? "the " + quoted(descriptor.kind, descriptor.name) : "an unknown kind") +
                 ", which its file name does not say");
  }

  return registry_.enroll(
      [&](Registrar &registrar) {
        RecordingRegistrar recorder(*this, plugin, registrar);
        return recorder.judge(descriptor.enroll(recorder));
      },
      plugin.library);
}

std::shared_ptr<const void> DynamicPluginSet::Loader::find(PluginKind kind, std::string_view name) const {
  switch (kind) {
  case PluginKind::random_source:
    return registry_.find<RandomSourceProvider>(name);
  case PluginKind::key_type:
    return registry_.find<KeyType>(name);
  case PluginKind::key_file_format:
    return registry_.find<KeyFileFormat>(name);
  case PluginKind::key_file_reader:
    return registry_.find<KeyFileReader>(name);
  case PluginKind::mac_engine:
    return registry_.find<MacEngine>(name);
  case PluginKind::entropy_assessment:
    return registry_.find<EntropyAssessment>(name);
  }
  return nullptr;
}

// Aliases are links to a file of the same kind. (A link to a file of another kind is the name of a further thing.)
std::vector<std::string> DynamicPluginSet::Loader::names(PluginKind kind, bool with_aliases) {
  std::vector<std::string> found;
  for (Place &place : places_) {
    if (!is_there(place))
      continue;
    const Result<std::vector<Entry>> entries = entries_of(place.real);
    if (!entries)
      continue;
    for (const Entry &entry : *entries) {
      const std::optional<FileName> named = parse_file_name(entry.name);
      if (!named || named->kind != kind)
        continue;
      const std::optional<FileName> target = parse_file_name(base_name(entry.link_target));
      if (with_aliases || !target || target->kind != kind)
        found.emplace_back(named->name);
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Error DynamicPluginSet::Loader::not_found(PluginKind kind, std::string_view asked) {
  constexpr std::size_t many = 12;
  const std::vector<std::string> all = names(kind);
  const std::string what = "there is no " + quoted(kind, asked);
  if (all.empty()) {
    std::string searched;
    for (Place &place : places_)
      searched += std::string(searched.empty() ? "" : ", ") + "'" + place.given + "'" +
                  (is_there(place) ? "" : std::string(" (") + std::strerror(place.problem) + ")");
    return {ErrorCode::not_found, 0,
            what + ": no plugin of this kind in " + (searched.empty() ? "any folder" : searched),
            "name the folder of the plugins with --plugin-dir"};
  }
  std::optional<std::string> near = did_you_mean(asked, all);
  std::vector<std::string> shown = all.size() > many ? names(kind, false) : all;
  if (kind == PluginKind::key_type) { // which the help and the documents call AES and SHA1
    std::ranges::for_each(shown, in_capitals);
    if (near)
      in_capitals(*near);
  }
  return {ErrorCode::not_found, 0, what + "; there are: " + listed(shown), near ? "did you mean '" + *near + "'?" : ""};
}

Result<PluginContents> DynamicPluginSet::Loader::open_file(const std::string &given) {
  if (has_borrowed_privileges())
    return failure(ErrorCode::permission, "the plugin '" + given + "' cannot be opened" + std::string(more_privileges));
  const std::optional<std::string> real = real_path(given);
  struct stat status{};
  if (!real || ::lstat(real->c_str(), &status) != 0) {
    const int number = errno;
    return failure(Error{number == ENOENT ? ErrorCode::not_found : ErrorCode::permission, number,
                         "the plugin '" + given + "' cannot be opened: " + std::strerror(number),
                         given.find('/') == std::string::npos
                             ? "give the path of the file, such as build/plugins/key_type-sha224.so"
                             : ""});
  }
  const OrRefused<const Plugin *> opened = open(*real, status);
  if (!opened)
    return refusal_of(opened.error());
  const Plugin &plugin = **opened;
  PluginContents contents{plugin.path, plugin.descriptor};
  const auto take = [&](auto &own) {
    using T = PluginContents::ThingOf<decltype(own)>;
    for (const std::shared_ptr<const T> &thing : registry_.all<T>())
      if (std::ranges::find(plugin.provides, thing.get()) != plugin.provides.end())
        own.push_back(thing);
  };
  std::apply([&](auto &...own) { (take(own), ...); }, contents.things);
  return contents;
}

template <class T> void DynamicPluginSet::Loader::add_rows(std::vector<PluginRow> &rows) const {
  for (const std::shared_ptr<const T> &thing : registry_.all<T>())
    for (const Plugin &plugin : plugins_) {
      if (std::ranges::find(plugin.provides, thing.get()) == plugin.provides.end())
        continue;
      const PluginDescriptor &descriptor = *plugin.descriptor;
      PluginRow row{kind_of<T>, std::string(name_of(*thing)), descriptor.version, plugin.path, descriptor.summary};
      if constexpr (requires { thing->info().summary; })
        row.summary = thing->info().summary;
      if constexpr (std::is_same_v<T, KeyFileReader>)
        row.summary = "what " + thing->info().product + " " + thing->info().version + " loads from a keys file";
      if constexpr (std::is_same_v<T, RandomSourceProvider>)
        if (!thing->info().argument_required)
          if (const Result<void> available = thing->available(""); !available) {
            row.available = false;
            row.reason = words_of(available.error());
          }
      rows.push_back(std::move(row));
    }
}

PluginInventory DynamicPluginSet::Loader::inventory() {
  PluginInventory inventory;
  const auto refuse = [&](const std::string &path, const Error &why) {
    if (std::ranges::find(inventory.refused, path, &RefusedPlugin::path) == inventory.refused.end())
      inventory.refused.push_back({path, words_of(why) + (why.hint.empty() ? "" : "; " + why.hint)});
  };
  std::vector<std::string> seen; // a file hides those of the same name in later folders
  for (Place &place : places_) {
    if (std::optional<Error> problem = problem_of(place)) {
      refuse(place.given, *problem);
      if (place.was_demanded)
        inventory.unusable.push_back(*std::move(problem));
      continue;
    }
    if (!is_there(place))
      continue;
    std::optional<Error> problem = examine(place);
    if (problem)
      inventory.unusable.push_back(*problem);
    const Result<std::vector<Entry>> entries = entries_of(place.real);
    if (!entries) {
      refuse(place.real, entries.error());
      continue;
    }
    if (entries->empty()) {
      if (Result<void> trusted = trust_.folder(place.real); !trusted)
        refuse(place.real, trusted.error());
      else if (problem)
        refuse(place.given, *problem);
    }
    for (const Entry &entry : *entries) {
      if (std::ranges::find(seen, entry.name) != seen.end())
        continue;
      seen.push_back(entry.name);
      if (const std::optional<FileName> named = parse_file_name(entry.name)) {
        if (auto located = locate_in(place, named->kind, std::string(named->name)); !located)
          refuse(located.error().path, located.error().why);
      } else {
        refuse(place.real + '/' + entry.name, {ErrorCode::plugin_fault, 0, flaw_of_file_name(entry.name)});
      }
    }
  }
  add_rows<RandomSourceProvider>(inventory.plugins);
  add_rows<KeyType>(inventory.plugins);
  add_rows<KeyFileFormat>(inventory.plugins);
  add_rows<KeyFileReader>(inventory.plugins);
  add_rows<MacEngine>(inventory.plugins);
  add_rows<EntropyAssessment>(inventory.plugins);
  std::ranges::sort(inventory.refused, {}, &RefusedPlugin::path);
  return inventory;
}

DynamicPluginSet::DynamicPluginSet(std::vector<std::string> folders)
    : loader_(std::make_unique<Loader>(std::move(folders))) {}
DynamicPluginSet::~DynamicPluginSet() = default;

Result<std::shared_ptr<const RandomSourceProvider>> DynamicPluginSet::random_source(std::string_view name) {
  return loader_->get<RandomSourceProvider>(name);
}
Result<std::shared_ptr<const KeyType>> DynamicPluginSet::key_type(std::string_view name) {
  return loader_->get<KeyType>(name);
}
Result<std::shared_ptr<const KeyFileFormat>> DynamicPluginSet::key_file_format(std::string_view name) {
  return loader_->get<KeyFileFormat>(name);
}
Result<std::shared_ptr<const KeyFileReader>> DynamicPluginSet::key_file_reader(std::string_view name) {
  return loader_->get<KeyFileReader>(name);
}
Result<std::shared_ptr<const MacEngine>> DynamicPluginSet::mac_engine(std::string_view name) {
  return loader_->get<MacEngine>(name);
}
Result<std::shared_ptr<const EntropyAssessment>> DynamicPluginSet::entropy_assessment(std::string_view name) {
  return loader_->get<EntropyAssessment>(name);
}
std::string DynamicPluginSet::version(PluginKind kind, std::string_view name) {
  return loader_->version(kind, name);
}
std::vector<std::string> DynamicPluginSet::names(PluginKind kind) {
  return loader_->names(kind);
}
PluginInventory DynamicPluginSet::inventory() {
  return loader_->inventory();
}
Result<PluginContents> DynamicPluginSet::open_file(const std::string &path) {
  return loader_->open_file(path);
}
void DynamicPluginSet::search_first(const std::vector<std::string> &folders) {
  loader_->search_first(folders);
}

} // namespace ntpkeygen
