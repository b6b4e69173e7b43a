#include "bench/open_source.hpp"

#include "ntpkeygen/host/random/key_source.hpp"

#include <utility>

namespace ntpkeygen::bench {

Result<OpenSource> OpenSource::open(const RandomSourceProvider &provider, std::string_view argument) {
  OpenSource opened;
  if (provider.info().nature == SourceNature::raw_noise) {
    auto noise = provider.open_noise(argument);
    if (!noise)
      return failure(std::move(noise).error());
    opened.noise = std::move(*noise);
  } else {
    auto source = provider.open(argument);
    if (!source)
      return failure(std::move(source).error());
    opened.source = std::move(*source);
  }
  return opened;
}

Result<Openings> find_source(const std::string &typed, PluginSet &plugins, SecretMemory &memory) {
  const std::size_t colon = typed.find(':');
  auto provider = plugins.random_source(typed.substr(0, colon));
  if (!provider)
    return failure(std::move(provider).error());
  const std::string argument = colon == std::string::npos ? "" : typed.substr(colon + 1);
  const bool is_noise = (*provider)->info().nature == SourceNature::raw_noise;
  const std::string name = (is_noise ? "conditioned:" : "") + typed;
  // What conditions may be missing where the noise is there: that is told when keys are asked for.
  auto keys = std::make_shared<const Result<KeySource>>(KeySource::find(std::span(&name, 1), std::nullopt, plugins));
  return Openings{[provider = *std::move(provider), argument] { return OpenSource::open(*provider, argument); },
                  [keys = std::move(keys), &memory]() -> Result<OpenSource> {
                    if (!*keys)
                      return failure(keys->error());
                    auto source = (*keys)->open(memory, [](const KeySource::Remark &) {});
                    if (!source)
                      return failure(std::move(source).error());
                    OpenSource opened;
                    opened.source = std::move(*source);
                    return opened;
                  }};
}

} // namespace ntpkeygen::bench
