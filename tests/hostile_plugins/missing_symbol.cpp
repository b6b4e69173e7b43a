// Calls a function that nobody defines: opened lazily, it would end the process at that call.
#include "fake_key_type.hpp"

void a_function_that_nobody_defines();

namespace {
ntpkeygen::Result<void> enroll(ntpkeygen::Registrar &registrar) {
  a_function_that_nobody_defines();
  return ntpkeygen::hostile::enroll(registrar);
}
} // namespace

NTPKEYGEN_PLUGIN(key_type, NTPKEYGEN_FIXTURE, "1.0", "a fixture", enroll);
