// A PluginSet of plugins that are linked into the test: the same enroll functions, no files, no loader.
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"
#include "ntpkeygen/host/registry.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ntpkeygen::test {

class RegisteredPlugins final : public PluginSet {
public:
  void enroll(Result<void> (*plugin)(Registrar &)) {
    auto enrolled = registry_.enroll(plugin, nullptr);
    ASSERT_TRUE(enrolled) << enrolled.error().message;
  }
  [[nodiscard]] Result<std::shared_ptr<const RandomSourceProvider>> random_source(std::string_view name) override {
    return find<RandomSourceProvider>(name);
  }
  [[nodiscard]] Result<std::shared_ptr<const KeyType>> key_type(std::string_view name) override {
    return find<KeyType>(name);
  }
  [[nodiscard]] Result<std::shared_ptr<const KeyFileFormat>> key_file_format(std::string_view name) override {
    return find<KeyFileFormat>(name);
  }
  [[nodiscard]] Result<std::shared_ptr<const KeyFileReader>> key_file_reader(std::string_view name) override {
    return find<KeyFileReader>(name);
  }
  [[nodiscard]] Result<std::shared_ptr<const MacEngine>> mac_engine(std::string_view name) override {
    return find<MacEngine>(name);
  }
  [[nodiscard]] Result<std::shared_ptr<const EntropyAssessment>> entropy_assessment(std::string_view name) override {
    return find<EntropyAssessment>(name);
  }
  // What is linked in has a version only where a test gives it one.
  [[nodiscard]] std::string version(PluginKind kind, std::string_view name) override {
    const auto found = std::ranges::find_if(listed.plugins,
                                            [&](const PluginRow &row) { return row.kind == kind && row.name == name; });
    return found == listed.plugins.end() ? "" : found->version;
  }
  // Without aliases.
  [[nodiscard]] std::vector<std::string> names(PluginKind kind) override {
    std::vector<std::string> found;
    const auto add = [&]<class T>(const std::vector<std::shared_ptr<const T>> &all) {
      for (const auto &thing : all)
        if (kind_of<T> == kind)
          found.emplace_back(name_of(*thing));
    };
    add(registry_.all<RandomSourceProvider>());
    add(registry_.all<KeyType>());
    add(registry_.all<KeyFileFormat>());
    add(registry_.all<KeyFileReader>());
    add(registry_.all<MacEngine>());
    add(registry_.all<EntropyAssessment>());
    return found;
  }
  [[nodiscard]] PluginInventory inventory() override { return listed; }
  void search_first(const std::vector<std::string> &folders) override { searched_first = folders; }

  PluginInventory listed;
  std::vector<std::string> searched_first;

private:
  template <class T> Result<std::shared_ptr<const T>> find(std::string_view name) {
    if (auto found = registry_.find<T>(name))
      return found;
    return failure(ErrorCode::not_found, "there is no '" + std::string(name) + "'");
  }
  Registry registry_;
};

} // namespace ntpkeygen::test
