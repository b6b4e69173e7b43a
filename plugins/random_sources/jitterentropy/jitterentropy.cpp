#include "random_sources/jitterentropy/jitterentropy.hpp"

#include <jitterentropy.h>

#include <algorithm>
#include <string>

namespace ntpkeygen::plugins::jitterentropy {
namespace {

// What the library makes at once; so an interruption is noticed within some milliseconds.
constexpr std::size_t block_bytes = 32;

// Of jent_read_entropy(3).
std::string words_for(ssize_t code) {
  switch (code) {
  case -2:
  case -6:
    return "its repetition count test failed";
  case -3:
  case -7:
    return "its adaptive proportion test failed";
  case -5:
  case -8:
    return "its lag prediction test failed";
  default:
    return "error " + std::to_string(code);
  }
}

class Source final : public RandomSource {
public:
  Source(const Library &library, rand_data *collector) : library_(library), collector_(collector, library.release) {}

  [[nodiscard]] Result<void> fill(std::span<std::byte> out, RunControl &control) noexcept override {
    return guarded([&]() -> Result<void> {
      while (!out.empty()) {
        if (control.cancelled())
          return failure(ErrorCode::cancelled, "interrupted while drawing random bytes");
        const std::span<std::byte> part = out.first(std::min(out.size(), block_bytes));
        const ssize_t got = library_.read(collector_.get(), reinterpret_cast<char *>(part.data()), part.size());
        if (got != static_cast<ssize_t>(part.size()))
          return failure(got < -1 ? ErrorCode::health_test : ErrorCode::io,
                         "the random source 'jitterentropy' fails: " + words_for(got),
                         "take another source: the processor's timing is not irregular enough");
        out = out.subspan(part.size());
      }
      return {};
    });
  }

private:
  Library library_;
  std::unique_ptr<rand_data, void (*)(rand_data *)> collector_;
};

class Provider final : public RandomSourceProvider {
public:
  explicit Provider(const Library &library) : library_(library) {}

  [[nodiscard]] const SourceInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<void> available(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<void> {
      if (!argument.empty())
        return failure(ErrorCode::invalid_argument, "the random source 'jitterentropy' takes no argument",
                       "write 'jitterentropy', without a colon");
      if (const int code = library_.init(); code != 0)
        return failure(ErrorCode::unavailable, "the library jitterentropy finds no usable timing noise here (error " +
                                                   std::to_string(code) + ")");
      return {};
    });
  }

  [[nodiscard]] Result<std::unique_ptr<RandomSource>> open(std::string_view argument) const noexcept override {
    return guarded([&]() -> Result<std::unique_ptr<RandomSource>> {
      if (Result<void> there = available(argument); !there)
        return failure(std::move(there).error());
      rand_data *const collector = library_.allocate(0, 0); // its own choice of oversampling
      if (collector == nullptr)
        return failure(ErrorCode::unavailable, "the library jitterentropy could not begin to collect noise");
      return std::make_unique<Source>(library_, collector);
    });
  }

private:
  Library library_;
  SourceInfo info_{.name = "jitterentropy",
                   .summary = "the library jitterentropy: timing noise, conditioned and tested by it",
                   .argument = {},
                   .nature = SourceNature::hardware,
                   .argument_required = false};
};

} // namespace

std::unique_ptr<RandomSourceProvider> make_provider(const Library &library) {
  return std::make_unique<Provider>(library);
}

Result<void> enroll(Registrar &registrar) {
  return registrar.add(
      make_provider({jent_entropy_init, jent_entropy_collector_alloc, jent_entropy_collector_free, jent_read_entropy}));
}

} // namespace ntpkeygen::plugins::jitterentropy
