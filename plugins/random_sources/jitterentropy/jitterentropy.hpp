// The random source "jitterentropy": timing noise of the processor, conditioned and tested by the library of this name.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <cstddef>
#include <memory>
#include <sys/types.h>

struct rand_data; // the library's collector

namespace ntpkeygen::plugins::jitterentropy {

// The library's functions, as jitterentropy(3) has them; tests pass their own.
struct Library {
  int (*init)();
  rand_data *(*allocate)(unsigned oversampling, unsigned flags);
  void (*release)(rand_data *collector);
  ssize_t (*read)(rand_data *collector, char *bytes, std::size_t size);
};

[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(const Library &library);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::jitterentropy
