// The random sources "botan-chacha", "botan-hmac-drbg" and "botan-autoseeded": generators in this process, seeded by
// the system.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <botan/rng.h>

#include <functional>
#include <memory>
#include <string>

namespace ntpkeygen::plugins::botan_random {

// Makes a generator, which then must be seeded. May throw.
using MakeGenerator = std::function<std::unique_ptr<Botan::RandomNumberGenerator>()>;

// Errors of the source: unavailable where the generator cannot be made or seeded, io where it fails later, with Botan's
// words.
[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(std::string name, std::string summary,
                                                                  MakeGenerator make);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::botan_random
