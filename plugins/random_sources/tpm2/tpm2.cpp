#include "random_sources/tpm2/tpm2.hpp"

#include "ntpkeygen/trust/named_code.hpp"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string.h>
#include <sys/auxv.h>

namespace ntpkeygen::plugins::tpm2 {
namespace {

// TPM2_GetRandom gives at most a digest's size, 64 bytes with SHA-512.
constexpr std::size_t largest_request = 64;

class Connection final : public Tpm {
public:
  static Result<std::unique_ptr<Tpm>> open(const std::string &tcti) {
    // A TCTI names a library to load, and the stack's variables name files to write: neither is for whoever started a
    // process with more privileges than his own.
    if (::getauxval(AT_SECURE) != 0)
      return failure(ErrorCode::permission,
                     "a TPM cannot be used: this program has more privileges than the user who runs it");
    // The library would explain failures on standard error, in its own way; unless it was told what to do.
    ::setenv("TSS2_LOG", "all+NONE", 0);
    auto connection = std::unique_ptr<Connection>(new Connection);
    const std::string where = tcti.empty() ? "a TPM" : "the TPM '" + tcti + "'";
    if (const TSS2_RC code = Tss2_TctiLdr_Initialize(tcti.empty() ? nullptr : tcti.c_str(), &connection->tcti_);
        code != TSS2_RC_SUCCESS)
      return failure(ErrorCode::unavailable, where + " cannot be reached: " + Tss2_RC_Decode(code),
                     "name it, as in 'tpm2:device:/dev/tpmrm0'; its device belongs to the group tss");
    if (const TSS2_RC code = Esys_Initialize(&connection->esys_, connection->tcti_, nullptr); code != TSS2_RC_SUCCESS)
      return failure(ErrorCode::unavailable, where + " cannot be used: " + Tss2_RC_Decode(code));
    return connection;
  }

  ~Connection() override {
    overwrite_last_answer();
    if (esys_ != nullptr)
      Esys_Finalize(&esys_);
    if (tcti_ != nullptr)
      Tss2_TctiLdr_Finalize(&tcti_);
  }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  Result<std::size_t> random(std::span<std::byte> out) override {
    TPM2B_DIGEST *given = nullptr;
    if (const TSS2_RC code = ask(std::min(out.size(), largest_request), given); code != TSS2_RC_SUCCESS)
      return failure(ErrorCode::io, std::string("the TPM fails: ") + Tss2_RC_Decode(code));
    answered_ = true;
    const std::size_t size = std::min<std::size_t>(given->size, out.size());
    std::memcpy(out.data(), given->buffer, size);
    discard(given);
    return size;
  }

private:
  Connection() = default;

  TSS2_RC ask(std::size_t size, TPM2B_DIGEST *&given) {
    return Esys_GetRandom(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, static_cast<UINT16>(size), &given);
  }
  static void discard(TPM2B_DIGEST *given) {
    ::explicit_bzero(given, sizeof *given);
    Esys_Free(given);
  }
  // The stack's layers have buffers of their own for what the TPM answers, which none of them wipes. There the next
  // answer takes the place of the one before, and this one is no key.
  void overwrite_last_answer() {
    TPM2B_DIGEST *given = nullptr;
    if (answered_ && ask(largest_request, given) == TSS2_RC_SUCCESS)
      discard(given);
  }

  bool answered_ = false;
  TSS2_TCTI_CONTEXT *tcti_ = nullptr;
  ESYS_CONTEXT *esys_ = nullptr;
};

class Source final : public RandomSource {
public:
  explicit Source(std::unique_ptr<Tpm> tpm) : tpm_(std::move(tpm)) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const Result<std::size_t> given = tpm_->random(out);
        if (!given)
          return failure(given.error());
        if (*given == 0 || *given > out.size())
          return failure(ErrorCode::io, "the TPM gave " + std::to_string(*given) + " bytes when asked for " +
                                            std::to_string(out.size()));
        out = out.subspan(*given);
      }
      return {};
    });
  }

private:
  std::unique_ptr<Tpm> tpm_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(Connect connect) : connect_(std::move(connect)) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return open(argument).map([](const std::unique_ptr<RandomSource> &) {});
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      std::string tcti(argument);
      // As the tools of this software stack are told; not in a process with borrowed privileges, for it names a
      // library.
      if (const char *named = tcti.empty() ? ::secure_getenv("TPM2TOOLS_TCTI") : nullptr)
        tcti = named;
      // What stands before the first colon is a name, by which the stack finds a library of its own; or a library's
      // path.
      const std::string loader = tcti.substr(0, tcti.find(':'));
      if (loader.find('/') != std::string::npos) {
        const auto checked = check_named_code("TCTI library", loader);
        if (!checked)
          return failure(checked.error());
        tcti.replace(0, loader.size(), *checked);
      }
      auto tpm = connect_(tcti);
      if (!tpm)
        return failure(std::move(tpm).error());
      return std::make_unique<Source>(std::move(*tpm));
    });
  }

private:
  Connect connect_;
  SourceInfo info_{.name = "tpm2",
                   .summary =
                       "a TPM's generator; which TPM: TCTI, the variable TPM2TOOLS_TCTI, or the first that is found",
                   .argument = "TCTI",
                   .nature = SourceNature::hardware,
                   .argument_required = false};
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(Connect connect) {
  return std::make_unique<Provider>(std::move(connect));
}

Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_provider(Connection::open));
}

} // namespace ntpkeygen::plugins::tpm2
