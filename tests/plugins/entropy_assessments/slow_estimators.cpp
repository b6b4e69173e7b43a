#include "plugins/entropy_assessments/slow_estimators.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ntpkeygen::test::slow {
namespace {

constexpr long double z = 2.575829303548900384158L; // the text has 2.576, NIST's tool all digits

long double upper_bound(long double p, std::size_t n) {
  return std::min(1.0L, p + z * std::sqrt(p * (1 - p) / static_cast<long double>(n - 1)));
}

double entropy(long double p) {
  return p == 1 ? 0.0 : static_cast<double>(-std::log2(p));
}

// Symbol s_i of the text, which counts from 1.
std::uint8_t at(const Symbols &s, std::size_t i) {
  return s[i - 1];
}

// s_from, ..., s_to
std::string_view part(const Symbols &s, std::size_t from, std::size_t to) {
  return {reinterpret_cast<const char *>(s.data()) + from - 1, to + 1 - from};
}

// Of symbols with the highest count, the largest: the text leaves it open, NIST's tool has it so.
template <class Counts> std::optional<std::uint8_t> most_frequent(const Counts &counts) {
  std::optional<std::uint8_t> best;
  std::size_t most = 0;
  for (const auto &[symbol, count] : counts)
    if (count > 0 && (!best || count > most || (count == most && symbol > *best))) {
      best = symbol;
      most = count;
    }
  return best;
}

// Section 6.3.7, step 7, for r = longest run + 1: the p at which a run of r occurs among n with a probability of 1 %.
long double p_local(std::size_t r, std::size_t n, long double low) {
  const auto no_run = [r, n](long double p) {
    const long double q = 1 - p, run = static_cast<long double>(r);
    // The text iterates ten times; NIST's tool until nothing changes, at most 66 times.
    const long double factor = q * std::pow(p, run);
    long double x = 1, last = 0;
    for (int i = 0; i < 66 && x != last; ++i) {
      last = x;
      x = 1 + factor * std::pow(x, run + 1);
    }
    return std::log(1 - p * x) - std::log((run + 1 - run * x) * q) - (static_cast<long double>(n) + 1) * std::log(x);
  };
  const long double target = std::log(static_cast<long double>(0.99));
  if (!(no_run(low) > target))
    return low;
  long double high = 1;
  for (int i = 0; i < 200; ++i) {
    const long double middle = (low + high) / 2;
    if (middle == low || middle == high)
      break;
    (no_run(middle) > target ? low : high) = middle;
  }
  return low;
}

// The end of all predictors: what was right, one by one. A position without a guess is left out where NIST's tool lets
// a run go on across it (MultiMMC only).
double predictor_entropy(const std::vector<bool> &right, std::size_t n, unsigned alphabet) {
  std::size_t correct = 0, run = 0, longest = 0;
  for (const bool one : right) {
    correct += one;
    run = one ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const long double p_global = static_cast<long double>(correct) / static_cast<long double>(n);
  const long double bound =
      correct == 0 ? 1 - std::pow(0.01L, 1.0L / static_cast<long double>(n)) : upper_bound(p_global, n);
  const long double p = std::max(bound, 1.0L / alphabet);
  return entropy(p < 1 ? p_local(longest + 1, n, p) : p);
}

// A scoreboard: whoever is right scores, and leads when nobody has more.
template <class Predictions> void update(const Predictions &predictions, std::uint8_t outcome,
                                         std::vector<std::size_t> &scoreboard, std::size_t &winner) {
  for (std::size_t p = 0; p < predictions.size(); ++p)
    if (predictions[p] == outcome && ++scoreboard[p] >= scoreboard[winner])
      winner = p;
}

} // namespace

double most_common_value(const Symbols &s, unsigned alphabet) {
  std::vector<std::size_t> counts(alphabet);
  for (const std::uint8_t symbol : s)
    ++counts[symbol];
  const auto most = static_cast<long double>(*std::ranges::max_element(counts));
  return entropy(upper_bound(most / static_cast<long double>(s.size()), s.size()));
}

double collision(const Symbols &bits) {
  std::vector<long double> times;
  for (std::size_t begin = 0; begin < bits.size();) {
    std::size_t end = begin + 1;
    const auto seen_before = [&] {
      return std::find(bits.begin() + static_cast<std::ptrdiff_t>(begin),
                       bits.begin() + static_cast<std::ptrdiff_t>(end),
                       bits[end]) != bits.begin() + static_cast<std::ptrdiff_t>(end);
    };
    while (end < bits.size() && !seen_before())
      ++end;
    if (end == bits.size())
      break;
    times.push_back(static_cast<long double>(end - begin + 1));
    begin = end + 1;
  }
  const auto v = static_cast<long double>(times.size());
  long double mean = 0, variance = 0;
  for (const long double t : times)
    mean += t / v;
  for (const long double t : times)
    variance += (t - mean) * (t - mean) / (v - 1);
  const long double bound = std::max(mean - z * std::sqrt(variance) / std::sqrt(v), 2.0L);
  // Step 7: with k = 2 and F(q) as appendix G.1.1 gives it, the right side comes to 2 + 2pq.
  const auto expected = [](long double p) { return 2 + 2 * p * (1 - p); };
  long double low = 0.5L, high = 1;
  if (bound >= expected(low))
    return 1;
  for (int i = 0; i < 200; ++i) {
    const long double middle = (low + high) / 2;
    if (middle == low || middle == high)
      break;
    (expected(middle) > bound ? low : high) = middle;
  }
  return entropy(bound == 2 ? 1 : low);
}

double markov(const Symbols &bits) {
  std::array<long double, 2> count{};
  std::array<std::array<long double, 2>, 2> pairs{};
  for (const std::uint8_t bit : bits)
    ++count[bit];
  for (std::size_t i = 1; i < bits.size(); ++i)
    ++pairs[bits[i - 1]][bits[i]];
  const auto length = static_cast<long double>(bits.size());
  const auto first = [&](unsigned a) { return count[a] / length; };
  const auto next = [&](unsigned a, unsigned b) {
    const long double all = pairs[a][0] + pairs[a][1];
    return all == 0 ? 0 : pairs[a][b] / all;
  };
  // Every sequence of 128 bits that the table lists, bit by bit.
  const std::array<std::string, 6> sequences{std::string(128, '0'),
                                             [] {
                                               std::string s;
                                               while (s.size() < 128)
                                                 s += "01";
                                               return s;
                                             }(),
                                             "0" + std::string(127, '1'),
                                             "1" + std::string(127, '0'),
                                             [] {
                                               std::string s;
                                               while (s.size() < 128)
                                                 s += "10";
                                               return s;
                                             }(),
                                             std::string(128, '1')};
  long double least = 128;
  for (const std::string &sequence : sequences) {
    long double sum = -std::log2(first(sequence[0] == '1'));
    for (std::size_t i = 1; i < sequence.size(); ++i)
      sum -= std::log2(next(sequence[i - 1] == '1', sequence[i] == '1'));
    if (!std::isnan(sum))
      least = std::min(least, sum); // impossible ones are infinite
  }
  return static_cast<double>(std::min(least / 128, 1.0L));
}

std::optional<double> compression(const Symbols &bits) {
  constexpr std::size_t b = 6, d = 1000;
  const std::size_t blocks = bits.size() / b;
  if (blocks <= d)
    return std::nullopt;
  std::vector<std::string_view> block;
  for (std::size_t i = 0; i < blocks; ++i)
    block.push_back(part(bits, i * b + 1, (i + 1) * b));
  std::map<std::string_view, std::size_t> dictionary;
  for (std::size_t i = 1; i <= d; ++i)
    dictionary[block[i - 1]] = i;
  const std::size_t v = blocks - d;
  long double sum = 0, squares = 0;
  for (std::size_t i = d + 1; i <= blocks; ++i) {
    const long double distance = std::log2(static_cast<long double>(i - dictionary[block[i - 1]]));
    dictionary[block[i - 1]] = i;
    sum += distance;
    squares += distance * distance;
  }
  const long double mean = sum / static_cast<long double>(v);
  const long double deviation =
      0.5907L * std::sqrt(squares / (static_cast<long double>(v) - 1) - mean * mean); // the text divides by v - 1 too
  const long double bound = mean - z * deviation / std::sqrt(static_cast<long double>(v));

  std::vector<long double> logarithm;
  for (std::size_t t = 0; t <= blocks; ++t)
    logarithm.push_back(std::log2(static_cast<long double>(t)));
  const auto g = [&](long double p) {
    long double total = 0, before = 0; // the sum over u < t of log2(u) F(p, t, u)
    long double power = 1;             // (1 - p)^(t - 1)
    for (std::size_t t = 1; t <= blocks; ++t) {
      if (t > d)
        total += before + logarithm[t] * p * power;
      before += logarithm[t] * p * p * power;
      power *= 1 - p;
    }
    return total / static_cast<long double>(v);
  };
  const auto expected = [&](long double p) { return g(p) + 63 * g((1 - p) / 63); };
  long double low = 1.0L / 64, high = 1;
  if (!(expected(low) > bound))
    return 1;
  for (int i = 0; i < 100; ++i) {
    const long double middle = (low + high) / 2;
    (expected(middle) > bound ? low : high) = middle;
  }
  return entropy(low) / 6;
}

Tuples tuples(const Symbols &s) {
  Tuples result;
  const std::size_t length = s.size();
  long double t_best = 0, lrs_best = 0;
  bool frequent = true, any_t = false, any_lrs = false;
  for (std::size_t w = 1; w < length; ++w) {
    std::unordered_map<std::string_view, std::uint64_t> counts;
    for (std::size_t i = 1; i + w - 1 <= length; ++i)
      ++counts[part(s, i, i + w - 1)];
    std::uint64_t most = 0, pairs = 0;
    for (const auto &[tuple, count] : counts) {
      most = std::max(most, count);
      pairs += count * (count - 1) / 2;
    }
    if (most == 1)
      break;
    const auto positions = static_cast<long double>(length - w + 1);
    const auto per_symbol = [w](long double p) { return std::pow(p, 1 / static_cast<long double>(w)); };
    frequent = frequent && most >= 35;
    if (frequent) {
      any_t = true;
      t_best = std::max(t_best, per_symbol(static_cast<long double>(most) / positions));
    } else {
      any_lrs = true;
      lrs_best = std::max(lrs_best, per_symbol(static_cast<long double>(pairs) / (positions * (positions - 1) / 2)));
    }
  }
  if (any_t)
    result.t_tuple = entropy(upper_bound(t_best, length));
  if (any_lrs)
    result.lrs = entropy(upper_bound(lrs_best, length));
  return result;
}

std::optional<double> multi_mcw(const Symbols &s, unsigned alphabet) {
  constexpr std::array<std::size_t, 4> windows{63, 255, 1023, 4095};
  if (s.size() < 4096) // as NIST's tool has it
    return std::nullopt;
  std::vector<std::size_t> scoreboard(4);
  std::size_t winner = 0;
  std::vector<bool> right;
  for (std::size_t i = windows[0] + 1; i <= s.size(); ++i) {
    std::vector<std::optional<std::uint8_t>> frequent(4);
    for (std::size_t j = 0; j < windows.size(); ++j) {
      if (i <= windows[j])
        continue;
      std::vector<std::size_t> counts(alphabet);
      for (std::size_t k = i - windows[j]; k < i; ++k)
        ++counts[at(s, k)];
      const std::size_t most = *std::ranges::max_element(counts);
      std::size_t k = i - 1; // of several, the one that occurred last
      while (counts[at(s, k)] != most)
        --k;
      frequent[j] = at(s, k);
    }
    right.push_back(frequent[winner] == at(s, i));
    update(frequent, at(s, i), scoreboard, winner);
  }
  return predictor_entropy(right, s.size() - windows[0], alphabet);
}

double lag(const Symbols &s, unsigned alphabet) {
  constexpr std::size_t lags = 128;
  std::vector<std::size_t> scoreboard(lags);
  std::size_t winner = 0;
  std::vector<bool> right;
  for (std::size_t i = 2; i <= s.size(); ++i) {
    std::vector<std::optional<std::uint8_t>> lagged(lags);
    for (std::size_t d = 1; d <= lags && d < i; ++d)
      lagged[d - 1] = at(s, i - d);
    right.push_back(lagged[winner] == at(s, i));
    update(lagged, at(s, i), scoreboard, winner);
  }
  return predictor_entropy(right, s.size() - 1, alphabet);
}

double multi_mmc(const Symbols &s, unsigned alphabet) {
  constexpr std::size_t orders = 16, capacity = 100000;
  std::array<std::unordered_map<std::string_view, std::map<std::uint8_t, std::size_t>>, orders + 1> m;
  std::array<std::size_t, orders + 1> entries{};
  std::vector<std::size_t> scoreboard(orders);
  std::size_t winner = 0;
  std::vector<bool> right;
  for (std::size_t i = 3; i <= s.size(); ++i) {
    for (std::size_t d = 1; d <= orders && d < i - 1; ++d) {
      const std::string_view x = part(s, i - d - 1, i - 2);
      const std::uint8_t y = at(s, i - 1);
      const auto known = m[d].find(x);
      if (known != m[d].end() && known->second.contains(y)) {
        ++known->second[y];
      } else if (entries[d] < capacity) {
        m[d][x][y] = 1;
        ++entries[d];
      }
    }
    std::vector<std::optional<std::uint8_t>> predictions(orders);
    for (std::size_t d = 1; d <= orders && d < i; ++d)
      if (const auto known = m[d].find(part(s, i - d, i - 1)); known != m[d].end())
        predictions[d - 1] = most_frequent(known->second);
    // Without a guess, NIST's tool lets a run be: it is as if the position were not there.
    if (predictions[winner])
      right.push_back(predictions[winner] == at(s, i));
    update(predictions, at(s, i), scoreboard, winner);
  }
  return predictor_entropy(right, s.size() - 2, alphabet);
}

double lz78y(const Symbols &s, unsigned alphabet) {
  constexpr std::size_t longest = 16, capacity = 65536;
  std::unordered_map<std::string, std::map<std::uint8_t, std::size_t>> dictionary;
  std::vector<bool> right;
  for (std::size_t i = longest + 2; i <= s.size(); ++i) {
    for (std::size_t j = longest; j >= 1; --j) {
      const std::string x(part(s, i - j - 1, i - 2));
      const auto known = dictionary.find(x);
      if (known != dictionary.end())
        ++known->second[at(s, i - 1)];
      else if (dictionary.size() < capacity)
        dictionary[x][at(s, i - 1)] = 1;
    }
    std::optional<std::uint8_t> prediction;
    std::size_t most = 0;
    for (std::size_t j = longest; j >= 1; --j)
      if (const auto known = dictionary.find(std::string(part(s, i - j, i - 1))); known != dictionary.end()) {
        const std::uint8_t y = *most_frequent(known->second);
        if (known->second[y] > most) {
          most = known->second[y];
          prediction = y;
        }
      }
    right.push_back(prediction == at(s, i));
  }
  return predictor_entropy(right, s.size() - longest - 1, alphabet);
}

} // namespace ntpkeygen::test::slow
