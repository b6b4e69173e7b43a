#include "entropy_assessments/sp800_90b/selftest/dataset.hpp"

#include <algorithm>
#include <string_view>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::size_t size = 20000;

// splitmix64
class Generator {
public:
  // 0 to n - 1
  std::uint32_t below(std::uint32_t n) noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return static_cast<std::uint32_t>(((z ^ z >> 31) >> 32) * n >> 32);
  }

private:
  std::uint64_t state_ = 90;
};

} // namespace

std::vector<std::uint8_t> make_selftest_samples(const SelftestDataset &dataset) {
  Generator random;
  const std::string_view name = dataset.name;
  const std::uint32_t alphabet = 1U << dataset.bits;
  std::uint32_t position = alphabet / 2;
  std::vector<std::uint8_t> samples(size);
  for (std::uint8_t &sample : samples) {
    std::uint32_t value = 0;
    if (name == "biased") {
      value = random.below(4) == 0 ? 1 : 0;
    } else if (name == "walk") { // one up or one down, within its bounds
      position = random.below(2) == 0 ? std::min(position + 1, alphabet - 1) : position - std::min(position, 1U);
      value = position;
    } else if (name == "gaps") { // every third value only
      value = random.below(alphabet) / 3 * 3;
    } else {
      value = random.below(alphabet);
    }
    sample = static_cast<std::uint8_t>(value);
  }
  if (name == "repeated")
    std::copy_n(samples.begin(), size / 3, samples.end() - size / 3);
  return samples;
}

} // namespace ntpkeygen::plugins::sp800_90b
