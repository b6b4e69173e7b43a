#include <ntpkeygen/sdk/plugin.hpp>
#include <ntpkeygen/sdk/simple_key_type.hpp>

namespace {

using namespace ntpkeygen;

Result<void> enroll(Registrar &registrar) {
  KeyTypeInfo info{
      .name = "SHA224",
      .summary = "SHA-224 keyed digest with a key of 224 bits",
      .aliases = {{"SHA-224", 0}},
      .lengths = {{224, 224, {MacSpec::Kind::keyed_digest, "sha224", 28}}},
      .default_bits = 224,
      .advice = {},
  };
  return registrar.add(std::make_unique<SimpleKeyType>("a SHA224 key", std::move(info)));
}

} // namespace

NTPKEYGEN_PLUGIN(key_type, "sha224", "1.0.0", "SHA-224 keyed digest", enroll);
