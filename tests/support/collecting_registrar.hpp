// A Registrar that keeps what a plugin enrolls, in the order in which it comes.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace ntpkeygen::test {

struct CollectingRegistrar final : Registrar {
  [[nodiscard]] Result<void> add(std::unique_ptr<RandomSourceProvider> provider) override {
    random_sources.push_back(std::move(provider));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyType> type) override {
    key_types.push_back(std::move(type));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyFileFormat> format) override {
    formats.push_back(std::move(format));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyFileReader> reader) override {
    readers.push_back(std::move(reader));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<MacEngine> engine) override {
    mac_engines.push_back(std::move(engine));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<EntropyAssessment> assessment) override {
    entropy_assessments.push_back(std::move(assessment));
    return {};
  }

  std::vector<std::unique_ptr<RandomSourceProvider>> random_sources{};
  std::vector<std::unique_ptr<KeyType>> key_types{};
  std::vector<std::unique_ptr<KeyFileFormat>> formats{};
  std::vector<std::unique_ptr<KeyFileReader>> readers{};
  std::vector<std::unique_ptr<MacEngine>> mac_engines{};
  std::vector<std::unique_ptr<EntropyAssessment>> entropy_assessments{};
};

} // namespace ntpkeygen::test
