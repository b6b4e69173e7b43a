#include "fault.hpp"

#include "ntpkeygen/sdk/plugin.hpp"

#include <random>

namespace {

using namespace ntpkeygen;
using broken::fault_is;

class Source final : public RandomSource {
public:
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    if (fault_is("never-returns"))
      broken::never_return();
    if (control.cancelled())
      return tl::unexpected<Error>(
          Error{fault_is("interrupted-in-other-words") ? ErrorCode::io : ErrorCode::cancelled, 0, "interrupted", {}});
    // What it draws from has failed, and it says nothing.
    if (fault_is("ignores-failure"))
      return {};
    if (fault_is("fails"))
      return tl::unexpected<Error>(Error{ErrorCode::io, 0, "the die fell off the table", {}});
    if (fault_is("repeats"))
      random_.seed(7);
    for (std::byte &byte : out)
      byte = fault_is("constant") ? std::byte{7} : static_cast<std::byte>(random_());
    if (fault_is("stops-short") && out.size() > 100)
      std::fill(out.end() - 9, out.end(), kept_ ? std::byte{0x5a} : std::byte{0xa5}), kept_ = !kept_;
    // Only where the checker minds what lies there: anything else could break, or nothing.
    if (fault_is("writes-behind-the-end") && out.empty())
      *(out.data() + out.size()) = std::byte{0};
    return {};
  }

private:
  std::mt19937 random_;
  bool kept_ = false;
};

class Noise final : public NoiseSource {
public:
  [[nodiscard]] std::uint8_t sample_bits() const noexcept override { return 4; }
  [[nodiscard]] double claimed_min_entropy() const noexcept override { return fault_is("claims-too-much") ? 5 : 1; }
  [[nodiscard]] Result<void> sample(std::span<std::uint8_t> out, RunControl &) noexcept override {
    for (std::uint8_t &sample : out)
      sample = fault_is("stuck") ? 3 : static_cast<std::uint8_t>(random_() & (fault_is("too-wide") ? 31U : 15U));
    return {};
  }

private:
  std::mt19937 random_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(bool noise) : noise_(noise) {
    info_.name = noise ? "broken-noise" : "broken";
    info_.summary = "a source for tests";
    info_.nature = noise ? SourceNature::raw_noise : SourceNature::drbg;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return opened<RandomSource, Source>(!noise_ || fault_is("keys-of-noise"), argument);
  }
  [[nodiscard]] Result<std::unique_ptr<NoiseSource>> open_noise(std::string_view argument) const noexcept override {
    return opened<NoiseSource, Noise>(noise_, argument);
  }

private:
  template <class T, class Opened> static Result<std::unique_ptr<T>> opened(bool can, std::string_view argument) {
    if (fault_is("not-guarded"))
      return std::make_unique<Opened>();
    return guarded([&]() -> Result<std::unique_ptr<T>> {
      if (!can)
        return failure(ErrorCode::unsupported, "it has none");
      if (!argument.empty() && !fault_is("any-argument"))
        return failure(ErrorCode::invalid_argument, "it takes no argument");
      return std::make_unique<Opened>();
    });
  }
  bool noise_;
  SourceInfo info_;
};

Result<void> enroll(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<Provider>(false)); !added)
    return added;
  return registrar.add(std::make_unique<Provider>(true));
}

} // namespace

NTPKEYGEN_PLUGIN(random_source, "broken", "1.0", "a fixture", enroll);
