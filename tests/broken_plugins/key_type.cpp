#include "fault.hpp"

#include "ntpkeygen/sdk/plugin.hpp"
#include "ntpkeygen/sdk/simple_key_type.hpp"

#include <array>
#include <memory>

namespace {

using namespace ntpkeygen;
using broken::fault_is;

class Broken final : public KeyType {
public:
  Broken() {
    info_ = {.name = "BROKEN",
             .summary = fault_is("summary-of-two-lines") ? "one\ntwo" : "a key type for tests",
             .aliases = {},
             .lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "broken", 16}}},
             .default_bits = 160,
             .advice = {}};
    if (fault_is("name-of-another-mac"))
      info_.lengths[0].mac.algorithm = "md5";
    if (fault_is("alias-without-link"))
      info_.aliases = {{"unlinked", 0}};
  }
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> validate(std::span<const std::byte> key) const noexcept override {
    if (fault_is("takes-any-length"))
      return {};
    if (fault_is("throws") && key.size() == 3)
      broken::let_an_exception_out();
    if (fault_is("ends-the-process") && key.size() == 3)
      std::_Exit(7);
    if (fault_is("never-returns") && key.size() == 3)
      broken::never_return();
    if (fault_is("no-message") && key.size() < 10)
      return tl::unexpected<Error>(Error{ErrorCode::invalid_argument});
    if (fault_is("full-stop") && key.size() < 10)
      return tl::unexpected<Error>(Error{ErrorCode::invalid_argument, 0, "too short.", {}});
    if (fault_is("another-code") && key.size() < 10)
      return tl::unexpected<Error>(Error{ErrorCode::io, 0, "too short", {}});
    if (fault_is("thrown-in-guarded") && key.size() < 10)
      return guarded([]() -> Result<void> { throw std::runtime_error("nobody hears this"); });
    if (fault_is("none-but-many-allocations") && key.size() == 20)
      return guarded([&]() -> Result<void> {
        for (int i = 0; i < 20'000; ++i)
          std::make_unique<std::array<volatile char, 24>>()->front() = 1;
        return whole_.validate(key);
      });
    if (fault_is("not-guarded"))
      return whole_.validate(std::vector<std::byte>(key.begin(), key.end()));
    return whole_.validate(key);
  }

private:
  KeyTypeInfo info_;
  SimpleKeyType whole_{"a broken key", {.lengths = {{80, 1024, {}}}}};
};

Result<void> enroll(Registrar &registrar) {
  if (Result<void> added = registrar.add(std::make_unique<Broken>()); !added)
    return added;
  if (fault_is("enrolls-in-part"))
    try {
      static_cast<void>(registrar.add(std::make_unique<SimpleKeyType>(
          "a broken key", KeyTypeInfo{.name = "BROKEN-TOO",
                                      .summary = "another",
                                      .lengths = {{80, 80, {MacSpec::Kind::keyed_digest, "broken-too", 16}}},
                                      .default_bits = 80})));
    } catch (const std::bad_alloc &) {
    }
  return {};
}

} // namespace

NTPKEYGEN_PLUGIN(key_type, "broken", "1.0", "a fixture", enroll);
