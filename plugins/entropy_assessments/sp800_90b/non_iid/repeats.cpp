#include "entropy_assessments/sp800_90b/non_iid/repeats.hpp"

#include "entropy_assessments/sp800_90b/non_iid/suffix_sort.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <span>

namespace ntpkeygen::plugins::sp800_90b {
namespace {

constexpr std::uint64_t pairs_of(std::uint64_t n) {
  return n * (n - 1) / 2;
}

// For strings whose repeats are mostly short, as a random one's are. The positions are divided into groups by what
// follows them, a few symbols at a time, until a group is so small that each pair in it can be looked at.
class ByGroups {
public:
  ByGroups(const BitString &bits, unsigned width, Work &work)
      : bits_(bits), width_(width), size_(bits.size() / width), deep_(deep_bits / width), work_(work),
        levels_(deep_ + 1) {
    for (unsigned b = 0; b <= 64; ++b)
      whole_symbols_[b] = static_cast<std::uint8_t>(b / width);
  }

  // False if the string is of another kind.
  [[nodiscard]] bool count();
  [[nodiscard]] Repeats result(const PairsOfLength &pairs);

private:
  using Position = std::uint32_t;

  // Of the substrings of one length.
  struct Level {
    std::uint32_t most = 0;
    // Pairs of equal ones: those in groups of this length, those whose group was not divided any further, and of the
    // latter, those that are equal up to this length and no further.
    std::uint64_t grouped = 0, undivided = 0, ending = 0;
  };

  [[nodiscard]] std::uint64_t window(std::size_t symbol) const noexcept {
    return bits_.window(static_cast<std::ptrdiff_t>(symbol * width_));
  }
  [[nodiscard]] std::size_t digit_symbols(std::size_t positions, unsigned most_bits, std::size_t depth) const noexcept {
    const auto wanted = static_cast<unsigned>(std::bit_width(positions) - 1);
    return std::clamp<std::size_t>(std::min(wanted, most_bits) / width_, 1, deep_ - depth);
  }
  void divide(std::span<Position> group, std::span<Position> scratch, std::size_t depth);
  void fold(std::span<std::uint32_t> counts, std::size_t symbols, std::span<const Position> ends, std::size_t depth);
  void compare_pairs(std::span<const Position> group, std::size_t depth);
  void compare(Position a, Position b, std::size_t equal, std::size_t depth);
  [[nodiscard]] std::size_t equal_symbols(Position a, Position b, std::size_t from, std::size_t to) const noexcept;

  static constexpr std::size_t deep_bits = 256;
  static constexpr unsigned first_digit_bits = 10, digit_bits = 12;
  static constexpr std::uint64_t divisions_per_position = 10; // beyond that, sorting all suffixes is faster

