#include "entropy_assessments/sp800_90b/non_iid/tuples.hpp"

#include "entropy_assessments/sp800_90b/non_iid/repeats.hpp"

#include <algorithm>
#include <cmath>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

// The largest p^(1/length) of probabilities p of substrings of different lengths.
class LargestPerSymbol {
public:
  void consider(long double p, std::size_t length) noexcept {
    const double logarithm = std::log2(static_cast<double>(p)) / static_cast<double>(length);
    if (length_ != 0 && logarithm <= logarithm_)
      return;
    logarithm_ = logarithm;
    p_ = p;
    length_ = length;
  }
  [[nodiscard]] long double value() const noexcept { return std::pow(p_, 1.0L / static_cast<long double>(length_)); }

private:
  double logarithm_ = 0;
  long double p_ = 0;
  std::size_t length_ = 0;
};

long double upper_bound(long double p, std::size_t size) noexcept {
  return std::min(1.0L, p + z_995 * std::sqrt(p * (1.0L - p) / static_cast<long double>(size - 1)));
}

} // namespace

TupleEstimates tuples(const BitString &bits, unsigned width, Work &work) {
  const std::size_t size = bits.size() / width;
  LargestPerSymbol tuple, repeat;
  const Repeats repeats = count_repeats(bits, width, work, [&](std::size_t w, std::uint64_t count) {
    const std::uint64_t positions = size - w + 1;
    const std::uint64_t pairs = positions * (positions - 1) / 2;
    repeat.consider(static_cast<long double>(count) / static_cast<long double>(pairs), w);
  });
  TupleEstimates estimates;
  const std::size_t t = repeats.most.size();
  if (t != 0) {
    for (std::size_t i = 1; i <= t; ++i)
      tuple.consider(static_cast<long double>(repeats.most[i - 1]) / static_cast<long double>(size - i + 1), i);
    const long double p = tuple.value(), bound = upper_bound(p, size);
    estimates.t_tuple = {
        min_entropy_of(bound),
        {{"t", static_cast<double>(t)}, {"p_hat_max", static_cast<double>(p)}, {"p_u", static_cast<double>(bound)}},
        {}};
  } else {
    estimates.t_tuple = no_estimate("no symbol occurs 35 times");
  }
  const std::size_t u = t + 1, v = repeats.longest;
  if (v >= u) {
    const long double p = repeat.value(), bound = upper_bound(p, size);
    estimates.lrs = {min_entropy_of(bound),
                     {{"u", static_cast<double>(u)},
                      {"v", static_cast<double>(v)},
                      {"p_hat", static_cast<double>(p)},
                      {"p_u", static_cast<double>(bound)}},
                     {}};
  } else {
    estimates.lrs = no_estimate("no substring that is repeated less than 35 times is repeated at all");
  }
  return estimates;
}

} // namespace ntpkeygen::plugins::sp800_90b
