#include "entropy_assessments/sp800_90b/iid/chi_square.hpp"

#include "entropy_assessments/sp800_90b/non_iid/repeats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr double least_expectation = 5; // of a bin

// Q(a, x), the regularized upper incomplete gamma function: a power series below the mean, a continued fraction above.
long double upper_gamma(long double a, long double x) {
  if (a <= 0 || x <= 0)
    return 1;
  constexpr long double precision = std::numeric_limits<long double>::epsilon();
  const long double factor = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    long double term = 1 / a, sum = term;
    for (long double k = a + 1; term > sum * precision; k += 1)
      sum += term *= x / k;
    return 1 - factor * sum;
  }
  // Lentz's evaluation of 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...))).
  constexpr long double tiny = 1e-4000L;
  constexpr int most_steps = 1'000'000;
  long double b = x + 1 - a, c = 1 / tiny, d = 1 / b, fraction = d;
  for (int k = 1; k < most_steps; ++k) {
    const long double numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    d = 1 / (std::fabs(d) < tiny ? tiny : d);
    c = b + numerator / c;
    c = std::fabs(c) < tiny ? tiny : c;
    fraction *= c * d;
    if (std::fabs(c * d - 1) < precision)
      break;
  }
  return factor * fraction;
}

ChiSquare with_p_value(double t, double degrees) {
  return {t, degrees, static_cast<double>(upper_gamma(degrees / 2, t / 2))};
}

std::vector<std::uint64_t> counts_of(const Symbols &symbols, const Work &work) {
  std::vector<std::uint64_t> counts(symbols.alphabet);
  in_pieces(0, symbols.mapped.size(), work, [&](std::size_t i) { ++counts[symbols.mapped[i]]; });
  return counts;
}

// Proportions as NIST's tool comes to them, by adding up 1/n: expectations that lie at the border of a bin must fall on
// the same side.
std::vector<double> proportions_of(const Symbols &symbols, const Work &work) {
  const double one = 1.0 / static_cast<double>(symbols.mapped.size());
  std::vector<double> proportions;
  for (const std::uint64_t count : counts_of(symbols, work)) {
    double sum = 0;
    in_pieces(0, count, work, [&](std::size_t) { sum += one; });
    proportions.push_back(sum);
  }
  return proportions;
}

// Values put together, from the rarest on, until each bin expects five or more (section 5.2.1, step 4).
struct Bins {
  explicit Bins(const std::vector<double> &expected) : bin_of(expected.size()) {
    std::vector<std::uint32_t> order(expected.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, std::less(), [&](std::uint32_t value) { return expected[value]; });
    double sum = 0;
    std::uint32_t bin = 0;
    for (const std::uint32_t value : order) {
      if (sum >= least_expectation) {
        expectations.push_back(sum);
        ++bin;
        sum = 0;
      }
      bin_of[value] = bin;
      sum += expected[value];
    }
    if (bin != 0 && sum < least_expectation) {
      std::ranges::replace(bin_of, bin, bin - 1);
      expectations.back() += sum;
    } else {
      expectations.push_back(sum);
    }
  }
  [[nodiscard]] double distance(const std::vector<std::uint64_t> &observed) const {
    double t = 0;
    for (std::size_t i = 0; i < expectations.size(); ++i)
      t += std::pow(static_cast<double>(observed[i]) - expectations[i], 2) / expectations[i];
    return t;
  }
  std::vector<std::uint32_t> bin_of;
  std::vector<double> expectations{};
};

// Section 5.2.3.
ChiSquare independence_of_bits(const Symbols &symbols, const Work &work) {
  constexpr unsigned longest_tuple = 11;
  const std::vector<std::uint8_t> &bits = symbols.mapped;
  const double p_1 = static_cast<double>(counts_of(symbols, work)[1]) / static_cast<double>(bits.size()), p_0 = 1 - p_1;
  unsigned m = longest_tuple;
  // NOLINTNEXTLINE(bugprone-integer-division): whole tuples are counted
  while (m > 1 && std::pow(std::min(p_0, p_1), m) * static_cast<double>(bits.size() / m) < least_expectation)
    --m;
  if (m < 2)
    return {};
  std::vector<std::uint64_t> observed(std::size_t{1} << m);
  const std::size_t blocks = bits.size() / m;
  in_pieces(0, blocks, work, [&](std::size_t i) {
    std::size_t tuple = 0;
    for (std::size_t j = 0; j < m; ++j)
      tuple = tuple << 1 | bits[i * m + j];
    ++observed[tuple];
  });
  double t = 0;
  for (std::size_t tuple = 0; tuple < observed.size(); ++tuple) {
    const int ones = std::popcount(tuple);
    const double expected =
        std::pow(p_1, ones) * std::pow(p_0, static_cast<int>(m) - ones) * static_cast<double>(blocks);
    t += std::pow(static_cast<double>(observed[tuple]) - expected, 2) / expected;
  }
  return with_p_value(t, static_cast<double>(observed.size()) - 2);
}

