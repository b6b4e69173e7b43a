// Samples that the self-test makes by itself: the same on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace ntpkeygen::plugins::sp800_90b {

struct SelftestDataset {
  const char *name;
  std::uint8_t bits; // of a sample
  bool conditioned;  // assessed as a conditioned dataset
};
inline constexpr std::array<SelftestDataset, 6> selftest_datasets{{
    {"uniform", 8, false},
    {"output", 8, true}, // the same as uniform
    {"biased", 1, false},
    {"walk", 4, false},
    {"repeated", 2, false},
    {"gaps", 3, false},
}};

[[nodiscard]] std::vector<std::uint8_t> make_selftest_samples(const SelftestDataset &dataset);

// Whether a figure is the reference's, to 1e-12 of it.
[[nodiscard]] bool is_figure(double ours, double reference) noexcept;

} // namespace ntpkeygen::plugins::sp800_90b
