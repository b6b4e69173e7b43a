#include "entropy_assessments/sp800_90b/iid/statistics.hpp"

#include <algorithm>
#include <bzlib.h>
#include <cstring>
#include <new>
#include <numeric>
#include <string>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

enum Statistic : std::size_t {
  excursion_,
  directional_runs_,
  directional_length_,
  increases_,
  median_runs_,
  median_length_,
  average_collision_,
  maximum_collision_,
  periodicity_,
  covariance_ = periodicity_ + 5,
  compression_ = covariance_ + 5
};
constexpr std::array<std::size_t, 5> lags{1, 2, 8, 16, 32};

// Number and greatest length of the runs in a sequence of 0 and 1.
struct Runs {
  std::uint64_t number = 1, length = 1, longest = 1;
  void next(bool same) noexcept {
    length = same ? length + 1 : 1;
    number += same ? 0 : 1;
    longest = std::max(longest, length);
  }
};

std::uint64_t periodicity(std::span<const std::uint8_t> values, std::size_t lag, const Work &work) {
  std::uint64_t equal = 0;
  const std::uint8_t *const a = values.data(), *const b = a + lag;
  for (std::size_t i = 0, end = values.size() - lag; i < end && !work.cancelled();) {
    std::uint32_t some = 0;
    for (const std::size_t stop = std::min(end, i + 4096); i < stop; ++i)
      some += a[i] == b[i] ? 1 : 0;
    equal += some;
  }
  return equal;
}

std::uint64_t covariance(std::span<const std::uint8_t> values, std::size_t lag, const Work &work) {
  std::uint64_t sum = 0;
  const std::uint8_t *const a = values.data(), *const b = a + lag;
  for (std::size_t i = 0, end = values.size() - lag; i < end && !work.cancelled();) {
    std::uint32_t some = 0;
    for (const std::size_t stop = std::min(end, i + 4096); i < stop; ++i)
      some += std::uint32_t{a[i]} * b[i];
    sum += some;
  }
  return sum;
}

// One bzip2 stream of blocks of 500 kB, of which only the size is kept.
class Compressor {
public:
  explicit Compressor(std::span<char> out) : out_(out) {
    constexpr int block_100k = 5, silent = 0, default_work = 0;
    if (BZ2_bzCompressInit(&stream_, block_100k, silent, default_work) != BZ_OK)
      throw std::bad_alloc();
  }
  Compressor(const Compressor &) = delete;
  Compressor &operator=(const Compressor &) = delete;
  ~Compressor() { BZ2_bzCompressEnd(&stream_); }

  void add(std::span<char> text) {
    stream_.next_in = text.data();
    stream_.avail_in = static_cast<unsigned>(text.size());
    while (stream_.avail_in != 0)
      step(BZ_RUN);
  }
  [[nodiscard]] std::uint64_t finish() {
    while (step(BZ_FINISH) != BZ_STREAM_END)
      continue;
    return size_;
  }

private:
  int step(int action) {
    stream_.next_out = out_.data();
    stream_.avail_out = static_cast<unsigned>(out_.size());
    const int status = BZ2_bzCompress(&stream_, action);
    size_ += out_.size() - stream_.avail_out;
    return status;
  }
  bz_stream stream_{};
  std::span<char> out_;
  std::uint64_t size_ = 0;
};

} // namespace

StatisticsOfOrder::StatisticsOfOrder(std::span<const std::uint8_t> samples, const Symbols &symbols)
    : binary_(symbols.alphabet == 2), samples_(samples.begin(), samples.end()), compressed_(64 * 1024) {
  std::vector<std::uint64_t> counts(256);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    raw_[symbols.mapped[i]] = samples[i];
    ++counts[symbols.mapped[i]];
    sum_ += samples[i];
  }
  // The median of bits is 1/2, whatever they are (sections 5.1.5 and 5.1.6). Else it lies at a symbol or between two.
  if (binary_) {
    below_median_ = 1;
    ones_.resize((samples.size() + 7) / 8);
    bytes_.resize(ones_.size());
  } else {
    std::uint64_t before = 0;
    while (before + counts[below_median_] <= samples.size() / 2)
      before += counts[below_median_++];
  }
  constexpr std::size_t longest_number = 4; // "255 "
  text_ = std::make_unique_for_overwrite<char[]>(samples.size() * longest_number + longest_number);
}

