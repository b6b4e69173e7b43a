// A random source that is not available here, and one that needs an argument to say whether it is.
#include "ntpkeygen/sdk/plugin.hpp"

namespace {

using namespace ntpkeygen;

class Absent final : public RandomSourceProvider {
public:
  Absent(std::string name, bool argument_required) {
    info_.name = std::move(name);
    info_.summary = "a source for tests";
    info_.argument_required = argument_required;
  }
  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> available(std::string_view) const noexcept override {
    return guarded([]() -> Result<void> { return failure(ErrorCode::unavailable, "no such device"); });
  }
  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view) const noexcept override {
    return failure(Error{ErrorCode::unavailable});
  }

private:
  SourceInfo info_;
};

Result<void> enroll(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<Absent>("absent", false)); !added)
    return added;
  return registrar.add(std::make_unique<Absent>("absent-file", true));
}

} // namespace

NTPKEYGEN_PLUGIN(random_source, "absent", "1.0", "a fixture", enroll);
