// The plugins that a command can use, by name. A name is looked up when it is needed, and only then is a plugin opened.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen {

struct PluginRow { // one thing that a plugin provides
  PluginKind kind{};
  std::string name{}, version{}, path{}, summary{};
  bool available = true;
  std::string reason{}; // why it is not available
};
struct RefusedPlugin {
  std::string path{}, reason{};
};
struct PluginInventory {
  std::vector<PluginRow> plugins{};     // by kind, then name
  std::vector<RefusedPlugin> refused{}; // by path
  std::vector<Error> unusable{};        // folders of search_first, each with the reason
};

// Names are compared without regard to case; a name that no file name can hold (a slash in it, say) is simply not
// found. Errors: not_found (the message lists what there is, the hint is a did-you-mean), plugin_fault (refused, with
// the reason).
class PluginSet {
public:
  virtual ~PluginSet() = default;
  [[nodiscard]] virtual Result<std::shared_ptr<const RandomSourceProvider>> random_source(std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const KeyType>> key_type(std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const KeyFileFormat>> key_file_format(std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const KeyFileReader>> key_file_reader(std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const MacEngine>> mac_engine(std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const EntropyAssessment>> entropy_assessment(std::string_view name) = 0;

  // The version of the plugin that provides this; empty where there is none, or it is refused.
  [[nodiscard]] virtual std::string version(PluginKind kind, std::string_view name) = 0;

  // All names of a kind, aliases included, sorted; read from file names, nothing is opened.
  [[nodiscard]] virtual std::vector<std::string> names(PluginKind kind) = 0;
  // Opens everything there is.
  [[nodiscard]] virtual PluginInventory inventory() = 0;
  // Folders to look in before all others, in this order. They must exist: until they do, every look-up that gets to one
  // is not_found, naming it.
  virtual void search_first(const std::vector<std::string> &folders) = 0;
};

} // namespace ntpkeygen
