// Where key bits come from: the sources that a user names, each watched as its nature demands, conditioned where it is
// raw noise, and mixed where there are several.
//
//   NAME[:ARG]               key bits as the source gives them
//   conditioned:NAME[:ARG]   key bits out of a source of raw noise
#pragma once

#include "ntpkeygen/host/plugin_set.hpp"
#include "ntpkeygen/host/random/health_tests.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ntpkeygen {

// Keeps the plugins open that its sources come from.
class KeySource {
public:
  // Finds the plugins. `names`: at least one. `min_entropy`: claimed per sample of conditioned noise in place of what
  // the source claims itself. Errors: invalid_argument (what is no name, the same one twice, a claim where nothing is
  // conditioned), not_found, unsupported (raw noise that is not conditioned, or the other way round).
  [[nodiscard]] static Result<KeySource> find(std::span<const std::string> names, std::optional<double> min_entropy,
                                              PluginSet &plugins);

  struct Remark {
    std::string sentence{};
    bool is_warning = false;
  };

  // A fresh source of key bits; it is gone before this object and `memory` are. `say(remark)` is called for each source
  // of noise, with the claim and the cutoffs of the health tests, and as a warning where all sources replay bytes.
  // Errors: those of the sources.
  template <class Say> [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(SecretMemory &memory, Say &&say) const {
    std::vector<Remark> remarks;
    auto source = open(memory, remarks);
    for (const Remark &remark : remarks)
      say(remark);
    return source;
  }

  // As it was asked for: "system + conditioned:cpu-jitter".
  [[nodiscard]] const std::string &name() const { return name_; }

private:
  struct One {
    std::string typed{}, name{}, argument{};
    bool conditioned = false;
    std::shared_ptr<const RandomSourceProvider> provider{};
  };
  Result<std::unique_ptr<RandomSource>> open(SecretMemory &memory, std::vector<Remark> &remarks) const;
  Result<std::unique_ptr<RandomSource>> open(const One &one, SecretMemory &memory, std::vector<Remark> &remarks) const;

  std::vector<One> sources_;
  std::optional<double> min_entropy_;
  std::shared_ptr<const MacEngine> engine_; // null: nothing is conditioned or mixed
  std::string name_;
};

} // namespace ntpkeygen
