// Samples that can be made anywhere: each kind is a few lines over one small generator, and a vector file names kind,
// seed and size. The reference values in tests/vectors/sp800_90b hold for exactly these bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ntpkeygen::test {

// splitmix64, cut to its better half.
class SmallGenerator {
public:
  explicit SmallGenerator(std::uint64_t seed) : state_(seed) {}
  std::uint32_t operator()() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return static_cast<std::uint32_t>((z ^ z >> 31) >> 32);
  }
  // 0 to n - 1, near enough to uniform.
  std::uint32_t below(std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>(std::uint64_t{(*this)()} * n >> 32);
  }
  bool one_in(std::uint32_t n) noexcept { return below(n) == 0; }

private:
  std::uint64_t state_;
};

using Samples = std::vector<std::uint8_t>;

struct SampleKind {
  std::string_view name;
  std::function<Samples(SmallGenerator &, unsigned bits, std::size_t size)> make;
};

namespace samples {

inline Samples fill(std::size_t size, const std::function<std::uint32_t(std::size_t)> &at) {
  Samples samples(size);
  for (std::size_t i = 0; i < size; ++i)
    samples[i] = static_cast<std::uint8_t>(at(i));
  return samples;
}

// A random pattern of a length, over and over, with a wrong symbol now and then (never for 0).
inline Samples periodic(SmallGenerator &random, unsigned bits, std::size_t size, std::size_t period,
                        std::uint32_t one_wrong_in) {
  const Samples pattern = fill(period, [&](std::size_t) { return random.below(1U << bits); });
  return fill(size, [&](std::size_t i) -> std::uint32_t {
    return one_wrong_in != 0 && random.one_in(one_wrong_in) ? random.below(1U << bits) : pattern[i % period];
  });
}

// Random, but `length` symbols are repeated elsewhere.
inline Samples repeated(SmallGenerator &random, unsigned bits, std::size_t size, std::size_t length) {
  Samples samples = fill(size, [&](std::size_t) { return random.below(1U << bits); });
  std::copy_n(samples.begin(), length, samples.end() - static_cast<std::ptrdiff_t>(length));
  return samples;
}

inline Samples walk(SmallGenerator &random, unsigned bits, std::size_t size, const std::vector<int> &steps) {
  const int most = (1 << bits) - 1;
  int where = most / 2;
  return fill(size, [&](std::size_t) {
    where = std::clamp(where + steps[random.below(static_cast<std::uint32_t>(steps.size()))], 0, most);
    return static_cast<std::uint32_t>(where);
  });
}

} // namespace samples

