#include "cli/buffered_output.hpp"
#include "cli/explain_report.hpp"
#include "cli/remarks.hpp"
#include "ntpkeygen/host/lint.hpp"
#include "ntpkeygen/host/words.hpp"
#include "ntpkeygen/sdk/hex.hpp"

#include <array>

namespace ntpkeygen::cli {
namespace {

constexpr std::size_t most_ranges = 10;                              // in one sentence
constexpr std::array deeds{"", "stops", "rejects the file", "ends"}; // by FileOutcome

std::size_t count_ids(const std::vector<Reading> &readings) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < readings.size(); ++i)
    count += i == 0 || readings[i].id != readings[i - 1].id ? 1 : 0;
  return count;
}

class TableReport {
public:
  TableReport(ExplainReport &report, Environment &environment)
      : report_(report), lines_(report.file.reveal()), memory_(environment.secrets),
        out_(environment.out, environment.secrets) {
    KeyId highest = 0;
    for (const ProgramView &view : report.views) {
      name_width_ = std::max(name_width_, view.name.size());
      for (const Refusal &refusal : view.loaded.refusals)
        highest = std::max(highest, refusal.id.value_or(0));
      if (!view.loaded.readings.empty())
        highest = std::max(highest, view.loaded.readings.back().id);
      for (const MacSpec &mac : view.loaded.macs)
        mac_width_ = std::max(mac_width_, mac_name(mac).size());
      if (report.reveal)
        for (const Reading &reading : view.loaded.readings)
          key_width_ = std::max(key_width_, std::min<std::size_t>(64, 2 * std::size_t{reading.bytes.size}));
    }
    id_width_ = std::max(id_width_, std::to_string(highest).size());
  }

