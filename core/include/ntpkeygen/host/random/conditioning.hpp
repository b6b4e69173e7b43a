// Key bits out of several sources, and out of raw noise: HMAC-SHA-256, a vetted conditioning component of NIST SP
// 800-90B (section 3.1.5.1.1), from a MacEngine. Both own what they draw from; the engine and the memory outlive them.
#pragma once

#include "ntpkeygen/sdk/mac_engine.hpp"
#include "ntpkeygen/sdk/random_source.hpp"
#include "ntpkeygen/sdk/secret.hpp"

#include <memory>
#include <vector>

namespace ntpkeygen {

// Every 256 bits of output are HMAC-SHA-256 over 256 fresh bits of each source, with each input's length before it,
// under a fixed key: key extraction from several inputs, NIST SP 800-133 revision 2, section 6.3. The output is as good
// as the best input if the inputs are independent. A source that knows the others' bytes, as a malicious plugin in the
// same process could, can undo that. One source's failure is the failure of all.
//
// Errors: unsupported when the engine has no HMAC-SHA-256, invalid_argument for fewer than two sources.
[[nodiscard]] Result<std::unique_ptr<RandomSource>> mix(std::vector<std::unique_ptr<RandomSource>> sources,
                                                        const MacEngine &engine, SecretMemory &memory);

// Every 256 bits of output are HMAC-SHA-256 over as many fresh samples as hold 320 bits of min-entropy by the source's
// claim: with 64 bits more than come out, the output counts as full entropy (SP 800-90B section 3.1.5.1.2, SP 800-90C).
//
// `noise` should be tested (TestedNoise); the min-entropy is what it claims. Errors: unsupported as above,
// invalid_argument for a claim of no entropy, plugin_fault for a width that no sample has.
[[nodiscard]] Result<std::unique_ptr<RandomSource>> condition(std::unique_ptr<NoiseSource> noise,
                                                              const MacEngine &engine, SecretMemory &memory);

// Samples for one block of 256 bits. `min_entropy`: per sample, above 0.
[[nodiscard]] std::size_t samples_for_a_block(double min_entropy);

} // namespace ntpkeygen
