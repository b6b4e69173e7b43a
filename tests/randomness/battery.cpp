#include "randomness/battery.hpp"

#include "entropy_assessments/fips140_2/fips140_2.hpp"
#include "support/collecting_registrar.hpp"
#include "support/run_control.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace ntpkeygen::test {
namespace {

constexpr double least_expected = 10; // in a cell of a chi-squared test
constexpr std::size_t symbol_lags = 64, bit_lags = 256;

// The upper part of the regularised incomplete gamma function, and the lower one: by its series below the mean, by its
// continued fraction above (Lentz's method).
struct GammaParts {
  double lower, upper;
};
GammaParts incomplete_gamma(double a, double x) {
  if (x <= 0)
    return {0, 1};
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  constexpr double precise = 1e-14, tiny = 1e-300;
  constexpr int most_steps = 1'000'000;
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int i = 1; i < most_steps && term > sum * precise; ++i) {
      term *= x / (a + i);
      sum += term;
    }
    const double lower = std::min(1.0, front * sum);
    return {lower, 1 - lower};
  }
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, fraction = d;
  for (int i = 1; i < most_steps; ++i) {
    const double factor = -i * (i - a);
    b += 2;
    d = factor * d + b;
    d = std::fabs(d) < tiny ? tiny : d;
    c = b + factor / c;
    c = std::fabs(c) < tiny ? tiny : c;
    d = 1 / d;
    fraction *= d * c;
    if (std::fabs(d * c - 1) < precise)
      break;
  }
  const double upper = std::min(1.0, front * fraction);
  return {1 - upper, upper};
}

double chi_square(std::span<const std::uint64_t> counts, double expected) {
  double sum = 0;
  for (const std::uint64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    sum += off * off / expected;
  }
  return sum;
}

// How far a number of hits is from its mean, in standard deviations.
double sigmas_of(double hits, double trials, double probability) {
  return (hits - trials * probability) / std::sqrt(trials * probability * (1 - probability));
}

// The worst of many, by the number of sigmas.
class Largest {
public:
  void add(double sigmas) {
    ++places_;
    most_ = std::max(most_, std::fabs(sigmas));
  }
  [[nodiscard]] double probability() const {
    return std::min(1.0, static_cast<double>(places_) * probability_of_sigmas(most_));
  }

private:
  std::uint64_t places_ = 0;
  double most_ = 0;
};

using Window = std::pair<std::uint64_t, std::uint64_t>;

// Stretches that occur twice are copies. Of all stretches, those are compared whose content says so, an eighth of them:
// a copy of some length has several of these, wherever it stands.
bool is_compared(const Window &window) {
  const std::uint64_t mixed = (window.first ^ std::rotl(window.second, 29)) * 0x9e3779b97f4a7c15U;
  return mixed >> 61U == 0;
}
double probability_of_repeats(std::vector<Window> &windows) {
  std::ranges::sort(windows);
  std::uint64_t repeats = 0;
  for (std::size_t i = 1; i < windows.size(); ++i)
    repeats += windows[i] == windows[i - 1] ? 1 : 0;
  // A window has more than 103 bits, of which the choice of the windows takes three.
  const auto count = static_cast<double>(windows.size());
  return repeats == 0 ? 1 : probability_of_count(count * count / 2 / std::exp2(100), repeats);
}

// Pairs of equal beginnings of keys, which have `values` different ones.
TestResult test_beginnings(std::vector<std::uint64_t> beginnings, double values) {
  std::ranges::sort(beginnings);
  std::uint64_t pairs = 0, equal = 0;
  for (std::size_t i = 1; i < beginnings.size(); ++i) {
    equal = beginnings[i] == beginnings[i - 1] ? equal + 1 : 0;
    pairs += equal;
  }
  const auto keys = static_cast<double>(beginnings.size());
  return {"equal beginnings of keys", probability_of_count(keys * (keys - 1) / 2 / values, pairs)};
}

// Frequencies of `cells` equally likely values.
void add_frequencies(std::vector<TestResult> &results, const std::string &what, std::span<const std::uint64_t> counts) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts)
    all += count;
  const auto cells = static_cast<double>(counts.size()), trials = static_cast<double>(all);
  if (trials / cells < least_expected)
    return;
  results.push_back({what, probability_of_chi_square(chi_square(counts, trials / cells), cells - 1)});
  // A single value that is too frequent, or too rare, is lost in the sum over thousands of them. Counts that are as
  // small as ten are not normal.
  const auto [least, most] = std::ranges::minmax(counts);
  const double mean = trials / cells;
  const double either =
      std::min(probability_of_count(mean, most), incomplete_gamma(static_cast<double>(least) + 1, mean).upper);
  results.push_back({what + ", the worst", std::min(1.0, 2 * cells * either)});
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size = 8) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i)
    word = word << 8U | bytes[at + i];
  return word;
}