  Result<void> write() {
    write_programs();
    bool any = false;
    for (SideBySide ids(report_.views); ids.next(); any = true) {
      if (!any) {
        out_.append("\n");
        write_row("KEY", "MAC", "BYTES", report_.reveal ? "KEY IN HEX" : "FINGERPRINT", "LOADED BY");
      }
      const std::vector<Answer> answers = ids.answers();
      std::string id = std::to_string(ids.id());
      for (const Answer &answer : answers) {
        if (auto written = write_answer(id, answer); !written)
          return written;
        id.clear();
      }
      note_difference(ids.id(), answers);
    }
    write_differences();
    write_stops();
    write_refusals();
    return out_.finish();
  }

private:
  static std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
  }

  void write_programs() {
    std::size_t product_width = 0;
    for (const auto &program : report_.programs)
      product_width = std::max(product_width, program->info().product.size() + 1 + program->info().version.size());
    for (std::size_t i = 0; i < report_.views.size(); ++i) {
      const ReaderInfo &info = report_.programs[i]->info();
      const Interpretation &loaded = report_.views[i].loaded;
      out_.append(padded(report_.views[i].name, name_width_) + "  " +
                  padded(info.product + " " + info.version, product_width) + "  ");
      const std::size_t keys = count_ids(loaded.readings);
      out_.append(keys == 0 ? "loads no key" : "loads " + counted(keys, "key"));
      if (loaded.outcome != FileOutcome::loaded) {
        out_.append(std::string(", ") + deeds[static_cast<std::size_t>(loaded.outcome)] + place_of_stop(loaded));
      }
      out_.append("\n");
    }
  }

  void write_row(std::string_view id, std::string_view mac, std::string_view length, std::string_view key,
                 std::string_view names) {
    constexpr std::size_t length_width = 5;
    const auto pad = [&](std::string_view text, std::size_t width) {
      out_.append(std::max(width, text.size()) - text.size(), ' ');
    };
    pad(id, id_width_);
    out_.append(id);
    out_.append("  ");
    out_.append(mac);
    pad(mac, mac_width_);
    out_.append("  ");
    pad(length, length_width);
    out_.append(length);
    out_.append("  ");
    out_.append(key);
    pad(key, key_width_);
    out_.append("  ");
    out_.append(names);
    out_.append("\n");
  }

  Result<void> write_answer(std::string_view id, const Answer &answer) {
    std::string names;
    for (const std::size_t program : answer.programs)
      names += (names.empty() ? "" : ", ") + report_.views[program].name;
    if (report_.views.size() > 1 && answer.programs.size() == report_.views.size())
      names = "all";
    const Interpretation &loaded = report_.views[answer.programs.front()].loaded;
    switch (answer.kind) {
    case Answer::Kind::nothing:
      write_row(id, "not loaded", "", "", report_.views.size() == 1 ? "" : "by " + names);
      break;
    case Answer::Kind::one_of:
      for (const Reading &reading : answer.readings) {
        if (auto written = write_key(id, loaded, reading, names + ", perhaps"); !written)
          return written;
        id = "";
      }
      break;
    case Answer::Kind::key:
    case Answer::Kind::unknown:
      return write_key(id, loaded, answer.readings.front(), names);
    }
    return {};
  }

  Result<void> write_key(std::string_view id, const Interpretation &loaded, const Reading &reading,
                         std::string_view names) {
    const MacSpec &mac = loaded.macs[reading.mac];
    const auto row = [&](std::string_view key) {
      write_row(id, mac_name(mac), std::to_string(reading.bytes.size), key, names);
    };
    if (reading.certainty == Certainty::indeterminate) {
      row("cannot be known");
    } else if (report_.reveal) {
      SecretBytes digits(memory_, 2 * std::size_t{reading.bytes.size});
      hex::encode(key_bytes(loaded, reading), digits.reveal_mutable().data());
      row(digits.reveal_text());
    } else {
      auto digits = report_.fingerprinter->of(mac, key_bytes(loaded, reading));
      if (!digits)
        return failure(std::move(digits).error());
      row({digits->data(), digits->size()});
    }
    return {};
  }

  void note_difference(KeyId id, std::span<const Answer> answers) {
    std::string words = difference_in_words(report_.file.reveal(), lines_, report_.views, answers);
    if (words.empty())
      return;
    Remark &difference = differences_.about(std::move(words));
    difference.ids.push_back(id);
    difference.lines.push_back(lines_.line_at(answers.front().readings.front().origin.offset));
  }

  void write_differences() {
    if (!differences_.all().empty())
      out_.append("\n");
    for (const Remark &difference : differences_.all()) {
      std::vector<std::uint32_t> lines = difference.lines;
      std::ranges::sort(lines);
      out_.append(numbered("key", difference.ids, most_ranges) + " (" + numbered("line", lines, most_ranges) +
                  "): " + difference.words + "\n");
    }
  }

  // Why programs do not read the file to its end, where no refusal of that line tells it.
  void write_stops() {
    bool any = false;
    for (const ProgramView &view : report_.views) {
      const Interpretation &loaded = view.loaded;
      if (loaded.outcome == FileOutcome::loaded || loaded.reason.empty() ||
          (loaded.decided_by && std::ranges::any_of(loaded.refusals, [&](const Refusal &refusal) {
             return refusal.origin.offset == loaded.decided_by->offset && !is_consequence(refusal.rule);
           })))
        continue;
      if (!any)
        out_.append("\n");
      any = true;
      out_.append(view.name + " " + std::string(deeds[static_cast<std::size_t>(loaded.outcome)]) +
                  place_of_stop(loaded) + ": " + loaded.reason + "\n");
    }
  }

  [[nodiscard]] std::string place_of_stop(const Interpretation &loaded) const {
    return loaded.decided_by ? " at line " + std::to_string(lines_.line_at(loaded.decided_by->offset)) : "";
  }

  // The lines that programs do not take: those with the same reason together, and so the programs that agree.
  void write_refusals() {
    struct Group {
      std::string words{};
      std::vector<std::string> names{};
    };
    std::vector<Group> groups;
    for (const ProgramView &view : report_.views) {
      const Remarks reasons = refused_by(view);
      for (const Remark &reason : reasons.all()) {
        std::string words = numbered("line", reason.lines, most_ranges) + ": " + reason.words + "\n";
        const auto same = std::ranges::find(groups, words, &Group::words);
        if (same != groups.end())
          same->names.push_back(view.name);
        else
          groups.push_back({std::move(words), {view.name}});
      }
    }
    if (!groups.empty())
      out_.append("\n");
    for (const Group &group : groups)
      out_.append(joined_with_and(group.names) + (group.names.size() == 1 ? " does" : " do") + " not take " +
                  group.words);
  }

  [[nodiscard]] Remarks refused_by(const ProgramView &view) const {
    Remarks reasons;
    for (const Refusal &refusal : view.loaded.refusals) {
      std::vector<std::uint32_t> &lines = reasons.about(refusal.reason + " [" + refusal.rule + "]").lines;
      if (const std::uint32_t line = lines_.line_at(refusal.origin.offset); lines.empty() || lines.back() != line)
        lines.push_back(line);
    }
    return reasons;
  }

  ExplainReport &report_;
  LineIndex lines_;
  SecretMemory &memory_;
  BufferedOutput out_;
  std::size_t name_width_ = 0, id_width_ = 3, mac_width_ = 10, key_width_ = 16;
  Remarks differences_;
};

} // namespace

Result<void> print_explain_table(ExplainReport &report, Environment &environment) {
  return TableReport(report, environment).write();
}

} // namespace ntpkeygen::cli
