// What has been enrolled, by kind and name. Names and the aliases of key types share one space per kind.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace ntpkeygen {

class Registry {
public:
  // Calls `enroll` with a registrar and takes all that it adds, or, on any error, nothing. `keep_alive` (a library, or
  // null) lives as long as any pointer that find() gave out. An exception out of `enroll` is a plugin_fault.
  [[nodiscard]] Result<void> enroll(const std::function<Result<void>(Registrar &)> &enroll,
                                    const std::shared_ptr<const void> &keep_alive);

  // By name or alias, in any case; null when it is not enrolled. T is one of the six interfaces that Registrar takes.
  template <class T> [[nodiscard]] std::shared_ptr<const T> find(std::string_view name) const;

  // Everything of one kind, by canonical name.
  template <class T> [[nodiscard]] const std::vector<std::shared_ptr<const T>> &all() const;

private:
  class Staging;
  template <class T> using Shelf = std::vector<std::shared_ptr<const T>>;
  std::tuple<Shelf<RandomSourceProvider>, Shelf<KeyType>, Shelf<KeyFileFormat>, Shelf<KeyFileReader>, Shelf<MacEngine>,
             Shelf<EntropyAssessment>>
      shelves_;
};

// The kind that an interface belongs to.
template <class T> inline constexpr PluginKind kind_of = PluginKind::random_source;
template <> inline constexpr PluginKind kind_of<KeyType> = PluginKind::key_type;
template <> inline constexpr PluginKind kind_of<KeyFileFormat> = PluginKind::key_file_format;
template <> inline constexpr PluginKind kind_of<KeyFileReader> = PluginKind::key_file_reader;
template <> inline constexpr PluginKind kind_of<MacEngine> = PluginKind::mac_engine;
template <> inline constexpr PluginKind kind_of<EntropyAssessment> = PluginKind::entropy_assessment;

// The kind as messages call it: "key type".
[[nodiscard]] std::string_view kind_in_words(PluginKind kind) noexcept;

// The canonical name of an enrolled thing.
template <class T> [[nodiscard]] std::string_view name_of(const T &thing) noexcept {
  if constexpr (requires { thing.info(); })
    return thing.info().name;
  else
    return thing.name();
}

// Whether a name or alias may be enrolled and looked up: 1 to 64 of A-Z a-z 0-9 @ . + _ -, all of which a file name can
// hold.
[[nodiscard]] bool is_plugin_name(std::string_view name) noexcept;

} // namespace ntpkeygen