  const BitString &bits_;
  unsigned width_;
  std::size_t size_; // in symbols
  std::size_t deep_; // repeats of this length and more are followed one by one
  Work &work_;
  std::vector<Level> levels_;
  std::array<std::uint8_t, 65> whole_symbols_{}; // that so many bits hold
  std::vector<Position> long_repeats_;           // lengths; of pairs that differ in the symbol before
  std::unique_ptr<std::uint16_t[]> digits_;
  std::uint64_t divided_ = 0; // positions, one each time
  bool given_up_ = false;
};

bool ByGroups::count() {
  // The first division, as the others in divide(), but of positions that need not be stored before.
  const std::size_t symbols = digit_symbols(size_, first_digit_bits, 0);
  const auto shift = static_cast<unsigned>(64 - symbols * width_);
  const std::size_t whole = size_ - std::min(size_, symbols - 1); // positions that so many symbols follow
  std::vector<std::uint32_t> counts(std::size_t{1} << (symbols * width_));
  in_pieces(0, whole, work_, [&](std::size_t i) { ++counts[window(i) >> shift]; });
  if (work_.cancelled())
    return true;
  std::vector<std::uint32_t> begins(counts.size());
  for (std::size_t i = 1; i < counts.size(); ++i)
    begins[i] = begins[i - 1] + counts[i - 1];
  // Of many positions, setting them to 0 first would take longer than anybody waits for an interruption.
  const auto positions = std::make_unique_for_overwrite<Position[]>(whole);
  std::vector<std::uint32_t> next(begins);
  in_pieces(0, whole, work_, [&](std::size_t i) { positions[next[window(i) >> shift]++] = static_cast<Position>(i); });
  if (work_.cancelled())
    return true;
  const std::size_t largest = std::ranges::max(counts);
  const auto scratch = std::make_unique_for_overwrite<Position[]>(largest);
  digits_ = std::make_unique_for_overwrite<std::uint16_t[]>(largest);
  std::vector<Position> ends;
  for (std::size_t i = whole; i < size_; ++i)
    ends.push_back(static_cast<Position>(i));

  const std::vector<std::uint32_t> sizes(counts);
  fold(counts, symbols, ends, 0);
  for (std::size_t i = 0; i < sizes.size() && !given_up_ && !work_.cancelled(); ++i) {
    work_.reached(begins[i], whole);
    divide({&positions[begins[i]], sizes[i]}, {scratch.get(), sizes[i]}, symbols);
  }
  return !given_up_;
}

// The positions of a group, in ascending order, are all followed by the same `depth` symbols.
void ByGroups::divide(std::span<Position> group, std::span<Position> scratch, std::size_t depth) {
  if (group.size() < frequent) {
    compare_pairs(group, depth);
    return;
  }
  divided_ += group.size();
  if (depth == deep_ || divided_ > divisions_per_position * size_)
    given_up_ = true;
  if (given_up_ || work_.cancelled())
    return;

  const std::size_t symbols = digit_symbols(group.size(), digit_bits, depth);
  const auto shift = static_cast<unsigned>(64 - symbols * width_);
  std::size_t whole = group.size(); // those after these are too close to the end of the string
  while (whole > 0 && group[whole - 1] + depth + symbols > size_)
    --whole;
  std::array<std::uint32_t, std::size_t{1} << digit_bits> counts_space;
  std::array<std::uint32_t, (std::size_t{1} << digit_bits) + 1> begins_space;
  const std::size_t values = std::size_t{1} << (symbols * width_);
  const std::span counts = std::span(counts_space).first(values);
  const std::span begins = std::span(begins_space).first(values + 1);
  std::ranges::fill(counts, 0);
  in_pieces(0, whole, work_, [&](std::size_t i) {
    const auto digit = static_cast<std::uint16_t>(window(group[i] + depth) >> shift);
    digits_[i] = digit;
    ++counts[digit];
  });
  if (work_.cancelled())
    return;
  std::uint32_t begin = 0;
  for (std::size_t value = 0; value < values; ++value) {
    begins[value] = begin;
    begin += counts[value];
  }
  in_pieces(0, whole, work_, [&](std::size_t i) { scratch[begins[digits_[i]]++] = group[i]; }); // begins become ends
  if (work_.cancelled())
    return;
  fold(counts, symbols, group.subspan(whole), depth);

  begin = 0;
  for (std::size_t value = 0; value < values; ++value) {
    const std::uint32_t end = begins[value];
    if (end - begin > 1)
      divide(scratch.subspan(begin, end - begin), group.subspan(begin, end - begin), depth + symbols);
    begin = end;
  }
}

// Takes in how often each string of so many symbols follows the common beginning, and adds up to shorter and shorter
// ones; there the positions come in that are too close to the string's end to have had a longer one counted.
void ByGroups::fold(std::span<std::uint32_t> counts, std::size_t symbols, std::span<const Position> ends,
                    std::size_t depth) {
  for (;; --symbols) {
    Level &level = levels_[depth + symbols];
    for (const std::uint32_t count : counts) {
      level.most = std::max(level.most, count);
      level.grouped += pairs_of(count);
    }
    if (symbols == 1)
      return;
    const std::size_t children = std::size_t{1} << width_;
    const std::size_t left = counts.size() / children;
    for (std::size_t i = 0; i < left; ++i) {
      std::uint32_t sum = 0;
      for (std::size_t child = 0; child < children; ++child)
        sum += counts[i * children + child];
      counts[i] = sum;
    }
    counts = counts.first(left);
    for (const Position end : ends)
      if (size_ - end == depth + symbols - 1)
        ++counts[window(end + depth) >> (64 - (symbols - 1) * width_)];
  }
}

void ByGroups::compare_pairs(std::span<const Position> group, std::size_t depth) {
  if (group.size() < 2)
    return;
  const std::size_t at_once = std::min<std::size_t>(64 / width_, deep_ - depth);
  if (depth < deep_)
    levels_[depth].undivided += pairs_of(group.size());
  if (at_once == 0 || group.back() + depth + at_once > size_) {
    for (std::size_t b = 1; b < group.size(); ++b)
      for (std::size_t a = 0; a < b; ++a)
        compare(group[a], group[b], depth, depth);
    return;
  }
  std::array<std::uint64_t, frequent> windows;
  for (std::size_t i = 0; i < group.size(); ++i)
    windows[i] = window(group[i] + depth);
  const auto beyond = static_cast<unsigned>(64 - at_once * width_);
  for (std::size_t b = 1; b < group.size(); ++b)
    for (std::size_t a = 0; a < b; ++a) {
      const std::uint64_t difference = windows[a] ^ windows[b];
      if (difference >> beyond == 0) [[unlikely]]
        compare(group[a], group[b], depth + at_once, depth);
      else
        ++levels_[depth + whole_symbols_[static_cast<unsigned>(std::countl_zero(difference))]].ending;
    }
}

// A pair that is known to be equal for so many symbols.
void ByGroups::compare(Position a, Position b, std::size_t equal, std::size_t depth) {
  equal = equal_symbols(a, b, equal, deep_);
  if (depth < deep_)
    ++levels_[std::min(equal, deep_ - 1)].ending;
  if (equal < deep_)
    return;
  // Of the pairs within one long repeat, the first one stands for all.
  if (a != 0 && window(a - 1) >> (64 - width_) == window(b - 1) >> (64 - width_))
    return;
  long_repeats_.push_back(static_cast<Position>(equal_symbols(a, b, equal, size_)));
  if (long_repeats_.size() > 1000 + size_ / 8)
    given_up_ = true;
}

// a < b; not more than to `to`.
std::size_t ByGroups::equal_symbols(Position a, Position b, std::size_t from, std::size_t to) const noexcept {
  to = std::min(to, size_ - b);
  const std::size_t at_once = 64 / width_;
  while (from < to) {
    const std::uint64_t difference = window(a + from) ^ window(b + from);
    const std::size_t equal = whole_symbols_[static_cast<unsigned>(std::countl_zero(difference))];
    if (equal < at_once)
      return std::min(from + equal, to);
    from += at_once;
  }
  return to;
}

Repeats ByGroups::result(const PairsOfLength &pairs) {
  Repeats repeats;
  while (repeats.most.size() < deep_ && levels_[repeats.most.size() + 1].most >= frequent)
    repeats.most.push_back(levels_[repeats.most.size() + 1].most);
  const std::size_t shortest = repeats.most.size() + 1;
  std::uint64_t undivided = 0;
  for (std::size_t w = 1; w < deep_; ++w) {
    undivided += levels_[w - 1].undivided;
    undivided -= levels_[w - 1].ending;
    const std::uint64_t count = levels_[w].grouped + undivided;
    if (count == 0)
      break;
    repeats.longest = w;
    if (w >= shortest)
      pairs(w, count);
  }
  if (long_repeats_.empty())
    return repeats;

  // A repeat of length l has l - w + 1 pairs of length w.
  std::ranges::sort(long_repeats_, std::greater());
  repeats.longest = long_repeats_.front();
  std::uint64_t count = 0;
  std::size_t longer = 0; // repeats than w, or as long
  for (std::size_t w = repeats.longest; w >= deep_; --w) {
    while (longer < long_repeats_.size() && long_repeats_[longer] == w)
      ++longer;
    count += longer;
    if (w >= shortest)
      pairs(w, count);
  }
  return repeats;
}

// For any string: by its suffixes in order, and how many symbols each has in common with the one before.
class BySuffixes {
public:
  BySuffixes(const BitString &bits, unsigned width, Work &work) : size_(bits.size() / width), work_(work) {
    sort(bits, width);
  }
  [[nodiscard]] Repeats result(const PairsOfLength &pairs);

private:
  using Index = std::int32_t;

