// Wrong in its descriptor, each with another NTPKEYGEN_DESCRIPTOR.
#include "fake_key_type.hpp"

#include <stdexcept>

namespace {

using namespace ntpkeygen;

// Wrong all the same by how it is compiled, or by the links that lead to it.
[[maybe_unused]] constexpr PluginDescriptor right() {
  return hostile::right_descriptor();
}
[[maybe_unused]] constexpr PluginDescriptor wrong_magic() {
  PluginDescriptor descriptor = right();
  descriptor.magic[0] = 'N';
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor wrong_abi() {
  PluginDescriptor descriptor = right();
  descriptor.abi = 4000000000U;
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor other_layout() {
  PluginDescriptor descriptor = right();
  descriptor.layout_digest ^= 1;
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor other_name() {
  PluginDescriptor descriptor = right();
  descriptor.name = "somebody-else";
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor other_kind() {
  PluginDescriptor descriptor = right();
  descriptor.kind = PluginKind::mac_engine;
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor unknown_kind() {
  PluginDescriptor descriptor = right();
  descriptor.kind = static_cast<PluginKind>(200);
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor null_name() {
  PluginDescriptor descriptor = right();
  descriptor.name = nullptr;
  return descriptor;
}
// Made by hand, not by NTPKEYGEN_PLUGIN, which would end the exception in the plugin.
[[maybe_unused]] constexpr PluginDescriptor lets_exceptions_out() {
  PluginDescriptor descriptor = right();
  descriptor.enroll = [](Registrar &) -> Result<void> { throw std::runtime_error("the fixture is out of sorts"); };
  return descriptor;
}
[[maybe_unused]] constexpr PluginDescriptor null_enroll() {
  PluginDescriptor descriptor = right();
  descriptor.enroll = nullptr;
  return descriptor;
}

} // namespace

NTPKEYGEN_HOSTILE_DESCRIPTOR{NTPKEYGEN_DESCRIPTOR()};
