// A third party's random sources, with nothing wrong about the plugin: one that works, and one that says it is there
// and cannot be opened.
#include "ntpkeygen/sdk/plugin.hpp"

namespace {

using namespace ntpkeygen;

class Counter final : public RandomSource {
public:
  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &) noexcept override {
    for (std::byte &byte : out)
      byte = static_cast<std::byte>(next_++);
    return {};
  }

private:
  std::uint32_t next_ = 0;
};

class Foreign final : public RandomSourceProvider {
public:
  Foreign(std::string name, bool opens) : opens_(opens) {
    info_.name = std::move(name);
    info_.summary = "a source for tests";
    info_.nature = SourceNature::drbg;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return guarded([this]() -> Result<std::unique_ptr<RandomSource>> {
      if (!opens_)
        return failure(ErrorCode::unavailable, "it was there a moment ago");
      return std::make_unique<Counter>();
    });
  }

private:
  SourceInfo info_;
  bool opens_;
};

Result<void> enroll(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<Foreign>("foreign", true)); !added)
    return added;
  return registrar.add(std::make_unique<Foreign>("foreign-broken", false));
}

} // namespace

NTPKEYGEN_PLUGIN(random_source, "foreign", "1.0", "a fixture", enroll);
