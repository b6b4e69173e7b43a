#include "random_sources/botan/botan.hpp"

#include <botan/auto_rng.h>
#include <botan/chacha_rng.h>
#include <botan/hmac_drbg.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <exception>

namespace ntpkeygen::plugins::botan_random {
namespace {

using Generator = std::unique_ptr<Botan::RandomNumberGenerator>;

// In pieces, so that a long request can be interrupted between them.
constexpr std::size_t longest_piece = 64 * 1024;

class Source final : public RandomSource {
public:
  Source(Generator generator, const std::string &name) : generator_(std::move(generator)), name_(name) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        const std::span<std::byte> part = out.first(std::min(out.size(), longest_piece));
        try {
          generator_->randomize(reinterpret_cast<std::uint8_t *>(part.data()), part.size());
        } catch (const std::bad_alloc &) {
          throw;
        } catch (const std::exception &thrown) {
          return failure(ErrorCode::io, "the random source '" + name_ + "' fails: " + thrown.what());
        }
        out = out.subspan(part.size());
        if (!out.empty() && control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
      }
      return {};
    });
  }

private:
  Generator generator_;
  std::string name_;
};

class Provider final : public RandomSourceProvider {
public:
  Provider(std::string name, std::string summary, MakeGenerator make) : make_(std::move(make)) {
    info_.name = std::move(name);
    info_.summary = std::move(summary);
    info_.nature = SourceNature::drbg;
  }

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&] { return seeded(argument).map([](const Generator &) {}); });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&] {
      return seeded(argument).map([&](Generator generator) -> std::unique_ptr<RandomSource> {
        return std::make_unique<Source>(std::move(generator), info_.name);
      });
    });
  }

private:
  Result<Generator> seeded(std::string_view argument) const {
    if (!argument.empty())
      return failure(ErrorCode::invalid_argument, "the random source '" + info_.name + "' takes no argument",
                     "write '" + info_.name + "', without a colon");
    try {
      Generator generator = make_();
      if (generator != nullptr && generator->is_seeded())
        return generator;
      return failure(ErrorCode::unavailable, "the random source '" + info_.name + "' could not be seeded");
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &thrown) {
      return failure(ErrorCode::unavailable,
                     "the random source '" + info_.name + "' is not to be had: " + thrown.what());
    }
  }

  SourceInfo info_{};
  MakeGenerator make_;
};

// Seeded at once: a generator that waits for its first request to be seeded could not say here that it fails.
template <class Made> Generator seeded_by_system(std::unique_ptr<Made> generator) {
  generator->reseed_from_rng(Botan::system_rng());
  return generator;
}

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(std::string name, std::string summary, MakeGenerator make) {
  return std::make_unique<Provider>(std::move(name), std::move(summary), std::move(make));
}

Result<void> enroll(Registrar &registrar) {
  return registrar
      .add(make_provider("botan-chacha", "Botan's ChaCha_RNG, seeded by the system",
                         [] { return seeded_by_system(std::make_unique<Botan::ChaCha_RNG>(Botan::system_rng())); }))
      .and_then([&] {
        return registrar.add(
            make_provider("botan-hmac-drbg", "Botan's HMAC_DRBG with SHA-256, seeded by the system", [] {
              return seeded_by_system(std::make_unique<Botan::HMAC_DRBG>(
                  Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)"), Botan::system_rng()));
            }));
      })
      .and_then([&] {
        return registrar.add(make_provider("botan-autoseeded", "Botan's AutoSeeded_RNG, seeded by all that Botan finds",
                                           [] { return std::make_unique<Botan::AutoSeeded_RNG>(); }));
      });
}

} // namespace ntpkeygen::plugins::botan_random
