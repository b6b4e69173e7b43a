// A key type that is whole, for plugins that are not. NTPKEYGEN_FIXTURE is the name in the plugin's file name.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

namespace ntpkeygen::hostile {

class FakeKeyType final : public KeyType {
public:
  explicit FakeKeyType(std::string name, std::vector<KeyTypeAlias> aliases = {}) {
    info_.name = std::move(name);
    info_.summary = "a key type for tests";
    info_.aliases = std::move(aliases);
    info_.lengths = {{80, 1024, {MacSpec::Kind::keyed_digest, "md5", 16}}};
    info_.default_bits = 80;
  }
  [[nodiscard]] const KeyTypeInfo &info() const noexcept override { return info_; }
  [[nodiscard]] Result<void> validate(std::span<const std::byte>) const noexcept override { return {}; }

private:
  KeyTypeInfo info_;
};

inline Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<FakeKeyType>(NTPKEYGEN_FIXTURE));
}

// A descriptor that is right, to be spoiled in one point.
constexpr PluginDescriptor right_descriptor() {
  return {abi::magic,        abi::version, PluginKind::key_type, abi::layout_digest,
          NTPKEYGEN_FIXTURE, "1.0",        "a fixture",          enroll};
}

} // namespace ntpkeygen::hostile

#define NTPKEYGEN_HOSTILE_DESCRIPTOR                                                                                   \
  extern "C" __attribute__((visibility("default"), used)) constexpr ntpkeygen::PluginDescriptor ntpkeygen_plugin