// Section 5.2.4.
ChiSquare fit_of_bits(const Symbols &symbols, const Work &work) {
  const std::vector<std::uint8_t> &bits = symbols.mapped;
  const std::size_t part = bits.size() / 10;
  const double p = static_cast<double>(counts_of(symbols, work)[1]) / static_cast<double>(bits.size());
  const double zeros = (1 - p) * static_cast<double>(part), ones = p * static_cast<double>(part);
  double t = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    const auto begin = bits.begin() + static_cast<std::ptrdiff_t>(i * part);
    const auto observed = static_cast<double>(std::count(begin, begin + static_cast<std::ptrdiff_t>(part), 1));
    t += std::pow(static_cast<double>(part) - observed - zeros, 2) / zeros + std::pow(observed - ones, 2) / ones;
  }
  return with_p_value(t, 9);
}

} // namespace

ChiSquare chi_square_independence(const Symbols &symbols, const Work &work) {
  if (symbols.alphabet == 2)
    return independence_of_bits(symbols, work);
  const std::vector<double> p = proportions_of(symbols, work);
  const double pairs = std::floor(static_cast<double>(symbols.mapped.size()) * 0.5);
  std::vector<double> expected;
  for (const double first : p)
    for (const double second : p)
      expected.push_back(first * second * pairs);
  const Bins bins(expected);
  std::vector<std::uint64_t> observed(bins.expectations.size());
  in_pieces(0, symbols.mapped.size() / 2, work, [&](std::size_t pair) {
    const std::size_t first = symbols.mapped[2 * pair], second = symbols.mapped[2 * pair + 1];
    ++observed[bins.bin_of[first * symbols.alphabet + second]];
  });
  return with_p_value(bins.distance(observed),
                      static_cast<double>(bins.expectations.size()) - static_cast<double>(symbols.alphabet));
}

ChiSquare chi_square_goodness_of_fit(const Symbols &symbols, const Work &work) {
  if (symbols.alphabet == 2)
    return fit_of_bits(symbols, work);
  const std::size_t part = symbols.mapped.size() / 10;
  std::vector<double> expected = proportions_of(symbols, work);
  for (double &each : expected)
    each *= static_cast<double>(part);
  const Bins bins(expected);
  double t = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    std::vector<std::uint64_t> observed(bins.expectations.size());
    in_pieces(i * part, (i + 1) * part, work, [&](std::size_t j) { ++observed[bins.bin_of[symbols.mapped[j]]]; });
    t += bins.distance(observed);
  }
  return with_p_value(t, 9 * (static_cast<double>(bins.expectations.size()) - 1));
}

LongestRepeat longest_repeat(const Symbols &symbols, Work &work) {
  LongestRepeat result;
  const auto width = static_cast<unsigned>(std::bit_width(symbols.alphabet - 1));
  result.length =
      count_repeats(BitString(symbols.mapped, width), width, work, [](std::size_t, std::uint64_t) {}).longest;
  long double p = 0;
  for (const double proportion : proportions_of(symbols, work))
    p += std::pow(static_cast<long double>(proportion), 2.0L);
  const auto positions = static_cast<std::uint64_t>(symbols.mapped.size() - result.length + 1);
  // ln of the probability that no two of these substrings are equal, as if all were independent.
  // NOLINTNEXTLINE(bugprone-integer-division): one of two neighbours is even
  const long double none = static_cast<long double>(positions * (positions - 1) / 2) *
                           std::log1p(-std::pow(p, static_cast<long double>(result.length)));
  result.p_collision = static_cast<double>(p);
  result.p_value = static_cast<double>(-std::expm1(none));
  result.passed = std::log(0.999L) >= none;
  return result;
}

} // namespace ntpkeygen::plugins::sp800_90b
