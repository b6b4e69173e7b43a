// Nothing is wrong with this one.
#include "fake_key_type.hpp"

namespace {
ntpkeygen::Result<void> enroll(ntpkeygen::Registrar &registrar) {
  return registrar.add(std::make_unique<ntpkeygen::hostile::FakeKeyType>(
      "Good", std::vector<ntpkeygen::KeyTypeAlias>{{"Good-128", 128}, {"Fine", 0}}));
}
} // namespace

NTPKEYGEN_PLUGIN(key_type, "good", "1.2.3", "a fixture", enroll);
