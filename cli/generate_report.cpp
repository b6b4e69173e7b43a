#include "cli/generate_report.hpp"

#include "cli/inheritance.hpp"
#include "cli/json.hpp"
#include "cli/placement_hints.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/words.hpp"

namespace ntpkeygen::cli {
namespace {

void report_changes(const GenerateResult &result, Messages &messages) {
  const std::string &reload = result.plan.format->info().reload;
  const IdChanges &changes = *result.changes;
  if (!changes.changed.empty())
    messages.notice(numbered("key", changes.changed) + " changed: peers that hold the old " +
                        (changes.changed.size() == 1 ? "one" : "ones") +
                        " fail to authenticate until they get the new " +
                        (changes.changed.size() == 1 ? "one" : "ones"),
                    reload);
  if (!changes.gone.empty())
    messages.notice(numbered("key", changes.gone) +
                        (changes.gone.size() == 1 ? " is no longer in the file: peers that use it"
                                                  : " are no longer in the file: peers that use them") +
                        " fail to authenticate",
                    changes.loaded ? "next time, '--keep-current --first-id auto' adds keys instead"
                                   : result.plan.reader->info().product +
                                         " loads none of them: does another program read this file?");
  if (!changes.added.empty())
    messages.notice(numbered("key", changes.added) + (changes.added.size() == 1 ? " is new" : " are new") +
                        ": a daemon uses new keys once it has read the file and its configuration trusts them",
                    changes.changed.empty() ? reload : "");
}

// Where the old keys are, and who can read them there.
void report_old_file(const GenerateResult &result, Messages &messages) {
  const Published &published = result.published;
  const bool changed = result.changes && (!result.changes->changed.empty() || !result.changes->gone.empty());
  std::string path;
  if (published.kept_as) {
    path = path_in(result.folder, *published.kept_as);
    messages.notice("the old file is kept as " + path);
  } else if (published.old_target && result.replaced) {
    path =
        published.old_target->starts_with('/') ? *published.old_target : path_in(result.folder, *published.old_target);
    if (changed)
      messages.notice("the old keys are still in " + path,
                      "to go back to them: ln -sfn " + quoted_for_a_shell(*published.old_target) + " " +
                          quoted_for_a_shell(path_in(result.folder, published.link)));
  }
  constexpr std::uint32_t read_by_others = 04;
  // What has no keys, such as a file of the system's that the link led to, is none of ours to close.
  const bool had_keys = result.changes && result.changes->had_keys;
  if (!path.empty() && had_keys && (result.replaced->status.mode & read_by_others) != 0)
    messages.warning("every user of this machine can read the old keys in " + path +
                         "; the new file is not open to them",
                     "chmod o= " + quoted_for_a_shell(path));
}

void put_ranges(JsonWriter &json, std::string_view name, const std::vector<KeyId> &ids) {
  put_key(json, name);
  json.StartArray();
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t end = i + 1;
    while (end < ids.size() && ids[end] == ids[end - 1] + 1)
      ++end;
    json.StartArray();
    json.Uint(ids[i]);
    json.Uint(ids[end - 1]);
    json.EndArray();
    i = end;
  }
  json.EndArray();
}

std::string octal(std::uint32_t mode) {
  std::string digits = "0000";
  for (std::size_t i = digits.size(); i-- > 0; mode /= 8)
    digits[i] = static_cast<char>('0' + mode % 8);
  return digits;
}

std::string_view encoding_name(Encoding encoding) {
  return encoding == Encoding::ascii ? "ascii" : "hex";
}

} // namespace

void give_advice(const GeneratePlan &plan, Messages &messages) {
  for (const std::string &advice : plan.advice)
    messages.warning(advice);
  if (const std::string &notice = plan.format->info().notice; !notice.empty())
    messages.notice(notice);
}

void report(const GenerateResult &result, const Invocation &call) {
  Messages &messages = call.messages;
  const Published &published = result.published;
  const std::vector<PlannedGroup> &groups = result.plan.groups;
  messages.plain("Generating new " + result.plan.announced_as + (published.link.empty() ? " file" : " file and link"));
  if (!published.link.empty()) {
    messages.plain(published.link + "->" + published.name);
  } else {
    const KeyId first = groups.front().first_id, last = groups.back().first_id + groups.back().count - 1;
    messages.plain(path_in(result.folder, published.name) + ": " +
                   (first == last ? "key " + std::to_string(first)
                                  : "keys " + std::to_string(first) + "-" + std::to_string(last)));
  }
  give_advice(result.plan, messages);
  // First of all who can read the file: to reload one that the daemon cannot read is worse than not to reload.
  const Placement placement{result.folder, published.name, published.link, published.mode,
                            published.owner ? published.owner->group : 0};
  for (const std::string &hint : placement_hints(placement, result.plan.format->info(), call.environment.host))
    messages.hint(hint);
  if (result.changes)
    report_changes(result, messages);
  report_old_file(result, messages);
  report_what_is_not_inherited(result.published, result.replaced, result.folder, messages);
}

Result<void> print_json(const GenerateResult &result, TextOutput &out) {
  const Published &published = result.published;
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  put(json, "schema", "ntpkeygen/generate/1");
  put(json, "file", path_in(result.folder, published.name));
  put_or_null(json, "link", published.link.empty() ? "" : path_in(result.folder, published.link));
  put_or_null(json, "kept_as", published.kept_as ? path_in(result.folder, *published.kept_as) : "");
  put(json, "mode", octal(published.mode));
  put(json, "format", result.plan.format->info().name);
  put(json, "source", result.plan.source->name());
  put_key(json, "groups");
  json.StartArray();
  for (const PlannedGroup &group : result.plan.groups) {
    json.StartObject();
    put(json, "type", group.type);
    put_key(json, "bits");
    json.Uint(group.bits);
    put(json, "encoding", encoding_name(group.encoding));
    put_key(json, "first_id");
    json.Uint(group.first_id);
    put_key(json, "last_id");
    json.Uint(group.first_id + group.count - 1);
    json.EndObject();
  }
  json.EndArray();
  put_key(json, "changes");
  if (result.changes) {
    json.StartObject();
    put_ranges(json, "changed", result.changes->changed);
    put_ranges(json, "gone", result.changes->gone);
    put_ranges(json, "added", result.changes->added);
    json.EndObject();
  } else {
    json.Null();
  }
  json.EndObject();
  return out.write(finished(buffer));
}

} // namespace ntpkeygen::cli
