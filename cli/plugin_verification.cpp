#include "cli/plugin_verification.hpp"

#include "cli/entropy_command.hpp"
#include "cli/foreign_text.hpp"
#include "cli/json_document.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace ntpkeygen::cli {
namespace {

constexpr const char *helper = "plugin-verify";
constexpr double usual_seconds = 10, most_seconds = 86'400;

bool is_text(const JsonValue &value, const char *key) {
  return value.HasMember(key) && value[key].IsString();
}
std::string_view text_of(const JsonValue &value, const char *key) {
  return {value[key].GetString(), value[key].GetStringLength()};
}

// What the helper has said so far; prints a table meanwhile.
class Verification {
public:
  Verification(TextOutput &out, bool as_table) : out_(out), as_table_(as_table) {}

  void take(std::string_view line) {
    JsonDocument said;
    said.Parse(line.data(), line.size());
    if (!said.IsObject())
      return lose();
    if (is_text(said, "refused")) {
      refused_ = Error{ErrorCode::plugin_fault, 0, std::string(text_of(said, "refused")),
                       is_text(said, "hint") ? std::string(text_of(said, "hint")) : ""};
    } else if (said.HasMember("done")) {
      done_ = true;
    } else if (is_text(said, "law")) {
      if (!is_text(said, "outcome") || !is_text(said, "sentence") || !is_text(said, "detail") ||
          !is_text(said, "kind") || !is_text(said, "name"))
        return lose();
      broken_ += text_of(said, "outcome") == "broken" ? 1U : 0U;
      not_tried_ += text_of(said, "outcome") == "not-tried" ? 1U : 0U;
      if (as_table_)
        print_law(said);
      laws_.push_back(std::move(said));
    } else if (is_text(said, "path") && is_text(said, "version") && said.HasMember("libraries") &&
               said["libraries"].IsArray() && said.HasMember("interface") && said["interface"].IsUint() &&
               is_text(said, "kind") && is_text(said, "name") && is_text(said, "summary")) {
      plugin_ = std::move(said);
      if (as_table_)
        print_plugin();
    } else {
      lose();
    }
  }

  [[nodiscard]] const std::optional<Error> &refused() const { return refused_; }
  [[nodiscard]] const Result<void> &written() const { return written_; }
  [[nodiscard]] bool is_whole() const { return done_ && !lost_ && plugin_.IsObject() && !laws_.empty(); }
  [[nodiscard]] std::size_t broken() const { return broken_; }

  void print_sum() {
    const std::size_t tried = laws_.size() - not_tried_;
    std::string sum = "\n" + (broken_ == 0 ? "all " + std::to_string(tried) + " laws that were tried hold"
                                           : std::to_string(broken_) + " of " + std::to_string(tried) +
                                                 (broken_ == 1 ? " laws is broken" : " laws are broken"));
    if (not_tried_ != 0)
      sum += "; " + std::to_string(not_tried_) + (not_tried_ == 1 ? " was" : " were") + " not tried";
    print(sum + "\n");
  }