inline const std::vector<SampleKind> &sample_kinds() {
  using namespace samples;
  using Random = SmallGenerator;
  static const std::vector<SampleKind> kinds{
      {"uniform", [](Random &random, unsigned bits,
                     std::size_t size) { return fill(size, [&](std::size_t) { return random.below(1U << bits); }); }},
      {"biased", // half of them, and then some, are the largest
       [](Random &random, unsigned bits, std::size_t size) {
         const std::uint32_t most = (1U << bits) - 1;
         return fill(size, [&](std::size_t) { return random.one_in(2) ? most : random.below(most + 1); });
       }},
      {"rare", // one in a hundred is not 0
       [](Random &random, unsigned bits, std::size_t size) {
         return fill(size, [&](std::size_t) { return random.one_in(100) ? random.below(1U << bits) : 0; });
       }},
      {"almost_constant",
       [](Random &random, unsigned bits, std::size_t size) {
         Samples samples(size);
         for (int i = 0; i < 3; ++i)
           samples[random.below(static_cast<std::uint32_t>(size))] = static_cast<std::uint8_t>((1U << bits) - 1);
         return samples;
       }},
      {"constant", [](Random &random, unsigned bits,
                      std::size_t size) { return Samples(size, static_cast<std::uint8_t>(random.below(1U << bits))); }},
      {"period_2",
       [](Random &, unsigned bits, std::size_t size) {
         return fill(size, [&](std::size_t i) { return i % 2 == 0 ? 0 : (1U << bits) - 1; });
       }},
      {"period_7", [](Random &random, unsigned bits, std::size_t size) { return periodic(random, bits, size, 7, 0); }},
      {"period_64_noisy",
       [](Random &random, unsigned bits, std::size_t size) { return periodic(random, bits, size, 64, 50); }},
      {"period_1000",
       [](Random &random, unsigned bits, std::size_t size) { return periodic(random, bits, size, 1000, 0); }},
      {"drift", // from low to high, in a band
       [](Random &random, unsigned bits, std::size_t size) {
         const std::uint32_t most = (1U << bits) - 1;
         return fill(size, [&](std::size_t i) {
           const auto low = static_cast<std::uint32_t>(i * most / size);
           return std::min(most, low + random.below(most / 4 + 2));
         });
       }},
      {"walk", [](Random &random, unsigned bits, std::size_t size) { return walk(random, bits, size, {-1, 1}); }},
      {"slow_walk",
       [](Random &random, unsigned bits, std::size_t size) { return walk(random, bits, size, {0, 0, 0, 1, -1}); }},
      {"two_values", // not 0 and 1, except for single bits
       [](Random &random, unsigned bits, std::size_t size) {
         const std::uint32_t most = (1U << bits) - 1;
         return fill(size, [&](std::size_t) { return random.below(5) < 2 ? most : most / 3; });
       }},
      {"gaps", // of the alphabet, only every third symbol
       [](Random &random, unsigned bits, std::size_t size) {
         return fill(size, [&](std::size_t) { return random.below(1U << bits) / 3 * 3; });
       }},
      {"half_repeated",
       [](Random &random, unsigned bits, std::size_t size) { return repeated(random, bits, size, size / 2); }},
      {"third_repeated",
       [](Random &random, unsigned bits, std::size_t size) { return repeated(random, bits, size, size / 3); }},
      {"runs", // of random lengths
       [](Random &random, unsigned bits, std::size_t size) {
         constexpr std::array<std::size_t, 5> lengths{1, 2, 5, 40, 300};
         Samples samples;
         while (samples.size() < size) {
           const auto symbol =
               static_cast<std::uint8_t>(random.below(1U << bits)); // compilers draw arguments in any order
           samples.insert(samples.end(), lengths[random.below(5)], symbol);
         }
         samples.resize(size);
         return samples;
       }},
      {"counter",
       [](Random &, unsigned bits, std::size_t size) {
         return fill(size, [&](std::size_t i) { return static_cast<std::uint32_t>(i / 10) & ((1U << bits) - 1); });
       }},
      {"chain", // each symbol is followed by one of two others
       [](Random &random, unsigned bits, std::size_t size) {
         std::vector<std::array<std::uint32_t, 2>> next(std::size_t{1} << bits);
         for (auto &two : next)
           two = {random.below(1U << bits), random.below(1U << bits)};
         std::uint32_t now = 0;
         return fill(size, [&](std::size_t) {
           now = random.one_in(50) ? random.below(1U << bits) : next[now][random.below(2)];
           return now;
         });
       }},
      {"regimes", // random and constant by turns
       [](Random &random, unsigned bits, std::size_t size) {
         std::uint32_t still = 0;
         return fill(size, [&](std::size_t i) {
           if (i % 500 == 0)
             still = random.below(1U << bits);
           return i / 500 % 2 == 0 ? random.below(1U << bits) : still;
         });
       }},
  };
  return kinds;
}

inline Samples make_samples(std::string_view kind, std::uint64_t seed, unsigned bits, std::size_t size) {
  for (const SampleKind &candidate : sample_kinds())
    if (candidate.name == kind) {
      SmallGenerator random(seed);
      return candidate.make(random, bits, size);
    }
  throw std::runtime_error("there is no kind of samples '" + std::string(kind) + "'");
}

} // namespace ntpkeygen::test
