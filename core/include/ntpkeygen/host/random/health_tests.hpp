// The continuous health tests of noise sources: NIST SP 800-90B (January 2018), section 4.4.
#pragma once

#include "ntpkeygen/sdk/error.hpp"

#include <cstdint>
#include <string>

namespace ntpkeygen {

struct HealthCutoffs {
  double min_entropy = 0;       // claimed, bits per sample
  unsigned alpha_exponent = 0;  // alpha, the probability of a false alarm in one test, is 2^-alpha_exponent
  std::uint32_t repetition = 0; // alarm at so many equal samples in a row (section 4.4.1)
  std::uint32_t proportion = 0; // alarm at so many samples equal to the first of a window (section 4.4.2) ...
  std::uint32_t window = 0;     // ... of so many: 1,024 for samples of one bit, 512 for wider ones

  // Where so little is claimed that even a window of equal samples is no alarm, only the repetition count tests
  // anything.
  [[nodiscard]] bool proportion_can_fail() const noexcept { return proportion <= window; }
};

// With 2^-20, the most that the publication recommends, every other run of a million ideal samples has an alarm.
inline constexpr unsigned usual_alpha_exponent = 30;

// What a plugin says of its samples' width is believed only if they can have it: 1 to 8. Errors: plugin_fault.
[[nodiscard]] Result<void> check_sample_bits(std::uint8_t sample_bits);

// `min_entropy`: above 0, at most `sample_bits`. `alpha_exponent`: 20 to 40, as section 4.4 recommends, or up to 64.
// Errors: invalid_argument; plugin_fault for a width that no sample has.
[[nodiscard]] Result<HealthCutoffs> health_cutoffs(double min_entropy, std::uint8_t sample_bits,
                                                   unsigned alpha_exponent = usual_alpha_exponent);

enum class HealthAlarm : std::uint8_t { none, repetition_count, adaptive_proportion };

// Both tests over one stream of samples. After an alarm the test that gave it begins anew.
class HealthTests {
public:
  explicit HealthTests(const HealthCutoffs &cutoffs) noexcept : cutoffs_(cutoffs) {}
  [[nodiscard]] HealthAlarm feed(std::uint8_t sample) noexcept;
  [[nodiscard]] const HealthCutoffs &cutoffs() const noexcept { return cutoffs_; }

private:
  HealthCutoffs cutoffs_;
  std::uint32_t run_ = 0;     // equal samples up to the last one; 0: there was none
  std::uint32_t seen_ = 0;    // samples of this window
  std::uint32_t matches_ = 0; // those equal to its first, which counts
  std::uint8_t last_ = 0, first_ = 0;
};

// "31 equal samples in a row (repetition count test, cutoff 31)".
[[nodiscard]] std::string in_words(HealthAlarm alarm, const HealthCutoffs &cutoffs);

} // namespace ntpkeygen
