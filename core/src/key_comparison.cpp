#include "ntpkeygen/host/key_comparison.hpp"

#include "ntpkeygen/host/words.hpp"
#include "ntpkeygen/sdk/hex.hpp"

namespace ntpkeygen {
namespace {

// Whether the digits of these bytes stand somewhere in the line. Made without a copy of the key.
bool holds_hex_of(std::string_view line, std::span<const std::byte> bytes) {
  const std::size_t digits = 2 * bytes.size();
  for (std::size_t at = 0; at + digits <= line.size(); ++at) {
    std::size_t i = 0;
    while (i < bytes.size() && hex::value(line[at + 2 * i]) == std::to_integer<unsigned>(bytes[i] >> 4) &&
           hex::value(line[at + 2 * i + 1]) == std::to_integer<unsigned>(bytes[i] & std::byte{15}))
      ++i;
    if (i == bytes.size())
      return true;
  }
  return false;
}

// What a program makes a key of: "20 bytes of hex".
std::string material_in_words(std::string_view line, std::span<const std::byte> key) {
  if (line.find(as_text(key)) != std::string_view::npos)
    return counted(key.size(), "text character");
  return counted(key.size(), "byte") + (holds_hex_of(line, key) ? " of hex" : "");
}

class Comparison {
public:
  Comparison(std::span<const std::byte> file, const LineIndex &lines, std::span<const ProgramView> programs)
      : file_(file), lines_(lines), programs_(programs) {}

  void add(const Answer &answer) {
    switch (answer.kind) {
    case Answer::Kind::key:
      if (first_ == nullptr)
        first_ = &answer;
      else
        say(keys_in_words(answer));
      break;
    case Answer::Kind::one_of:
      say(take(answer) + "one of lines " + lines_in_words(answer) + ", and the file does not tell which");
      break;
    case Answer::Kind::unknown:
      say("of the key that " + take(answer) + "from line " + std::to_string(line_of(answer)) +
          ", nobody can know all bytes");
      break;
    case Answer::Kind::nothing:
      break;
    }
  }
  [[nodiscard]] std::string words() && { return std::move(words_); }

private:
  void say(const std::string &clause) { words_ += (words_.empty() ? "" : "; ") + clause; }

  [[nodiscard]] std::string names(const Answer &answer) const {
    std::vector<std::string> all;
    for (const std::size_t program : answer.programs)
      all.push_back(programs_[program].name);
    return joined_with_and(all);
  }
  [[nodiscard]] std::string take(const Answer &answer) const {
    return names(answer) + (answer.programs.size() == 1 ? " takes " : " take ");
  }
  [[nodiscard]] const Interpretation &loaded(const Answer &answer) const {
    return programs_[answer.programs.front()].loaded;
  }
  [[nodiscard]] std::uint32_t line_of(const Answer &answer) const {
    return lines_.line_at(answer.readings.front().origin.offset);
  }
  [[nodiscard]] std::string lines_in_words(const Answer &answer) const {
    std::vector<std::string> numbers;
    for (const Reading &reading : answer.readings)
      numbers.push_back(std::to_string(lines_.line_at(reading.origin.offset)));
    return joined_with_and(numbers);
  }
  [[nodiscard]] const MacSpec &mac_of(const Answer &answer) const {
    return loaded(answer).macs[answer.readings.front().mac];
  }
  [[nodiscard]] std::string material_of(const Answer &answer) const {
    const Reading &reading = answer.readings.front();
    return material_in_words(as_text(slice(file_, reading.origin)), key_bytes(loaded(answer), reading));
  }

