#include "entropy_assessments/fips140_2/block_tests.hpp"
#include "entropy_assessments/fips140_2/fips140_2.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace ntpkeygen::plugins::fips140_2 {
namespace {

// One test over all blocks: how many failed it, and how far its statistic went.
struct Tally {
  const char *name;
  std::uint64_t failed = 0;
  double least = 0, most = 0;

  void add(bool passed, double statistic, bool first) {
    failed += !passed;
    least = first ? statistic : std::min(least, statistic);
    most = first ? statistic : std::max(most, statistic);
  }
};

// Samples as bytes: those of eight bits are, narrower ones are joined, each with its highest bit first.
std::vector<std::uint8_t> joined(std::span<const std::uint8_t> samples, unsigned width) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(samples.size() * width / 8);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t sample : samples) {
    bits = bits << width | sample;
    held += width;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return bytes;
}

Result<void> check(const AssessmentJob &job) {
  if (job.procedure != "blocks")
    return failure(ErrorCode::not_found, "fips140-2 has no procedure '" + std::string(job.procedure) + "'");
  if (!job.parameters.empty())
    return failure(ErrorCode::invalid_argument,
                   "the procedure 'blocks' has no parameter '" + job.parameters.front().name + "'");
  if (job.sample_bits < 1 || job.sample_bits > 8)
    return failure(ErrorCode::invalid_argument,
                   "samples of " + std::to_string(job.sample_bits) + " bits cannot be assessed");
  const auto wide = std::ranges::find_if(
      job.samples, [&job](std::uint8_t sample) { return job.sample_bits < 8 && sample >> job.sample_bits != 0; });
  if (wide != job.samples.end())
    return failure(ErrorCode::invalid_argument,
                   "sample " + std::to_string(wide - job.samples.begin()) + " is " + std::to_string(*wide) +
                       ", which does not fit in " + std::to_string(job.sample_bits) + " bits",
                   "give the width that the samples have");
  if (job.samples.size() * job.sample_bits < (block_bytes + word_bytes) * 8)
    return failure(ErrorCode::invalid_argument,
                   std::to_string(job.samples.size() * job.sample_bits) +
                       " bits are too few: the tests need a block of 20,000, and the 32 bits before it");
  return {};
}

// How probable it is that as many of `blocks` fail, or more, if their bits are ideal. About one block in a thousand
// does.
double chance_of(std::uint64_t failed, std::uint64_t blocks) {
  constexpr double rate = 1e-3;
  const double n = static_cast<double>(blocks);
  double fewer = 0, term = std::exp(n * std::log1p(-rate)); // term: of exactly k
  for (std::uint64_t k = 0; k < failed && term > 0; ++k) {
    fewer += term;
    term *= (n - static_cast<double>(k)) / static_cast<double>(k + 1) * (rate / (1 - rate));
  }
  return 1 - fewer;
}

// Whether failures are more than what one set of ideal samples in a hundred has.
Verdict verdict_of(std::uint64_t failed, std::uint64_t blocks) {
  return failed != 0 && chance_of(failed, blocks) < 0.01 ? Verdict::fail : Verdict::pass;
}

Result<Assessment> test_blocks(const AssessmentJob &job, RunControl &control) {
  const std::vector<std::uint8_t> bytes = joined(job.samples, job.sample_bits);
  const std::span<const std::uint8_t> rest = std::span(bytes).subspan(word_bytes);
  std::uint32_t last_word = word_at(bytes);
  Tally monobit{"monobit"}, poker{"poker"}, runs{"runs"}, long_run{"long_run"}, continuous_run{"continuous_run"};
  std::uint64_t failed = 0;
  const std::uint64_t blocks = rest.size() / block_bytes;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    if (control.cancelled())
      return failure(ErrorCode::cancelled, "interrupted while computing: blocks");
    control.progress("blocks", block, blocks);
    const BlockCounts counts = count_block(rest.subspan(block * block_bytes).first<block_bytes>(), last_word);
    const bool first = block == 0;
    monobit.add(counts.monobit(), counts.ones, first);
    poker.add(counts.poker(), counts.poker_statistic(), first);
    runs.add(counts.all_runs(), 0, first);
    long_run.add(counts.long_run(), counts.longest_run, first);
    continuous_run.add(counts.continuous_run(), 0, first);
    failed +=
        !(counts.monobit() && counts.poker() && counts.all_runs() && counts.long_run() && counts.continuous_run());
  }
  control.progress("blocks", blocks, blocks);

  Assessment assessment;
  std::array<bool, 256> occurs{};
  for (const std::uint8_t sample : job.samples)
    occurs[sample] = true;
  assessment.symbols = static_cast<std::uint32_t>(std::ranges::count(occurs, true));
  for (const Tally &test : {monobit, poker, runs, long_run, continuous_run}) {
    AssessmentRow row{
        "blocks_failed", test.name, static_cast<double>(test.failed), verdict_of(test.failed, blocks), {}, {}};
    if (test.most > 0)
      row.details = {{"least", test.least}, {"most", test.most}};
    assessment.rows.push_back(std::move(row));
  }
  assessment.figures = {{"blocks", static_cast<double>(blocks)},
                        {"passed_blocks", static_cast<double>(blocks - failed)},
                        {"failed_blocks", static_cast<double>(failed)}};
  assessment.verdict = verdict_of(failed, blocks);
  if (failed != 0 && assessment.verdict == Verdict::pass)
    assessment.warnings.emplace_back(std::to_string(failed) + " of " + std::to_string(blocks) +
                                     " blocks failed, which is no sign of a fault: of ideal bits, about one block in a "
                                     "thousand fails");
  return assessment;
}

class Fips1402 final : public EntropyAssessment {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "fips140-2"; }
  [[nodiscard]] std::span<const ProcedureInfo> procedures() const noexcept override { return procedures_; }
  [[nodiscard]] Result<Assessment> run(const AssessmentJob &job, RunControl &control) const noexcept override {
    return guarded([&]() -> Result<Assessment> {
      if (Result<void> good = check(job); !good)
        return failure(std::move(good).error());
      return test_blocks(job, control);
    });
  }

private:
  std::vector<ProcedureInfo> procedures_{
      {"blocks", "monobit, poker, runs, long run and continuous run tests of each 20,000 bits", 1, 0, false, {}}};
};

} // namespace

Result<void> enroll(Registrar &registrar) {
  return registrar.add(std::make_unique<Fips1402>());
}

} // namespace ntpkeygen::plugins::fips140_2