void add_bit_correlations(std::vector<TestResult> &results, std::span<const std::uint64_t> words) {
  Largest largest;
  for (std::size_t lag = 1; lag <= bit_lags; ++lag) {
    const std::size_t whole = lag / 64, rest = lag % 64;
    std::uint64_t different = 0, compared = 0;
    for (std::size_t i = 0; i + whole + 1 < words.size(); ++i) {
      const std::uint64_t later =
          rest == 0 ? words[i + whole] : words[i + whole] << rest | words[i + whole + 1] >> (64 - rest);
      different += static_cast<std::uint64_t>(std::popcount(words[i] ^ later));
      compared += 64;
    }
    largest.add(sigmas_of(static_cast<double>(different), static_cast<double>(compared), 0.5));
  }
  results.push_back({"correlation of bits", largest.probability()});
}

void add_runs(std::vector<TestResult> &results, std::span<const std::uint8_t> bytes) {
  constexpr std::size_t most = 64;
  std::array<std::uint64_t, most + 1> lengths{};
  std::uint64_t runs = 0;
  std::size_t run = 0, longest = 0;
  unsigned kind = 2;
  for (const std::uint8_t byte : bytes)
    for (unsigned bit = 8; bit-- != 0;) {
      const unsigned value = byte >> bit & 1U;
      if (value == kind) {
        ++run;
        continue;
      }
      if (run != 0) {
        ++lengths[std::min(run, most)];
        ++runs;
        longest = std::max(longest, run);
      }
      kind = value;
      run = 1;
    }
  // Of a number of runs, half have one bit, a quarter two...
  const auto trials = static_cast<double>(runs);
  double statistic = 0, rest = trials;
  std::size_t length = 1;
  std::uint64_t seen = 0;
  for (; trials * std::exp2(-static_cast<double>(length)) >= 2 * least_expected; ++length) {
    const double expected = trials * std::exp2(-static_cast<double>(length));
    const double off = static_cast<double>(lengths[length]) - expected;
    statistic += off * off / expected;
    rest -= expected;
    seen += lengths[length];
  }
  const double off = static_cast<double>(runs - seen) - rest;
  statistic += off * off / rest;
  results.push_back({"lengths of runs", probability_of_chi_square(statistic, static_cast<double>(length - 1))});
  const double longer = static_cast<double>(8 * bytes.size()) * std::exp2(-static_cast<double>(longest));
  results.push_back({"longest run", -std::expm1(-longer)});
}

} // namespace

double probability_of_sigmas(double sigmas) {
  return std::erfc(std::fabs(sigmas) / std::sqrt(2.0));
}

double probability_of_chi_square(double statistic, double degrees) {
  const GammaParts parts = incomplete_gamma(degrees / 2, statistic / 2);
  return std::min(1.0, 2 * std::min(parts.lower, parts.upper));
}

double probability_of_count(double mean, std::uint64_t count) {
  return count == 0 ? 1 : incomplete_gamma(static_cast<double>(count), mean).lower;
}

std::vector<TestResult> test_symbols(std::span<const std::uint8_t> symbols, unsigned alphabet,
                                     std::size_t key_symbols) {
  std::vector<TestResult> results;
  const auto count = static_cast<double>(symbols.size());
  const std::size_t k = alphabet;
  std::vector<std::uint64_t> single(k), pairs(k * k);
  for (const std::uint8_t symbol : symbols)
    ++single.at(symbol);
  for (std::size_t i = 0; i + 1 < symbols.size(); i += 2)
    ++pairs[symbols[i] * k + symbols[i + 1]];
  add_frequencies(results, "characters", single);
  add_frequencies(results, "pairs of characters", pairs);

  if (key_symbols != 0) {
    std::vector<std::uint64_t> in_place(key_symbols * k), beginnings;
    for (std::size_t i = 0; i < symbols.size(); ++i)
      ++in_place[i % key_symbols * k + symbols[i]];
    add_frequencies(results, "characters by their place in the key", in_place);
    constexpr std::size_t beginning = 5;
    for (std::size_t at = 0; at + key_symbols <= symbols.size() && key_symbols >= beginning; at += key_symbols) {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < beginning; ++i)
        value = value * k + symbols[at + i];
      beginnings.push_back(value);
    }
    if (!beginnings.empty())
      results.push_back(test_beginnings(std::move(beginnings), std::pow(static_cast<double>(k), beginning)));
  }

  // Products of the distances from the mean, and equality, over distances in the sequence.
  const double mean = (alphabet - 1) / 2.0, variance = (static_cast<double>(alphabet) * alphabet - 1) / 12.0;
  std::vector<float> centred(symbols.size());
  std::ranges::transform(symbols, centred.begin(), [&](std::uint8_t s) { return static_cast<float>(s - mean); });
  Largest correlation, equality;
  for (std::size_t lag = 1; lag <= symbol_lags && lag < symbols.size(); ++lag) {
    double products = 0;
    std::uint64_t equal = 0;
    for (std::size_t i = 0; i + lag < symbols.size(); ++i) {
      products += static_cast<double>(centred[i]) * static_cast<double>(centred[i + lag]);
      equal += symbols[i] == symbols[i + lag] ? 1 : 0;
    }
    const double compared = count - static_cast<double>(lag);
    correlation.add(products / variance / std::sqrt(compared));
    equality.add(sigmas_of(static_cast<double>(equal), compared, 1.0 / alphabet));
  }
  results.push_back({"correlation of characters", correlation.probability()});
  results.push_back({"equal characters at a distance", equality.probability()});

  // Runs below and above the middle: with a probability p of each change of sides.
  const unsigned middle = alphabet / 2;
  const double low = static_cast<double>(middle) / alphabet, change = 2 * low * (1 - low);
  std::uint64_t changes = 0;
  for (std::size_t i = 1; i < symbols.size(); ++i)
    changes += (symbols[i] < middle) != (symbols[i - 1] < middle) ? 1 : 0;
  const double spread = 2 * change * (1 - 1.5 * change); // changes follow each other, and so depend on each other
  results.push_back(
      {"runs", probability_of_sigmas((static_cast<double>(changes) - change * count) / std::sqrt(spread * count))});

  constexpr std::size_t half = 9; // characters that fit into 64 bits
  std::vector<Window> windows;
  for (std::size_t at = 0; at + 2 * half <= symbols.size(); ++at) {
    Window window{};
    for (std::size_t i = 0; i < half; ++i) {
      window.first = window.first * k + symbols[at + i];
      window.second = window.second * k + symbols[at + half + i];
    }
    if (is_compared(window))
      windows.push_back(window);
  }
  results.push_back({"copies", probability_of_repeats(windows)});
  return results;
}

