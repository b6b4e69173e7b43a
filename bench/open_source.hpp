// A random source as it is measured, and as keys are made of it.
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ntpkeygen::bench {

// Key bits or raw noise, whichever the source has. Raw noise counts a byte for each sample.
struct OpenSource {
  std::unique_ptr<RandomSource> source{};
  std::unique_ptr<NoiseSource> noise{};

  [[nodiscard]] static Result<OpenSource> open(const RandomSourceProvider &provider, std::string_view argument);
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) const {
    return source != nullptr ? source->fill(out, control)
                             : noise->sample({reinterpret_cast<std::uint8_t *>(out.data()), out.size()}, control);
  }
  [[nodiscard]] SourceStats stats() const { return source != nullptr ? source->stats() : SourceStats{}; }
};

struct Openings {
  std::function<Result<OpenSource>()> as_it_is{};
  std::function<Result<OpenSource>()> for_keys{}; // watched, and conditioned if it is raw noise
};

// `typed`: SOURCE[:ARG]. `plugins` and `memory` outlive what is returned and opened. Errors: not_found, plugin_fault.
[[nodiscard]] Result<Openings> find_source(const std::string &typed, PluginSet &plugins, SecretMemory &memory);

} // namespace ntpkeygen::bench
