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

// What samples are taken for: their description may say otherwise.
enum class Use : std::uint8_t { sequential, conditioned_dataset, restart_data, conditioned_output };

// Why high figures of samples say nothing about noise, as far as their source or description tells; empty: no reason is
// known.
[[nodiscard]] std::string caution_of(const SamplesInput &input, Use use, PluginSet &plugins);

// That, and what else is to be known before anything is concluded: that the description is another recording's, cannot
// be used, or says that these are no such samples.
[[nodiscard]] std::vector<std::string> warnings_about(const SamplesInput &input, Use use, PluginSet &plugins);

// That a recording cannot be held against itself.
[[nodiscard]] std::string same_samples(const SamplesInput &restart_data, const SamplesInput &sequential);

// Before the warnings of the assessment itself.
void put_first(std::vector<std::string> warnings, Assessment &result);

struct NamedFile {
  NewFile &file;
  std::string name;
};
// Gives complete files their names, in this order, and brings the folder to the disk. On an error none has its name.
[[nodiscard]] Result<void> publish_together(Folder &folder, std::span<const NamedFile> files);

// Prints the result, and says what its exit status is: 1 for a verdict that is bad.
[[nodiscard]] Result<int> print_assessment(const AssessmentReport &report, const Invocation &call);

} // namespace ntpkeygen::cli
