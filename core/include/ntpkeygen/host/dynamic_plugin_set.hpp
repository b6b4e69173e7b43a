// Plugins in folders of shared objects: found by file name, checked before they are opened, opened once, and kept open
// until the set and everything that it gave out are gone.
//
// Which paths are trusted, and why: docs/plugin-abi.md, "Where plugins may lie".
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"

#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace ntpkeygen {

// The folders that this process searches without being told to, in order: NTPKEYGEN_PLUGIN_PATH, the folder relative to
// the executable, the compiled-in one; under AT_SECURE (set-uid, file capabilities) only the last.
[[nodiscard]] std::vector<std::string> default_plugin_folders();

// What one plugin provides, in the order of names.
struct PluginContents {
  template <class T> using All = std::vector<std::shared_ptr<const T>>;
  // The T of an All<T>, or of a reference to one.
  template <class Things> using ThingOf =
      std::remove_const_t<typename std::remove_cvref_t<Things>::value_type::element_type>;

  std::string path{};                           // without links
  const PluginDescriptor *descriptor = nullptr; // as long as the set that opened it, or one of the things, lives
  std::tuple<All<RandomSourceProvider>, All<KeyType>, All<KeyFileFormat>, All<KeyFileReader>, All<MacEngine>,
             All<EntropyAssessment>>
      things{};

  template <class T> [[nodiscard]] const All<T> &all() const { return std::get<All<T>>(things); }
};

class DynamicPluginSet final : public PluginSet {
public:
  explicit DynamicPluginSet(std::vector<std::string> folders);
  ~DynamicPluginSet() override;

  [[nodiscard]] Result<std::shared_ptr<const RandomSourceProvider>> random_source(std::string_view name) override;
  [[nodiscard]] Result<std::shared_ptr<const KeyType>> key_type(std::string_view name) override;
  [[nodiscard]] Result<std::shared_ptr<const KeyFileFormat>> key_file_format(std::string_view name) override;
  [[nodiscard]] Result<std::shared_ptr<const KeyFileReader>> key_file_reader(std::string_view name) override;
  [[nodiscard]] Result<std::shared_ptr<const MacEngine>> mac_engine(std::string_view name) override;
  [[nodiscard]] Result<std::shared_ptr<const EntropyAssessment>> entropy_assessment(std::string_view name) override;
  [[nodiscard]] std::string version(PluginKind kind, std::string_view name) override;
  [[nodiscard]] std::vector<std::string> names(PluginKind kind) override;
  [[nodiscard]] PluginInventory inventory() override;
  void search_first(const std::vector<std::string> &folders) override;

  // Opens exactly this file, wherever it lies, by the rules for any other plugin. Errors: not_found, plugin_fault
  // (refused, with the reason).
  [[nodiscard]] Result<PluginContents> open_file(const std::string &path);

private:
  class Loader;
  std::unique_ptr<Loader> loader_;
};

} // namespace ntpkeygen
