#include "ntpkeygen/host/random/key_source.hpp"

#include "ntpkeygen/host/ascii.hpp"
#include "ntpkeygen/host/random/conditioning.hpp"
#include "ntpkeygen/host/random/tested_noise.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ntpkeygen {
namespace {

constexpr std::string_view conditioned_prefix = "conditioned:";

std::string in_decimals(double value) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 6).ptr;
  return {digits.data(), end};
}

} // namespace

Result<KeySource> KeySource::find(std::span<const std::string> names, std::optional<double> min_entropy,
                                  PluginSet &plugins) {
  KeySource found;
  found.min_entropy_ = min_entropy;
  for (const std::string &typed : names) {
    One one{.typed = typed, .conditioned = typed.starts_with(conditioned_prefix)};
    const std::string rest = one.conditioned ? typed.substr(conditioned_prefix.size()) : typed;
    const std::size_t colon = rest.find(':');
    const std::string name = rest.substr(0, colon);
    one.argument = colon == std::string::npos ? "" : rest.substr(colon + 1);
    one.name = name;
    if (name.empty())
      return failure(ErrorCode::invalid_argument, "'--source " + typed + "': expected NAME or NAME:ARG",
                     "'ntpkeygen entropy list' lists them");
    const auto same = [&](const One &other) {
      return equal_ignoring_case(other.name, name) && other.argument == one.argument &&
             other.conditioned == one.conditioned;
    };
    if (std::ranges::any_of(found.sources_, same))
      return failure(ErrorCode::invalid_argument, "the random source '" + typed + "' is given twice",
                     "sources that are mixed have to be independent of each other");
    auto provider = plugins.random_source(name);
    if (!provider)
      return failure(std::move(provider).error());
    const bool is_noise = (*provider)->info().nature == SourceNature::raw_noise;
    if (is_noise && !one.conditioned)
      return failure(ErrorCode::unsupported,
                     "the random source '" + name + "' gives raw noise, which must not become keys as it is",
                     "write '--source conditioned:" + rest + "'");
    if (!is_noise && one.conditioned)
      return failure(ErrorCode::unsupported,
                     "the random source '" + name + "' gives no raw noise: there is nothing to condition",
                     "write '--source " + rest + "'");
    one.provider = std::move(*provider);
    found.name_ += (found.name_.empty() ? "" : " + ") + typed;
    found.sources_.push_back(std::move(one));
  }
  const bool conditions = std::ranges::any_of(found.sources_, &One::conditioned);
  if (min_entropy && !conditions)
    return failure(ErrorCode::invalid_argument,
                   "'--min-entropy' is for conditioned noise, and no source is conditioned",
                   "leave it out, or write '--source conditioned:NAME'");
  if (conditions || found.sources_.size() > 1) {
    auto engine = plugins.mac_engine("botan");
    if (!engine)
      return failure(std::move(engine).error());
    found.engine_ = std::move(*engine);
  }
  return found;
}

Result<std::unique_ptr<RandomSource>> KeySource::open(SecretMemory &memory, std::vector<Remark> &remarks) const {
  std::vector<std::unique_ptr<RandomSource>> opened;
  for (const One &one : sources_) {
    auto source = open(one, memory, remarks);
    if (!source)
      return source;
    opened.push_back(std::move(*source));
  }
  if (std::ranges::all_of(sources_, [](const One &one) { return one.provider->info().nature == SourceNature::replay; }))
    remarks.push_back({"the keys are as random and as secret as what is read from '" + name_ +
                           "', and read from it again they are the same keys again",
                       true});
  return opened.size() == 1 ? std::move(opened.front()) : mix(std::move(opened), *engine_, memory);
}

Result<std::unique_ptr<RandomSource>> KeySource::open(const One &one, SecretMemory &memory,
                                                      std::vector<Remark> &remarks) const {
  if (!one.conditioned) {
    auto source = one.provider->open(one.argument);
    // The kernel's generator is beyond such doubts, and a check of it would only cost.
    if (!source || one.provider->info().nature == SourceNature::os)
      return source;
    return std::make_unique<StuckCheckedSource>(std::move(*source), one.typed, memory);
  }
  auto noise = one.provider->open_noise(one.argument);
  if (!noise)
    return failure(std::move(noise).error());
  const double claimed = min_entropy_.value_or((*noise)->claimed_min_entropy());
  const auto cutoffs = health_cutoffs(claimed, (*noise)->sample_bits());
  if (!cutoffs)
    return failure(cutoffs.error());
  remarks.push_back(
      {one.typed + ": " + in_decimals(claimed) + " bits of min-entropy per sample of " +
       std::to_string((*noise)->sample_bits()) + " are claimed by " + (min_entropy_ ? "--min-entropy" : "the source") +
       "; " + std::to_string(samples_for_a_block(claimed)) + " samples make 256 bits; health tests of SP 800-90B: " +
       std::to_string(cutoffs->repetition) + " equal in a row" +
       (cutoffs->proportion_can_fail() ? ", " + std::to_string(cutoffs->proportion) + " of " +
                                             std::to_string(cutoffs->window) + " equal to the first"
                                       : "") +
       ", alpha 2^-" + std::to_string(cutoffs->alpha_exponent)});
  return condition(std::make_unique<TestedNoise>(std::move(*noise), *cutoffs, one.typed), *engine_, memory);
}

} // namespace ntpkeygen
