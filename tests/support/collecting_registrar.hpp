// A Registrar that keeps what a plugin enrolls, in the order in which it comes.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace ntpkeygen::test {

struct CollectingRegistrar final : Registrar {
  [[nodiscard]] Result<void> add(std::unique_ptr<RandomSourceProvider> provider) noexcept override {
    random_sources.push_back(std::move(provider));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyType> type) noexcept override {
    key_types.push_back(std::move(type));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyFileFormat> format) noexcept override {
    formats.push_back(std::move(format));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<KeyFileReader> reader) noexcept override {
    readers.push_back(std::move(reader));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<MacEngine> engine) noexcept override {
    mac_engines.push_back(std::move(engine));
    return {};
  }
  [[nodiscard]] Result<void> add(std::unique_ptr<EntropyAssessment> assessment) noexcept override {
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