  [[nodiscard]] std::string keys_in_words(const Answer &other) const {
    if (line_of(other) != line_of(*first_))
      return take(other) + "line " + std::to_string(line_of(other)) + " where " + take(*first_) + "line " +
             std::to_string(line_of(*first_));
    const std::string one = material_of(*first_), another = material_of(other);
    const bool same_mac = same_function(mac_of(*first_), mac_of(other));
    if (one == another && same_mac)
      return take(other) + "another key of " + another + " than " + names(*first_);
    const auto with_mac = [&](const Answer &answer, const std::string &material) {
      return (one == another ? "it" : material) + (same_mac ? "" : " for " + mac_name(mac_of(answer)));
    };
    return take(other) + with_mac(other, another) + " where " + take(*first_) + with_mac(*first_, one);
  }

  std::span<const std::byte> file_;
  const LineIndex &lines_;
  std::span<const ProgramView> programs_;
  const Answer *first_ = nullptr; // the key that the others are compared with
  std::string words_{};
};

} // namespace

void ProgramView::forget_refusals() {
  for (const Refusal &refusal : loaded.refusals)
    if (refusal.id)
      refused.push_back(*refusal.id);
  std::vector<Refusal>().swap(loaded.refusals);
}

SideBySide::SideBySide(std::span<const ProgramView> programs) : programs_(programs), readings_(programs.size()) {
  left_.reserve(programs.size());
  for (const ProgramView &program : programs) {
    left_.emplace_back(program.loaded.readings);
    refused_.insert(refused_.end(), program.refused.begin(), program.refused.end());
    for (const Refusal &refusal : program.loaded.refusals)
      if (refusal.id)
        refused_.push_back(*refusal.id);
  }
  std::ranges::sort(refused_);
}

bool SideBySide::next() {
  bool found = next_refused_ < refused_.size();
  if (found)
    id_ = refused_[next_refused_];
  for (const auto &left : left_)
    if (!left.empty() && (!found || left.front().id < id_)) {
      id_ = left.front().id;
      found = true;
    }
  if (!found)
    return false;
  while (next_refused_ < refused_.size() && refused_[next_refused_] == id_)
    ++next_refused_;
  for (std::size_t program = 0; program < left_.size(); ++program) {
    auto &left = left_[program];
    std::size_t count = 0;
    while (count < left.size() && left[count].id == id_)
      ++count;
    readings_[program] = left.first(count);
    left = left.subspan(count);
  }
  return true;
}

std::vector<Answer> SideBySide::answers() const {
  std::vector<Answer> found;
  Answer nothing{Answer::Kind::nothing, {}, {}};
  for (std::size_t program = 0; program < readings_.size(); ++program) {
    const std::span<const Reading> readings = readings_[program];
    if (readings.empty()) {
      nothing.programs.push_back(program);
      continue;
    }
    const Interpretation &loaded = programs_[program].loaded;
    const Answer::Kind kind = known_key(loaded, readings) != nullptr ? Answer::Kind::key
                              : readings.size() == 1                 ? Answer::Kind::unknown
                                                                     : Answer::Kind::one_of;
    const auto same = std::ranges::find_if(found, [&](const Answer &other) {
      const Interpretation &other_loaded = programs_[other.programs.front()].loaded;
      const Reading &a = other.readings.front(), &b = readings.front();
      return other.kind == kind &&
             (kind == Answer::Kind::key       ? same_key(other_loaded, a, loaded, b)
              : kind == Answer::Kind::unknown ? a.origin == b.origin && a.bytes.size == b.bytes.size &&
                                                    same_function(other_loaded.macs[a.mac], loaded.macs[b.mac])
                                              : false);
    });
    if (same != found.end())
      same->programs.push_back(program);
    else
      found.push_back({kind, {program}, readings});
  }
  if (!nothing.programs.empty())
    found.push_back(std::move(nothing));
  return found;
}

std::string difference_in_words(std::span<const std::byte> file, const LineIndex &lines,
                                std::span<const ProgramView> programs, std::span<const Answer> answers) {
  Comparison comparison(file, lines, programs);
  for (const Answer &answer : answers)
    comparison.add(answer);
  return std::move(comparison).words();
}

} // namespace ntpkeygen
