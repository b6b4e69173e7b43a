#include "random_sources/openssl/openssl.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace ntpkeygen::plugins::openssl_random {
namespace {

// In pieces, so that a long request can be interrupted between them; a size is an int there.
constexpr std::size_t longest_piece = 64 * 1024;

std::string last_error() {
  std::array<char, 256> words{};
  const unsigned long number = ERR_get_error();
  if (number == 0)
    return "OpenSSL does not say why";
  ERR_error_string_n(number, words.data(), words.size());
  return words.data();
}

class Source final : public RandomSource {
public:
  explicit Source(PrivateBytes private_bytes) : private_bytes_(private_bytes) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const std::span<std::byte> part = out.first(std::min(out.size(), longest_piece));
        if (private_bytes_(reinterpret_cast<unsigned char *>(part.data()), static_cast<int>(part.size())) != 1)
          return failure(ErrorCode::io, "the random source 'openssl' fails: " + last_error());
        out = out.subspan(part.size());
      }
      return {};
    });
  }

private:
  PrivateBytes private_bytes_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(PrivateBytes private_bytes) : private_bytes_(private_bytes) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (!argument.empty())
        return failure(ErrorCode::invalid_argument, "the random source 'openssl' takes no argument",
                       "write 'openssl', without a colon");
      unsigned char byte = 0; // what else could tell whether it can be seeded
      if (private_bytes_(&byte, 1) == 1)
        return {};
      return failure(ErrorCode::unavailable, "the random source 'openssl' is not to be had: " + last_error());
    });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (Result<void> there = available(argument); !there)
        return failure(std::move(there).error());
      return std::make_unique<Source>(private_bytes_);
    });
  }

private:
  PrivateBytes private_bytes_;
  SourceInfo info_{.name = "openssl",
                   .summary = "OpenSSL's generator for private values (CTR_DRBG), seeded by the system",
                   .argument = {},
                   .nature = SourceNature::drbg,
                   .argument_required = false};
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(PrivateBytes private_bytes) {
  return std::make_unique<Provider>(private_bytes);
}

Result<void> enroll(Registrar &registrar) {
  return registrar.add(make_provider(RAND_priv_bytes));
}

} // namespace ntpkeygen::plugins::openssl_random
