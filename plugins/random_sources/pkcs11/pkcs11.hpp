// The random source "pkcs11": C_GenerateRandom of a PKCS#11 module (OASIS, PKCS #11 Cryptographic Token
// Interface 2.40).
#pragma once

#include "ntpkeygen/sdk/plugin.hpp"

#include <p11-kit/pkcs11.h>

#include <functional>
#include <memory>
#include <string>

namespace ntpkeygen::plugins::pkcs11 {

// A module that is open as long as this object is there, with its functions; tests pass their own.
struct Module {
  std::shared_ptr<void> library{};
  CK_FUNCTION_LIST *functions = nullptr;
};
// Errors: not_found, plugin_fault (it is no PKCS#11 module). May throw std::bad_alloc.
using OpenModule = std::function<Result<Module>(const std::string &path)>;

[[nodiscard]] std::unique_ptr<RandomSourceProvider> make_provider(OpenModule open_module);

[[nodiscard]] Result<void> enroll(Registrar &registrar);

} // namespace ntpkeygen::plugins::pkcs11
