// One procedure of the publication, as the assessment dispatches to it. A further one is a further file and one line in
// assessment.cpp.
#pragma once

#include "ntpkeygen/sdk/entropy_assessment.hpp"

namespace ntpkeygen::plugins::sp800_90b {

// A job that has been checked against the procedure's ProcedureInfo: enough samples, none wider than sample_bits, every
// parameter known and in range. Parameters that were left out are there with their defaults.
struct CheckedJob {
  std::span<const std::uint8_t> samples{};
  std::uint8_t sample_bits = 8;
  std::uint64_t seed = 0;
  unsigned threads = 1;
  std::vector<NamedValue> parameters{};

  [[nodiscard]] double parameter(std::string_view name) const noexcept {
    for (const NamedValue &given : parameters)
      if (given.name == name)
        return given.value;
    return 0;
  }
};

struct Procedure {
  ProcedureInfo info{};
  Result<Assessment> (*run)(const CheckedJob &job, RunControl &control) = nullptr;
};

[[nodiscard]] Procedure non_iid();      // section 6.3, non_iid/
[[nodiscard]] Procedure iid();          // sections 5 and 6.1, iid/
[[nodiscard]] Procedure restart();      // section 3.1.4, restart/
[[nodiscard]] Procedure conditioning(); // section 3.1.5
[[nodiscard]] Procedure selftest();     // selftest/

} // namespace ntpkeygen::plugins::sp800_90b