  void sort(const BitString &bits, unsigned width);
  // Calls visit(length, shorter, count) for every substring that occurs `count` times, at least twice, and cannot be
  // extended without occurring less often; `shorter` is the length that it can be cut to before it occurs more often.
  template <class Visit> void visit_intervals(Visit visit);

  std::size_t size_;
  Work &work_;
  std::vector<Index> common_; // with the suffix before; of the first one, 0
};

void BySuffixes::sort(const BitString &bits, unsigned width) {
  const auto end = static_cast<Index>(size_);
  std::vector<std::uint8_t> text(size_);
  for (std::size_t i = 0; i < size_; ++i)
    text[i] = static_cast<std::uint8_t>(bits.window(static_cast<std::ptrdiff_t>(i * width)) >> (64 - width));
  auto sorted = sort_suffixes(text, work_);
  if (!sorted)
    return;
  std::vector<Index> suffixes = std::move(*sorted);
  work_.reached(1, 3);

  // In the order of the string, common prefixes shrink by at most one from one suffix to the next (Kärkkäinen,
  // Manzini, Puglisi, Permuted Longest-Common-Prefix Array).
  std::vector<Index> permuted(size_); // first the suffix that comes before, then the length
  permuted[static_cast<std::size_t>(suffixes[0])] = -1;
  for (std::size_t rank = 1; rank < size_; ++rank)
    permuted[static_cast<std::size_t>(suffixes[rank])] = suffixes[rank - 1];
  Index equal = 0;
  for (Index i = 0; i < end; ++i) {
    if (i % (1 << 16) == 0 && work_.cancelled())
      return;
    const Index before = permuted[static_cast<std::size_t>(i)];
    if (before < 0) {
      equal = 0;
    } else {
      const Index most = end - std::max(i, before);
      while (equal < most &&
             // NOLINTNEXTLINE(bugprone-misplaced-widening-cast): both are places in the text
             text[static_cast<std::size_t>(i + equal)] == text[static_cast<std::size_t>(before + equal)])
        ++equal;
    }
    permuted[static_cast<std::size_t>(i)] = equal;
    equal = std::max(equal - 1, 0);
  }
  work_.reached(2, 3);
  for (Index &suffix : suffixes)
    suffix = permuted[static_cast<std::size_t>(suffix)];
  common_ = std::move(suffixes);
}

template <class Visit> void BySuffixes::visit_intervals(Visit visit) {
  // Open intervals of suffixes, by what they have in common. Room for the worst case; only what is used is touched.
  const auto lengths = std::make_unique_for_overwrite<Index[]>(size_ + 1);
  const auto begins = std::make_unique_for_overwrite<Index[]>(size_ + 1);
  std::size_t open = 0;
  for (std::size_t rank = 1; rank <= size_; ++rank) {
    if (rank % (std::size_t{1} << 18) == 0 && work_.cancelled())
      return;
    const Index common = rank < size_ ? common_[rank] : 0;
    auto begin = static_cast<Index>(rank - 1);
    while (open > 0 && lengths[open - 1] > common) {
      --open;
      begin = begins[open];
      visit(static_cast<std::size_t>(lengths[open]),
            static_cast<std::size_t>(std::max(common, open > 0 ? lengths[open - 1] : 0)),
            static_cast<std::uint32_t>(rank) - static_cast<std::uint32_t>(begin));
    }
    if (common > 0 && (open == 0 || lengths[open - 1] < common)) {
      lengths[open] = common;
      begins[open] = begin;
      ++open;
    }
  }
}

Repeats BySuffixes::result(const PairsOfLength &pairs) {
  Repeats repeats;
  if (work_.cancelled())
    return repeats;
  repeats.longest = static_cast<std::size_t>(std::ranges::max(common_));
  std::size_t frequent_length = 0;
  repeats.most.resize(repeats.longest);
  visit_intervals([&](std::size_t length, std::size_t, std::uint32_t count) {
    if (count < frequent)
      return;
    frequent_length = std::max(frequent_length, length);
    repeats.most[length - 1] = std::max(repeats.most[length - 1], count);
  });
  repeats.most.resize(frequent_length);
  for (std::size_t length = frequent_length; length > 1; --length)
    repeats.most[length - 2] = std::max(repeats.most[length - 2], repeats.most[length - 1]);

  const std::size_t shortest = frequent_length + 1;
  if (shortest > repeats.longest)
    return repeats;
  std::vector<std::uint64_t> change(repeats.longest - shortest +
                                    2); // of the number of pairs, from one length to the next
  visit_intervals([&](std::size_t length, std::size_t shorter, std::uint32_t count) {
    if (length < shortest)
      return;
    change[std::max(shorter + 1, shortest) - shortest] += pairs_of(count);
    change[length + 1 - shortest] -= pairs_of(count);
  });
  std::uint64_t count = 0;
  for (std::size_t i = 0; i + 1 < change.size(); ++i) {
    count += change[i];
    if (change[i + 1] != 0)
      pairs(shortest + i, count);
  }
  return repeats;
}

} // namespace

Repeats count_repeats(const BitString &bits, unsigned width, Work &work, const PairsOfLength &pairs) {
  if (bits.size() / width < 2)
    return {};
  if (ByGroups groups(bits, width, work); groups.count())
    return groups.result(pairs);
  return BySuffixes(bits, width, work).result(pairs);
}

} // namespace ntpkeygen::plugins::sp800_90b
