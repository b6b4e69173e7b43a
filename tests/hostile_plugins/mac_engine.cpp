// A MAC engine, so that there is a second kind; it tells what the size of Botan's pool was when it was opened.
#include "fake_key_type.hpp"

#include <cstdlib>

namespace {

using namespace ntpkeygen;

class FakeEngine final : public MacEngine {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
  [[nodiscard]] bool supports(const MacSpec &) const noexcept override { return false; }
  [[nodiscard]] Result<std::unique_ptr<Mac>> prepare(const MacSpec &,
                                                     std::span<const std::byte>) const noexcept override {
    return guarded([]() -> Result<std::unique_ptr<Mac>> {
      return failure(ErrorCode::unsupported, std::string("pool size ") + (pool_size == nullptr ? "unset" : pool_size));
    });
  }

private:
  static const char *const pool_size;
};
const char *const FakeEngine::pool_size = std::getenv("BOTAN_MLOCK_POOL_SIZE");

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<FakeEngine>());
}

} // namespace

NTPKEYGEN_PLUGIN(mac_engine, "fake", "1.0", "a fixture", enroll);
