// What the commands of `ntpkeygen entropy` have in common.
#pragma once

#include "cli/assessment_report.hpp"
#include "cli/further_commands.hpp"
#include "ntpkeygen/host/numbers.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ntpkeygen::cli {

inline constexpr OptionSpec bits_option{
    "bits", '\0', "N", false,
    "the width of a sample, 1 to 8 (default: what FILE.json says,\nor as many as the largest sample has)"};
inline constexpr OptionSpec seed_option{"seed", '\0', "N", false,
                                        "make the same permutations as a run that printed this seed"};
inline constexpr OptionSpec threads_option{"threads", '\0', "N", false, "compute on so many processors (default: all)"};
inline constexpr OptionSpec verbose_option{"verbose", '\0', "", false, "print intermediate values, too"};

// An option's whole number; nothing where it was not given.
template <class Number> [[nodiscard]] Result<std::optional<Number>>
read_number(const ParsedOptions &options, std::string_view name, Number least, Number most) {
  const auto typed = options.value(name);
  if (!typed)
    return std::nullopt;
  const auto number = parse_number<Number>(*typed);
  if (!number || *number < least || *number > most)
    return failure(ErrorCode::invalid_argument, "'--" + std::string(name) + " " + *typed + "' is not possible",
                   "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}
// An option's number, which need not be whole.
[[nodiscard]] Result<std::optional<double>> read_real(const ParsedOptions &options, std::string_view name, double least,
                                                      double most);

// A source is recorded and measured as it is. `done`: "recorded"; for 'conditioned:NAME' the answer is an error.
[[nodiscard]] Result<void> check_unconditioned(const std::string &source, const char *done);

struct Track {
  bool iid = false;
  std::optional<std::uint64_t> seed{}; // of the permutations, given or drawn

  [[nodiscard]] const char *name() const { return iid ? "iid" : "non-iid"; }
};
// From --iid, --non-iid and --seed.
[[nodiscard]] Result<Track> read_track(const Invocation &call);

[[nodiscard]] Result<unsigned> read_threads(const ParsedOptions &options);

// What a user is not to conclude from high figures of samples that were drawn, or are described as such; empty where
// nothing is to be said.
[[nodiscard]] std::string warning_of_conditioned_output(const SamplesInput &input, PluginSet &plugins);

// Prints the result, and says what its exit status is: 1 for a verdict that is bad.
[[nodiscard]] Result<int> print_assessment(const AssessmentReport &report, const Invocation &call);

} // namespace ntpkeygen::cli