void StatisticsOfOrder::compute(std::span<const std::uint8_t> mapped, Wanted wanted, Statistics &out, Work &work) {
  if (work.cancelled())
    return;
  std::ranges::transform(mapped, samples_.begin(), [this](std::uint8_t symbol) { return raw_[symbol]; });
  if (binary_) {
    std::ranges::fill(ones_, std::uint8_t{0});
    std::ranges::fill(bytes_, std::uint8_t{0});
    in_pieces(0, mapped.size(), work, [&](std::size_t i) {
      ones_[i / 8] = static_cast<std::uint8_t>(ones_[i / 8] + mapped[i]);
      bytes_[i / 8] = static_cast<std::uint8_t>(bytes_[i / 8] | mapped[i] << (7 - i % 8));
    });
  }
  const std::span<const std::uint8_t> for_order = binary_ ? std::span<const std::uint8_t>(ones_) : mapped;
  const std::span<const std::uint8_t> for_product = binary_ ? std::span<const std::uint8_t>(ones_) : samples_;
  if (wanted[excursion_])
    out[excursion_] = excursion(work);
  if (wanted[directional_runs_] || wanted[directional_length_] || wanted[increases_])
    directional_runs(for_order, out, work);
  if (wanted[median_runs_] || wanted[median_length_])
    median_runs(mapped, out, work);
  if (wanted[average_collision_] || wanted[maximum_collision_])
    collisions(binary_ ? std::span<const std::uint8_t>(bytes_) : mapped, out, work);
  for (std::size_t i = 0; i < lags.size(); ++i) {
    if (wanted[periodicity_ + i])
      out[periodicity_ + i] = static_cast<double>(periodicity(for_order, lags[i], work));
    if (wanted[covariance_ + i])
      out[covariance_ + i] = static_cast<double>(covariance(for_product, lags[i], work));
  }
  if (wanted[compression_])
    out[compression_] = compressed_size(work);
}

// Section 5.1.1, in whole numbers: n times the deviation.
double StatisticsOfOrder::excursion(const Work &work) const {
  const auto n = static_cast<std::int64_t>(samples_.size()), mean_times_n = static_cast<std::int64_t>(sum_);
  std::int64_t deviation = 0, largest = 0;
  in_pieces(0, samples_.size(), work, [&](std::size_t i) {
    deviation += n * samples_[i] - mean_times_n;
    largest = std::max(largest, deviation < 0 ? -deviation : deviation);
  });
  return static_cast<double>(largest) / static_cast<double>(n);
}

// Sections 5.1.2 to 5.1.4.
void StatisticsOfOrder::directional_runs(std::span<const std::uint8_t> values, Statistics &out,
                                         const Work &work) const {
  Runs runs;
  std::uint64_t up = 0;
  in_pieces(1, values.size(), work, [&](std::size_t i) {
    const bool rises = values[i - 1] <= values[i];
    up += rises ? 1 : 0;
    if (i > 1)
      runs.next(rises == (values[i - 2] <= values[i - 1]));
  });
  out[directional_runs_] = static_cast<double>(runs.number);
  out[directional_length_] = static_cast<double>(runs.longest);
  out[increases_] = static_cast<double>(std::max<std::uint64_t>(up, values.size() - 1 - up));
}

// Sections 5.1.5 and 5.1.6.
void StatisticsOfOrder::median_runs(std::span<const std::uint8_t> mapped, Statistics &out, const Work &work) const {
  Runs runs;
  in_pieces(1, mapped.size(), work,
            [&](std::size_t i) { runs.next((mapped[i - 1] < below_median_) == (mapped[i] < below_median_)); });
  out[median_runs_] = static_cast<double>(runs.number);
  out[median_length_] = static_cast<double>(runs.longest);
}

// Sections 5.1.7 and 5.1.8.
void StatisticsOfOrder::collisions(std::span<const std::uint8_t> values, Statistics &out, const Work &work) const {
  std::array<std::size_t, 256> seen{}; // one more than where a value was seen last
  std::uint64_t number = 0, sum = 0, longest = 0;
  std::size_t begin = 0;
  in_pieces(0, values.size(), work, [&](std::size_t i) {
    std::size_t &last = seen[values[i]];
    if (last > begin) {
      const std::uint64_t length = i - begin + 1;
      sum += length;
      longest = std::max(longest, length);
      ++number;
      begin = i + 1;
    }
    last = i + 1;
  });
  out[average_collision_] = static_cast<double>(sum) / static_cast<double>(number);
  out[maximum_collision_] = static_cast<double>(longest);
}

// Section 5.1.11: the samples as decimal numbers with a blank between two.
double StatisticsOfOrder::compressed_size(Work &work) {
  struct Number {
    std::array<char, 4> text{};
    std::uint8_t size = 0;
  };
  std::array<Number, 256> numbers;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::string text = std::to_string(i) + " ";
    std::ranges::copy(text, numbers[i].text.begin());
    numbers[i].size = static_cast<std::uint8_t>(text.size());
  }
  char *end = text_.get();
  in_pieces(0, samples_.size(), work, [&](std::size_t i) {
    const Number &number = numbers[samples_[i]];
    std::memcpy(end, number.text.data(), number.text.size());
    end += number.size;
  });
  if (work.cancelled())
    return 0;
  constexpr std::size_t at_once = 100'000; // between two looks at the cancellation
  std::span<char> text(text_.get(), static_cast<std::size_t>(end - text_.get()) - 1);
  Compressor compressor(compressed_);
  while (!text.empty() && !work.cancelled()) {
    const std::span<char> some = text.first(std::min(at_once, text.size()));
    compressor.add(some);
    text = text.subspan(some.size());
  }
  return static_cast<double>(compressor.finish());
}

} // namespace ntpkeygen::plugins::sp800_90b