  [[nodiscard]] Result<void> print_json() {
    JsonBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    put(json, "schema", "ntpkeygen/plugin-verification/1");
    for (const char *key : {"path", "kind", "name", "version", "summary"})
      put(json, key, text_of(plugin_, key));
    put_key(json, "interface");
    json.Uint(plugin_["interface"].GetUint());
    put_key(json, "libraries");
    plugin_["libraries"].Accept(json);
    put_key(json, "laws");
    json.StartArray();
    for (const JsonDocument &law : laws_) {
      json.StartObject();
      put_or_null(json, "kind", text_of(law, "kind"));
      put_or_null(json, "name", text_of(law, "name"));
      put(json, "law", text_of(law, "law"));
      put(json, "sentence", text_of(law, "sentence"));
      put(json, "outcome", text_of(law, "outcome"));
      put_or_null(json, "detail", text_of(law, "detail"));
      json.EndObject();
    }
    json.EndArray();
    put_key(json, "broken");
    json.Uint64(broken_);
    json.EndObject();
    return out_.write(finished(buffer));
  }

private:
  void lose() { lost_ = true; }
  void print(const std::string &text) {
    if (written_)
      written_ = out_.write(text);
  }
  void print_plugin() {
    std::string libraries;
    for (const auto &library : plugin_["libraries"].GetArray())
      if (library.IsString())
        libraries += std::string(libraries.empty() ? "" : ", ") + library.GetString();
    const auto text = [&](const char *key) { return escaped(std::string(text_of(plugin_, key))); };
    print(text("path") + "\n" + text("kind") + " " + text("name") + " " + text("version") + ": " + text("summary") +
          "\nbuilt for plugin interface " + std::to_string(plugin_["interface"].GetUint()) + "; needs " +
          (libraries.empty() ? "no library" : escaped(libraries)) + "\n");
  }
  void print_law(const JsonDocument &law) {
    const std::string thing = text_of(law, "kind").empty()
                                  ? "the plugin as a whole"
                                  : std::string(text_of(law, "kind")) + " " + std::string(text_of(law, "name"));
    std::string text;
    if (thing != thing_)
      text += "\n" + escaped(thing) + "\n";
    thing_ = thing;
    const std::string_view outcome = text_of(law, "outcome");
    std::string name(text_of(law, "law"));
    name.resize(std::max<std::size_t>(name.size(), 13), ' ');
    text += std::string(outcome == "holds"    ? "  pass  "
                        : outcome == "broken" ? "  FAIL  "
                                              : "  -     ") +
            escaped(name) + " " + escaped(std::string(text_of(law, "sentence"))) + "\n";
    if (const std::string_view detail = text_of(law, "detail"); !detail.empty())
      text += std::string(8, ' ') + (outcome == "not-tried" ? "not tried: " : "") + escaped(std::string(detail)) + "\n";
    print(text);
  }

  TextOutput &out_;
  bool as_table_, lost_ = false, done_ = false;
  std::optional<Error> refused_{};
  std::string thing_{};
  JsonDocument plugin_{};
  std::vector<JsonDocument> laws_{};
  std::size_t broken_ = 0, not_tried_ = 0;
  Result<void> written_{};
};

} // namespace

Result<int> verify_plugin(const Invocation &call) {
  const auto seconds = read_real(call.options, "seconds", 0.1, most_seconds);
  if (!seconds)
    return failure(seconds.error());
  const std::optional<std::string> file = call.options.value("verify");
  auto path = call.environment.programs.own_helper(helper);
  if (!path)
    return failure(std::move(path).error());
  std::array<char, 32> budget{};
  std::snprintf(budget.data(), budget.size(), "%.3f", seconds->value_or(usual_seconds));
  std::vector<std::string> words{*std::move(path), budget.data()};
  for (const std::string &folder : call.options.values("plugin-dir"))
    words.insert(words.end(), {"--plugin-dir", folder});
  words.push_back(*file);
  const bool as_json = call.options.has("json");
  Verification verification(call.environment.out, !as_json);
  const auto status = call.environment.programs.run(
      words, "", [&](std::string_view line) { verification.take(line); }, call.environment.control);
  if (!status)
    return failure(status.error());
  if (call.environment.control.cancelled())
    return failure(ErrorCode::cancelled, "interrupted");
  if (!verification.written())
    return failure(verification.written().error());
  if (verification.refused())
    return failure(*verification.refused());
  if (*status != 0 || !verification.is_whole())
    return failure(ErrorCode::plugin_fault, std::string("the helper ") + helper + " ended with status " +
                                                std::to_string(*status) + " before it was done");
  if (as_json) {
    if (Result<void> printed = verification.print_json(); !printed)
      return failure(std::move(printed).error());
  } else {
    verification.print_sum();
    if (!verification.written())
      return failure(verification.written().error());
  }
  return verification.broken() == 0 ? 0 : 1;
}

} // namespace ntpkeygen::cli
