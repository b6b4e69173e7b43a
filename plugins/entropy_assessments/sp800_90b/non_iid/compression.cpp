#include "entropy_assessments/sp800_90b/non_iid/compression.hpp"

#include "entropy_assessments/sp800_90b/non_iid/root.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr unsigned block_bits = 6;
constexpr unsigned block_values = 1U << block_bits;
constexpr std::size_t dictionary_blocks = 1000; // d

// The expected value of the statistic as a function of the likeliest block's probability: steps 7 and 8.
class Expectation {
public:
  Expectation(std::size_t blocks, Work &work) : blocks_(blocks), work_(work) {}

  [[nodiscard]] double operator()(double p) {
    const double q = (1.0 - p) / (block_values - 1.0);
    return std::fma(block_values - 1.0, g(q), g(p));
  }

private:
  // G(z) = 1/v sum over t = d+1..L, u = 1..t of log2(u) F(z, t, u), with F = z^2 (1-z)^(u-1) for u < t and
  // z (1-z)^(t-1) for u = t. Put together by u: the term log2(u) (1-z)^(u-1) occurs with z^2 for every t > u, and once
  // with z if u > d.
  [[nodiscard]] double g(double z) {
    const long double step = 1.0L - static_cast<long double>(z);
    long double power = step; // (1-z)^(u-1)
    long double head = 0, tail = 0, last = 0;
    for (std::size_t u = 2; u <= dictionary_blocks; ++u, power *= step)
      head += log2_of(u) * power;
    const std::size_t v = blocks_ - dictionary_blocks;
    for (std::size_t u = dictionary_blocks + 1; u <= blocks_; ++u, power *= step) {
      const long double term = log2_of(u) * power;
      last += term;
      tail += static_cast<long double>(blocks_ - u) * term;
      // What is left is less than a geometric series of terms that grow by less than 1 in 1000 a step.
      if (u % 512 == 0 && (work_.cancelled() || static_cast<long double>(blocks_) * term <
                                                    1e-24L * static_cast<long double>(z) * (tail + head)))
        break;
    }
    const double inner = static_cast<double>(tail + static_cast<long double>(v) * head);
    return 1 / static_cast<double>(v) * z * std::fma(z, inner, static_cast<double>(last));
  }

  long double log2_of(std::size_t u) {
    while (logarithms_.size() <= u)
      logarithms_.push_back(std::log2(static_cast<long double>(logarithms_.size())));
    return logarithms_[u];
  }

  std::size_t blocks_;
  Work &work_;
  std::vector<long double> logarithms_ = {0.0L};
};

} // namespace

Estimate compression(const BitString &bits, Work &work) {
  const std::size_t blocks = bits.size() / block_bits;
  if (blocks <= dictionary_blocks)
    return no_estimate("the compression estimate needs more than 1000 blocks of 6 bits");

  // How often each distance to the last block of the same value occurs; one that has not occurred is as far back as the
  // start.
  std::vector<std::uint32_t> distances(blocks + 1);
  std::array<std::size_t, block_values> seen{};
  in_pieces(0, blocks, work, [&](std::size_t i) {
    const std::size_t block = bits.window(static_cast<std::ptrdiff_t>(i * block_bits)) >> (64 - block_bits);
    if (i >= dictionary_blocks)
      ++distances[i + 1 - seen[block]];
    seen[block] = i + 1;
  });
  if (work.cancelled())
    return {};
  long double sum = 0, squares = 0;
  for (std::size_t distance = 1; distance <= blocks; ++distance)
    if (distances[distance] != 0) {
      const double logarithm = std::log2(static_cast<double>(distance));
      sum += static_cast<long double>(distances[distance]) * logarithm;
      squares += static_cast<long double>(distances[distance]) * (logarithm * logarithm);
    }

  const double v = static_cast<double>(blocks - dictionary_blocks);
  const double mean = static_cast<double>(sum) / v;
  const double deviation = 0.5907 * std::sqrt(std::fma(-mean, mean, static_cast<double>(squares) / (v - 1.0)));
  const double bound = mean - static_cast<double>(z_995) * deviation / std::sqrt(v);

  constexpr double least = 1.0 / block_values;
  Expectation expectation(blocks, work);
  double p = least;
  if (expectation(least) > bound)
    p = decreasing_root([&](double candidate) { return expectation(candidate); }, bound, least, 1.0, least);
  return {p > least ? min_entropy_of(p) / block_bits : 1.0,
          {{"v", v}, {"x_bar", mean}, {"sigma_hat", deviation}, {"x_bar_bound", bound}, {"p", p}},
          {}};
}

} // namespace ntpkeygen::plugins::sp800_90b
