// The laws that plugins are held to: for each kind, what the headers of the SDK promise of it, as far as it can be
// tried.
#pragma once

#include "verify/finding.hpp"

#include "ntpkeygen/host/dynamic_plugin_set.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace ntpkeygen::verify {

// What there is beside the thing that is tried.
struct World {
  const PluginContents &plugin;
  PluginSet &others; // plugins that are installed, or lie beside this one
  std::chrono::nanoseconds time{};
};

template <class T> struct Law {
  std::string_view name;     // as in JSON
  std::string_view sentence; // what holds, of "it"
  Finding (*examine)(const T &thing, World &world);
};

// Of the plugin as a whole, and of the things of each kind.
template <class T> [[nodiscard]] std::span<const Law<T>> laws_of();
template <> std::span<const Law<PluginContents>> laws_of();
template <> std::span<const Law<RandomSourceProvider>> laws_of();
template <> std::span<const Law<KeyType>> laws_of();
template <> std::span<const Law<KeyFileFormat>> laws_of();
template <> std::span<const Law<KeyFileReader>> laws_of();
template <> std::span<const Law<MacEngine>> laws_of();
template <> std::span<const Law<EntropyAssessment>> laws_of();

// A law of its own, since nothing else may be open: what is opened can be closed. A plugin that stays in memory hides
// what its unloading would break.
inline constexpr std::string_view closing_name = "closing", closing_sentence = "leaves memory when it is closed";
[[nodiscard]] Finding closes(const std::string &path);

} // namespace ntpkeygen::verify