std::vector<TestResult> test_bits(std::span<const std::uint8_t> bytes, std::size_t key_bytes) {
  std::vector<TestResult> results;
  std::vector<std::uint64_t> digits(16), single(256), pairs(65536);
  std::uint64_t ones = 0;
  for (const std::uint8_t byte : bytes)
    ++single[byte];
  for (unsigned value = 0; value < 256; ++value) {
    digits[value >> 4U] += single[value];
    digits[value & 15U] += single[value];
    ones += single[value] * static_cast<unsigned>(std::popcount(value));
  }
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    ++pairs[std::size_t{bytes[i]} << 8U | bytes[i + 1]];
  const double bits = 8 * static_cast<double>(bytes.size());
  results.push_back({"ones", probability_of_sigmas(sigmas_of(static_cast<double>(ones), bits, 0.5))});
  add_frequencies(results, "hex digits", digits);
  add_frequencies(results, "bytes", single);
  add_frequencies(results, "pairs of bytes", pairs);

  if (key_bytes != 0) {
    std::vector<std::uint64_t> ones_in_place(8 * key_bytes), beginnings;
    for (std::size_t at = 0; at + key_bytes <= bytes.size(); at += key_bytes) {
      for (std::size_t bit = 0; bit < ones_in_place.size(); ++bit)
        ones_in_place[bit] += bytes[at + bit / 8] >> (7 - bit % 8) & 1U;
      if (key_bytes >= 4)
        beginnings.push_back(big_endian(bytes, at, 4));
    }
    Largest largest;
    for (const std::uint64_t count : ones_in_place)
      largest.add(sigmas_of(static_cast<double>(count), static_cast<double>(bytes.size() / key_bytes), 0.5));
    results.push_back({"bits by their place in the key", largest.probability()});
    if (!beginnings.empty())
      results.push_back(test_beginnings(std::move(beginnings), std::exp2(32)));
  }

  std::vector<std::uint64_t> words(bytes.size() / 8);
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = big_endian(bytes, 8 * i);
  add_bit_correlations(results, words);
  add_runs(results, bytes);

  std::vector<Window> windows;
  for (std::size_t at = 0; at + 16 <= bytes.size(); ++at)
    if (const Window window{big_endian(bytes, at), big_endian(bytes, at + 8)}; is_compared(window))
      windows.push_back(window);
  results.push_back({"copies", probability_of_repeats(windows)});
  return results;
}

TestResult test_blocks(std::span<const std::uint8_t> bytes) {
  CollectingRegistrar registrar;
  if (!plugins::fips140_2::enroll(registrar))
    throw std::runtime_error("the plugin fips140-2 cannot be enrolled");
  RecordingControl control;
  const auto assessed = registrar.entropy_assessments.front()->run({.procedure = "blocks", .samples = bytes}, control);
  if (!assessed)
    throw std::runtime_error(assessed.error().message);
  const auto figure = [&](std::string_view name) {
    return std::ranges::find(assessed->figures, name, &NamedValue::name)->value;
  };
  constexpr double rate = 1e-3;
  return {"blocks of FIPS 140-2",
          probability_of_count(rate * figure("blocks"), static_cast<std::uint64_t>(figure("failed_blocks")))};
}

std::vector<std::uint8_t> bits_of_symbols(std::span<const std::uint8_t> symbols, unsigned alphabet) {
  const auto width = static_cast<unsigned>(std::bit_width(alphabet)) - 1;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(symbols.size() * width / 8);
  unsigned bits = 0, held = 0;
  for (const std::uint8_t symbol : symbols) {
    if (symbol >> width != 0)
      continue;
    bits = (bits << width | symbol) & 0xffffU;
    held += width;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return bytes;
}

TestResult worst_of(std::span<const TestResult> results) {
  return *std::ranges::min_element(results, {}, &TestResult::probability);
}

} // namespace ntpkeygen::test
