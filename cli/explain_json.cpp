#include "cli/buffered_output.hpp"
#include "cli/explain_report.hpp"
#include "cli/json.hpp"
#include "ntpkeygen/sdk/hex.hpp"

namespace ntpkeygen::cli {
namespace {

std::string_view name_of(FileOutcome outcome) {
  switch (outcome) {
  case FileOutcome::loaded:
    return "loaded";
  case FileOutcome::stopped_early:
    return "stopped";
  case FileOutcome::rejected:
    return "rejected";
  case FileOutcome::exits:
    break;
  }
  return "exits";
}

using JsonStream = JsonWriterTo<BufferedOutput>;

class JsonReport {
public:
  JsonReport(ExplainReport &report, Environment &environment)
      : report_(report), lines_(report.file.reveal()), memory_(environment.secrets),
        out_(environment.out, environment.secrets), json_(out_) {}

  Result<void> write() {
    json_.StartObject();
    put(json_, "schema", "ntpkeygen/explain/1");
    put(json_, "file", report_.path);
    put_key(json_, "implementations");
    json_.StartObject();
    for (std::size_t i = 0; i < report_.views.size(); ++i)
      if (auto written = write_program(report_.programs[i]->info(), report_.views[i]); !written)
        return written;
    json_.EndObject();
    json_.EndObject();
    out_.Put('\n');
    return out_.finish();
  }

private:
  Result<void> write_program(const ReaderInfo &info, const ProgramView &view) {
    const Interpretation &loaded = view.loaded;
    put_key(json_, view.name);
    json_.StartObject();
    put(json_, "version", info.version);
    put(json_, "outcome", name_of(loaded.outcome));
    put_key(json_, "loads");
    json_.Bool(loaded.outcome == FileOutcome::loaded || loaded.outcome == FileOutcome::stopped_early);
    put_or_null(json_, "reason", loaded.reason);
    put_key(json_, "line");
    loaded.decided_by ? json_.Uint(lines_.line_at(loaded.decided_by->offset)) : json_.Null();
    put_key(json_, "keys");
    json_.StartObject();
    for (SideBySide ids({&view, 1}); ids.next();) {
      put_key(json_, std::to_string(ids.id()));
      if (auto written = write_key(loaded, ids.readings(0)); !written)
        return written;
    }
    json_.EndObject();
    put_key(json_, "not_loaded");
    json_.StartArray();
    for (const Refusal &refusal : loaded.refusals)
      write_refusal(refusal);
    json_.EndArray();
    json_.EndObject();
    return {};
  }

  Result<void> write_key(const Interpretation &loaded, std::span<const Reading> readings) {
    if (readings.empty()) {
      json_.Null();
      return {};
    }
    if (const Reading *known = known_key(loaded, readings))
      return write_reading(loaded, *known);
    return readings.size() == 1 ? write_reading(loaded, readings.front()) : write_alternatives(loaded, readings);
  }

  void begin(const Interpretation &loaded, const Reading &reading) {
    json_.StartObject();
    put(json_, "mac", mac_name(loaded.macs[reading.mac]));
    put_key(json_, "length");
    json_.Uint(reading.bytes.size);
  }

  Result<void> write_reading(const Interpretation &loaded, const Reading &reading) {
    begin(loaded, reading);
    if (reading.certainty == Certainty::indeterminate) {
      put_key(json_, "indeterminate");
      json_.Bool(true);
    } else {
      auto fingerprint = report_.fingerprinter->of(loaded.macs[reading.mac], key_bytes(loaded, reading));
      if (!fingerprint)
        return failure(std::move(fingerprint).error());
      put(json_, "fingerprint", {fingerprint->data(), fingerprint->size()});
      if (report_.reveal) {
        put_key(json_, "key_hex");
        SecretBytes digits(memory_, 2 * std::size_t{reading.bytes.size});
        hex::encode(key_bytes(loaded, reading), digits.reveal_mutable().data());
        put(json_, digits.reveal_text());
      }
    }
    json_.EndObject();
    return {};
  }

  // What they have in common stands for all of them.
  Result<void> write_alternatives(const Interpretation &loaded, std::span<const Reading> readings) {
    const Reading &first = readings.front();
    const auto all_have = [&](auto property) {
      return std::ranges::all_of(readings, [&](const Reading &other) { return property(other) == property(first); });
    };
    json_.StartObject();
    put_or_null(json_, "mac",
                all_have([&](const Reading &each) { return mac_name(loaded.macs[each.mac]); })
                    ? mac_name(loaded.macs[first.mac])
                    : "");
    put_key(json_, "length");
    all_have([](const Reading &each) { return each.bytes.size; }) ? json_.Uint(first.bytes.size) : json_.Null();
    put_key(json_, "fingerprint");
    json_.Null();
    if (report_.reveal) {
      put_key(json_, "key_hex");
      json_.Null();
    }
    put_key(json_, "alternatives");
    json_.StartArray();
    for (const Reading &reading : readings)
      if (auto written = write_reading(loaded, reading); !written)
        return written;
    json_.EndArray();
    json_.EndObject();
    return {};
  }

  void write_refusal(const Refusal &refusal) {
    json_.StartObject();
    put_key(json_, "id");
    refusal.id ? json_.Uint(*refusal.id) : json_.Null();
    put_key(json_, "line");
    json_.Uint(lines_.line_at(refusal.origin.offset));
    put(json_, "rule", refusal.rule);
    put(json_, "reason", refusal.reason);
    json_.EndObject();
  }

  ExplainReport &report_;
  LineIndex lines_;
  SecretMemory &memory_;
  BufferedOutput out_;
  JsonStream json_;
};

} // namespace

Result<void> print_explain_json(ExplainReport &report, Environment &environment) {
  return JsonReport(report, environment).write();
}

} // namespace ntpkeygen::cli
