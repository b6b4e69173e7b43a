#include "entropy_assessments/sp800_90b/non_iid/most_common_value.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

Estimate of_mode(std::uint64_t mode, std::size_t size) {
  const double p = static_cast<double>(mode) / static_cast<double>(size);
  const double bound = upper_bound(p, size);
  return {min_entropy_of(bound), {{"mode", static_cast<double>(mode)}, {"p_hat", p}, {"p_u", bound}}, {}};
}

} // namespace

Estimate most_common_value(std::span<const std::uint8_t> symbols) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t symbol : symbols)
    ++counts[symbol];
  return of_mode(std::ranges::max(counts), symbols.size());
}

Estimate most_common_value(const BitString &bits) {
  std::uint64_t ones = 0;
  for (std::size_t i = 0; i < bits.size(); i += 64) // beyond the end there are zeros
    ones += static_cast<std::uint64_t>(std::popcount(bits.window(static_cast<std::ptrdiff_t>(i))));
  return of_mode(std::max(ones, bits.size() - ones), bits.size());
}

} // namespace ntpkeygen::plugins::sp800_90b
