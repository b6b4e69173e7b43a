#include "random_sources/pkcs11/pkcs11.hpp"

#include "ntpkeygen/trust/named_code.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <dlfcn.h>
#include <optional>
#include <sys/auxv.h>
#include <vector>

namespace ntpkeygen::plugins::pkcs11 {
namespace {

// In pieces, so that a long request can be interrupted between them, and a slow token has time to answer.
constexpr std::size_t longest_piece = 4096;

std::string words_for(CK_RV code) {
  switch (code) {
  case CKR_DEVICE_ERROR:
    return "the device reports an error";
  case CKR_DEVICE_REMOVED:
  case CKR_TOKEN_NOT_PRESENT:
    return "the token was removed";
  case CKR_RANDOM_NO_RNG:
    return "the token has no random generator";
  case CKR_USER_NOT_LOGGED_IN:
    return "the token is locked: it wants a login before it gives random bytes";
  case CKR_SLOT_ID_INVALID:
    return "there is no such slot";
  case CKR_TOKEN_NOT_RECOGNIZED:
    return "it is not recognised: it may be of another maker, or was never initialised";
  default:
    break;
  }
  std::array<char, 48> digits{};
  std::snprintf(digits.data(), digits.size(), "PKCS#11 error 0x%lx", static_cast<unsigned long>(code));
  return digits.data();
}

// The module in use: initialised, and finalised behind the last use.
class Token final : public RandomSource {
public:
  static Result<std::unique_ptr<Token>> open(Module module, const std::string &path, std::optional<CK_SLOT_ID> wanted) {
    auto token = std::unique_ptr<Token>(new Token(std::move(module)));
    const std::string where = "the PKCS#11 module '" + path + "'";
    const auto unusable = [&](const std::string &why, std::string hint = {}) {
      return failure(ErrorCode::unavailable, where + " cannot be used: " + why, std::move(hint));
    };
    const CK_FUNCTION_LIST &call = *token->module_.functions;
    const CK_RV begun = call.C_Initialize(nullptr);
    token->initialised_ = begun == CKR_OK;
    if (begun != CKR_OK && begun != CKR_CRYPTOKI_ALREADY_INITIALIZED)
      return unusable(words_for(begun));

    CK_ULONG count = 0;
    if (const CK_RV code = call.C_GetSlotList(CK_TRUE, nullptr, &count); code != CKR_OK)
      return unusable(words_for(code));
    std::vector<CK_SLOT_ID> slots(count);
    if (const CK_RV code = count == 0 ? CKR_OK : call.C_GetSlotList(CK_TRUE, slots.data(), &count); code != CKR_OK)
      return unusable(words_for(code));
    slots.resize(count);
    if (wanted && std::ranges::find(slots, *wanted) == slots.end())
      return unusable("there is no token in slot " + std::to_string(*wanted),
                      "'pkcs11-tool --list-slots' tells of them");
    std::string why = "there is no token in any of its slots"; // of the last one that was tried
    for (const CK_SLOT_ID slot : slots) {
      if (wanted && slot != *wanted)
        continue;
      why = token->use(slot);
      if (why.empty())
        return token;
      why = "the token in slot " + std::to_string(slot) + why;
    }
    return unusable(why);
  }

  ~Token() override {
    if (in_session_)
      module_.functions->C_CloseSession(session_);
    if (initialised_)
      module_.functions->C_Finalize(nullptr);
  }
  Token(const Token &) = delete;
  Token &operator=(const Token &) = delete;

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const std::span<std::byte> part = out.first(std::min(out.size(), longest_piece));
        const CK_RV code = module_.functions->C_GenerateRandom(session_, reinterpret_cast<CK_BYTE *>(part.data()),
                                                               static_cast<CK_ULONG>(part.size()));
        if (code != CKR_OK)
          return failure(ErrorCode::io, "the PKCS#11 token fails: " + words_for(code));
        out = out.subspan(part.size());
      }
      return {};
    });
  }

private:
  explicit Token(Module module) : module_(std::move(module)) {}

  // Opens a session with the token in this slot. Returns why it cannot, as the end of a sentence about it; else
  // nothing.
  std::string use(CK_SLOT_ID slot) {
    const CK_FUNCTION_LIST &call = *module_.functions;
    CK_TOKEN_INFO info{};
    if (const CK_RV code = call.C_GetTokenInfo(slot, &info); code != CKR_OK)
      return ": " + words_for(code);
    if ((info.flags & CKF_TOKEN_INITIALIZED) == 0)
      return " is blank: it was never initialised";
    if ((info.flags & CKF_RNG) == 0)
      return " has no random generator";
    if (const CK_RV code = call.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_); code != CKR_OK)
      return ": " + words_for(code);
    in_session_ = true;
    return {};
  }

  Module module_;
  CK_SESSION_HANDLE session_ = 0;
  bool initialised_ = false, in_session_ = false;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(OpenModule open_module) : open_module_(std::move(open_module)) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return open(argument).map([](const std::unique_ptr<RandomSource> &) {});
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      constexpr std::string_view slot_word = ",slot=";
      const std::size_t comma = argument.find(slot_word);
      const std::string path(argument.substr(0, comma));
      std::optional<CK_SLOT_ID> slot;
      if (comma != std::string_view::npos) {
        const std::string_view digits = argument.substr(comma + slot_word.size());
        CK_SLOT_ID number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size())
          return failure(ErrorCode::invalid_argument, "'" + std::string(digits) + "' is not the number of a slot");
        slot = number;
      }
      if (path.empty() || path.front() != '/')
        return failure(ErrorCode::invalid_argument,
                       "the random source 'pkcs11' needs the whole path of a PKCS#11 module",
                       "write 'pkcs11:/usr/lib/softhsm/libsofthsm2.so', say, with ',slot=N' where there are several");
      auto module = open_module_(path);
      if (!module)
        return failure(std::move(module).error());
      auto token = Token::open(std::move(*module), path, slot);
      if (!token)
        return failure(std::move(token).error());
      return std::move(*token);
    });
  }

private:
  OpenModule open_module_;
  SourceInfo info_{.name = "pkcs11",
                   .summary = "a PKCS#11 token's generator; MODULE is the path of its library",
                   .argument = "MODULE[,slot=N]",
                   .nature = SourceNature::hardware,
                   .argument_required = true};
};

Result<Module> open_library(const std::string &path) {
  if (::getauxval(AT_SECURE) != 0)
    return failure(ErrorCode::permission,
                   "a PKCS#11 module cannot be chosen: this program has more privileges than the "
                   "user who runs it");
  // Its code is to run in this process, with all its rights.
  const auto checked = check_named_code("PKCS#11 module", path);
  if (!checked)
    return failure(checked.error());
  Module module;
  void *const library = ::dlopen(checked->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char *why = ::dlerror();
    return failure(ErrorCode::plugin_fault,
                   "the PKCS#11 module '" + path + "' cannot be opened: " + (why != nullptr ? why : "unknown error"));
  }
  module.library = std::shared_ptr<void>(library, [](void *open) { ::dlclose(open); });
  const auto get_functions = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (get_functions == nullptr || get_functions(&module.functions) != CKR_OK || module.functions == nullptr)
    return failure(ErrorCode::plugin_fault, "'" + path + "' is no PKCS#11 module");
  return module;
}

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(OpenModule open_module) {
  return std::make_unique<Provider>(std::move(open_module));
}

Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_provider(open_library));
}

} // namespace ntpkeygen::plugins::pkcs11
