// The procedure "conditioning": section 3.1.5, how much entropy the output of a conditioning component has.

#include "entropy_assessments/sp800_90b/procedure.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr double most_bits = 4294967295.0; // of the component's input and output

struct OutputEntropy {
  long double bits = 0;
  long double short_of_n = 0; // log2 of how many bits it is short of min(n_out, nw), where bits alone cannot tell
  long double log_psi = 0, log_omega = 0;
};

// log2(1 + 2^x)
long double log2_of_one_plus_exp2(long double x) {
  return x > 0 ? x + std::log1p(std::exp2(-x)) / std::numbers::ln2_v<long double>
               : std::log1p(std::exp2(x)) / std::numbers::ln2_v<long double>;
}

// Output_Entropy of section 3.1.5.1.2. The numbers of that section have exponents as large as n_in, and what they add
// up to is close to 1: so it is computed how far they are from 2^-n, in logarithms. With r = (1 - 2^-h_in) / (1 -
// 2^-n_in),
//   psi   = 2^-n (r + 2^(n - h_in))
//   omega = 2^-n r (1 + s),  s = sqrt(2 n ln 2 / 2^(n_in - n))
OutputEntropy output_entropy(long double n_in, long double n, long double h_in) {
  constexpr long double ln2 = std::numbers::ln2_v<long double>;
  // log2 r, at most 0
  const long double log_r = (std::log1p(-std::exp2(-h_in)) - std::log1p(-std::exp2(-n_in))) / ln2;
  const long double log_s = (std::log2(2 * n * ln2) + n - n_in) / 2;
  OutputEntropy entropy;
  entropy.log_psi = log_r + log2_of_one_plus_exp2(n - h_in - log_r) - n;
  entropy.log_omega = log_r + log2_of_one_plus_exp2(log_s) - n;
  // omega is the larger one where r s > 2^(n - h_in).
  const bool omega_decides = log_r + log_s > n - h_in;
  const long double excess = omega_decides ? log_r + log_s : n - h_in; // log2 of psi or omega is that of r + 2^excess
  const long double loss = log_r + log2_of_one_plus_exp2(excess - log_r);
  // psi = 2^-h_in (1 + r 2^(h_in - n)), if that is the larger part
  entropy.bits = !omega_decides && h_in < n ? h_in - log2_of_one_plus_exp2(h_in - n + log_r) : n - loss;
  constexpr long double rounding = 1e-18L;
  if (entropy.bits < rounding) // probabilities are at most 1
    entropy.bits = 0;
  // loss = log2(1 + d), d = 2^excess - (1 - r)
  const long double one_minus_r =
      (std::exp2(-h_in - excess) - std::exp2(-n_in - excess)) / -std::expm1(-n_in * ln2); // over 2^excess
  entropy.short_of_n = excess < -60 ? excess + (std::log1p(-one_minus_r) - std::log(ln2)) / ln2 : std::log2(loss);
  return entropy;
}

Result<Assessment> run(const CheckedJob &job, RunControl &) {
  const double n_in = job.parameter("n_in"), n_out = job.parameter("n_out"), h_in = job.parameter("h_in");
  const bool vetted = job.parameter("vetted") != 0;
  const double h_prime = job.parameter("h_prime");
  if (h_in > n_in)
    return failure(ErrorCode::invalid_argument, "n_in bits cannot have more than n_in bits of entropy",
                   "h_in is the entropy of a whole input block: samples in it times min-entropy of a sample");
  if (h_in == 0)
    return failure(ErrorCode::invalid_argument, "an input without entropy gives an output without entropy");
  if (!vetted && h_prime == 0)
    return failure(ErrorCode::invalid_argument,
                   "a conditioning component that is not vetted needs the entropy of its output assessed (h_prime)",
                   "assess at least 1,000,000 samples of its output as a conditioned dataset (section 3.1.5.2)");
  if (vetted && h_prime != 0)
    return failure(ErrorCode::invalid_argument, "h_prime is for conditioning components that are not vetted");

  const double nw = std::min(job.parameter("nw"), n_in); // appendix E
  const double n = std::min(n_out, nw);
  const OutputEntropy output = output_entropy(n_in, n, h_in);
  Assessment assessment;
  assessment.rows.push_back({"conditioning",
                             "output_entropy",
                             static_cast<double>(output.bits),
                             Verdict::none,
                             {{"n", n},
                              {"log2_psi", static_cast<double>(output.log_psi)},
                              {"log2_omega", static_cast<double>(output.log_omega)}},
                             {}});
  double h_out = static_cast<double>(output.bits);
  if (!vetted) {
    const auto bound = [&](const char *name, long double factor) {
      const auto bits = static_cast<double>(factor * static_cast<long double>(n_out));
      assessment.rows.push_back({"conditioning", name, bits, Verdict::none, {}, {}});
      h_out = std::min(h_out, bits);
    };
    bound("most_of_n_out", 0.999L);
    bound("h_prime_of_n_out", h_prime);
  }
  for (const auto &[name, value] : {std::pair{"n_in", n_in}, {"n_out", n_out}, {"nw", nw}, {"h_in", h_in}})
    assessment.figures.push_back({name, value});
  if (!vetted)
    assessment.figures.push_back({"h_prime", h_prime});
  assessment.figures.push_back({"h_out", h_out});
  if (vetted) {
    // h_out = (1 - epsilon) n_out
    const long double epsilon_log2 = n == n_out ? output.short_of_n - std::log2(static_cast<long double>(n_out))
                                                : std::log2(1 - output.bits / static_cast<long double>(n_out));
    assessment.figures.push_back({"epsilon_log2", static_cast<double>(epsilon_log2)});
    assessment.figures.push_back({"full_entropy", n == n_out && h_in >= n_out + 64 ? 1.0 : 0.0});
  }
  assessment.min_entropy = h_out;
  return assessment;
}

} // namespace

Procedure conditioning() {
  return {{"conditioning",
           "the entropy of the output of a conditioning component, section 3.1.5; it takes no samples",
           0,
           0,
           false,
           {{"n_in", "bits of an input block", std::nullopt, 1, most_bits, true},
            {"n_out", "bits of an output block", std::nullopt, 1, most_bits, true},
            {"nw", "bits at the narrowest place inside the component", std::nullopt, 1, most_bits, true},
            {"h_in", "the entropy of an input block", std::nullopt, 0, most_bits, false},
            {"vetted", "1 for a component of the list in section 3.1.5.1.1", 1, 0, 1, true},
            {"h_prime", "the assessed entropy of a bit of the output, for components that are not vetted", 0, 0, 1,
             false}}},
          run};
}

} // namespace ntpkeygen::plugins::sp800_90b
