// The random source "tpm2": TPM2_GetRandom (TPM 2.0 Library, part 3, section 16.1), through the TPM2 software stack.
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace ntpkeygen::plugins::tpm2 {

// A connection to one TPM; tests pass their own.
class Tpm {
public:
  virtual ~Tpm() = default;
  // Writes at most out.size() bytes, as many as the TPM gives in one command, and says how many. May throw
  // std::bad_alloc.
  virtual Result<std::size_t> random(std::span<std::byte> out) = 0;
};
// `tcti`: which TPM and how to reach it, as tss2-tctildr(3) has it; empty: the first that is found. May throw
// std::bad_alloc.
using Connect = std::function<Result<std::unique_ptr<Tpm>>(const std::string &tcti)>;

[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(Connect connect);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::tpm2
