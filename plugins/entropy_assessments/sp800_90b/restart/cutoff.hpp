// Section 3.1.4.3, the cutoff of the sanity check of restart data.
#pragma once

#include <cstdint>

namespace ntpkeygen::plugins::sp800_90b {

// The smallest number x for which it is likelier than 1 - alpha that no symbol occurs more than x times among so many
// independent samples of `min_entropy` bits each. Of all distributions with that min-entropy, this is for the one that
// repeats itself most: as many symbols as there can be with the highest probability, and one with what is left.
[[nodiscard]] std::uint32_t largest_count_cutoff(std::uint32_t samples, double min_entropy, double alpha);

// The alpha of that section: 2000 rows and columns, of which one is over the cutoff with a probability of 0.01.
[[nodiscard]] double restart_alpha();

} // namespace ntpkeygen::plugins::sp800_90b
