// The library that borrowed_descriptor.cpp depends on.
#include "fake_key_type.hpp"

extern "C" __attribute__((visibility("default"))) int of_another_library() {
  return 0;
}
NTPKEYGEN_HOSTILE_DESCRIPTOR{ntpkeygen::hostile::right_descriptor()};
