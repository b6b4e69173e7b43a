#include "cli/config_check.hpp"

#include "cli/apparmor.hpp"
#include "cli/foreign_text.hpp"
#include "cli/shell_words.hpp"
#include "ntpkeygen/host/loaded_keys.hpp"
#include "ntpkeygen/host/words.hpp"

#include <algorithm>
#include <unordered_map>

namespace ntpkeygen::cli {
namespace {

constexpr std::size_t most_ranges = 10; // of key ids in one sentence

class Join {
public:
  Join(CheckedConfig &checked, const Invocation &call)
      : checked_(checked), config_(checked.config), environment_(call.environment) {
    for (const KeyUse &use : config_.uses)
      used_.push_back(use.id);
    std::ranges::sort(used_);
    for (const TrustedKeys &each : config_.trusted)
      trusted_.emplace_back(each.first, each.last);
    std::ranges::sort(trusted_);
    for (std::size_t i = 1; i < trusted_.size(); ++i) // each reaches as far as all before it do
      trusted_[i].second = std::max(trusted_[i].second, trusted_[i - 1].second);
  }

  // `loaded`: what the daemon itself loads.
  void run(const Interpretation &loaded) {
    for (const Refusal &refusal : loaded.refusals)
      if (refusal.id)
        refused_.emplace(*refusal.id, &refusal);
    for (const KeyUse &use : config_.uses)
      check_use(use, loaded);
    if (config_.program != "chrony")
      check_trust(loaded);
    if (!checked_.stands_in)
      check_access();
  }

private:
  [[nodiscard]] bool is_trusted(KeyId id) const {
    const auto behind = std::ranges::upper_bound(trusted_, id, {}, &std::pair<KeyId, KeyId>::first);
    return behind != trusted_.begin() && id <= std::prev(behind)->second;
  }
  [[nodiscard]] bool is_used(KeyId id) const { return std::ranges::binary_search(used_, id); }

  void check_use(const KeyUse &use, const Interpretation &loaded) {
    const std::string key = "key " + std::to_string(use.id), file = escaped(checked_.keys_path);
    Findings &findings = config_.findings_at(use.place);
    if (readings_of(loaded, use.id).empty()) {
      const auto refusal = refused_.find(use.id);
      findings.add(use.place.offset, "key-not-loaded",
                   refusal != refused_.end()
                       ? config_.program + " does not load " + key + " from " + file + ": " + refusal->second->reason
                       : "there is no " + key + " in " + file,
                   refusal != refused_.end() ? "mend its line; 'ntpkeygen check' and 'explain' tell more"
                                             : "add the key there, the same as the other side has");
    } else if (config_.program != "chrony" && !is_trusted(use.id)) {
      findings.add(use.place.offset, "key-not-trusted",
                   key + " is used here and not trusted, so packets with it are dropped, as if they were lost",
                   "add 'trustedkey " + std::to_string(use.id) + "'");
    }
  }

  void check_trust(const Interpretation &loaded) {
    for (const TrustedKeys &each : config_.trusted) {
      const auto first = std::ranges::lower_bound(loaded.readings, each.first, {}, &Reading::id);
      if (first != loaded.readings.end() && first->id <= each.last)
        continue;
      // What a server line says about the same key is enough.
      if (each.first == each.last && is_used(each.first))
        continue;
      config_.findings_at(each.place)
          .add(each.place.offset, "trusted-not-loaded",
               (each.first == each.last
                    ? "key " + std::to_string(each.first) + " is trusted and"
                    : "keys " + std::to_string(each.first) + "-" + std::to_string(each.last) + " are trusted and") +
                   " not loaded");
    }
    std::vector<KeyId> untrusted;
    for (const Reading &reading : loaded.readings)
      if ((untrusted.empty() || untrusted.back() != reading.id) && !is_trusted(reading.id) && !is_used(reading.id))
        untrusted.push_back(reading.id);
    if (untrusted.empty())
      return;
    const ConfigPlace &place = config_.keys_file->place;
    config_.findings_at(place).add(place.offset, "loaded-not-trusted",
                                   numbered("key", untrusted, most_ranges) + (untrusted.size() == 1 ? " is" : " are") +
                                       " loaded and not trusted: packets with such a key are dropped, as if they were "
                                       "lost");
  }

  // As whom the daemon reads; nullopt: not known on this machine.
  [[nodiscard]] std::optional<Owner> daemon() const {
    std::vector<std::string> names = checked_.keys->format->info().daemon_groups;
    if (config_.user)
      names = {*config_.user};
    for (const std::string &name : names)
      if (const auto user = environment_.host.user(name))
        return *user;
    return std::nullopt;
  }

  static bool may(std::uint32_t bit, const FileStatus &status, const Owner &who) {
    const std::uint32_t shift = status.owner.user == who.user ? 6 : status.owner.group == who.group ? 3 : 0;
    return who.user == 0 || ((status.mode >> shift) & bit) != 0;
  }

  void check_access() {
    const ConfigPlace &place = config_.keys_file->place;
    Findings &findings = config_.findings_at(place);
    const std::string path = environment_.host.absolute(checked_.keys_path), shown = escaped(path);
    if (const auto who = daemon()) {
      constexpr std::uint32_t read = 4, enter = 1;
      if (!may(read, checked_.keys->status, *who))
        findings.add(place.offset, "daemon-cannot-read",
                     "the daemon's own user cannot read " + shown + ", and does so once it has dropped its privileges",
                     "give the file to the daemon's group: chgrp " + std::to_string(who->group) + " " +
                         escaped(quoted_for_a_shell(path)) + " && chmod 0640 " + escaped(quoted_for_a_shell(path)));
      else if (const std::string closed = closed_folder(path, *who, enter); !closed.empty())
        findings.add(place.offset, "daemon-cannot-read", "the daemon's own user cannot get into " + escaped(closed),
                     "chmod o+x " + escaped(quoted_for_a_shell(closed)) + ", or keep the file elsewhere");
    }
    const std::string profile =
        std::string("/etc/apparmor.d/usr.sbin.") + (config_.program == "chrony" ? "chronyd" : "ntpd");
    if (const auto allowed = apparmor_lets_read(profile, path, environment_); allowed && !*allowed)
      findings.add(place.offset, "apparmor-denies",
                   "the AppArmor profile " + profile + " does not let the daemon read " + shown,
                   config_.program == "ntpsec"
                       ? "keep the keys in /etc/ntpsec/ntp.keys itself, not behind a link, or add '" + shown +
                             " r,' to /etc/apparmor.d/local/usr.sbin.ntpd"
                       : "add '" + shown + " r,' to /etc/apparmor.d/local/" + profile.substr(profile.rfind('/') + 1));
  }

  // The first folder on the way to the file that they cannot pass; empty: none.
  [[nodiscard]] std::string closed_folder(const std::string &path, const Owner &who, std::uint32_t enter) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string folder_path = path.substr(0, slash);
      const auto folder = environment_.files.open_folder(folder_path);
      const auto status = folder ? (*folder)->status(".") : failure(ErrorCode::not_found, "");
      if (status && *status && !may(enter, **status, who))
        return folder_path;
    }
    return {};
  }

  CheckedConfig &checked_;
  DaemonConfig &config_;
  Environment &environment_;
  std::vector<KeyId> used_;
  std::vector<std::pair<KeyId, KeyId>> trusted_; // first and last
  std::unordered_map<KeyId, const Refusal *> refused_;
};

bool exists(const std::string &path, FileSystem &files) {
  const auto [folder_path, name] = split_path(path);
  const auto folder = files.open_folder(folder_path);
  if (!folder)
    return folder.error().code != ErrorCode::not_found;
  const auto status = (*folder)->target_status(name);
  return !status || *status;
}

} // namespace

Result<CheckedConfig> check_config(const std::string &path, const std::vector<std::string> &given,
                                   const Implementations &programs, const Invocation &call) {
  Environment &environment = call.environment;
  auto read = read_daemon_config(environment.files, path, call.options.value("format"), environment.secrets);
  if (!read)
    return failure(std::move(read).error());
  if (looks_like_key_lines(read->files.front()->text.reveal_text()))
    return failure(ErrorCode::invalid_argument, path + " looks like a keys file, and not like a configuration",
                   "check it with 'ntpkeygen check FILE'");
  CheckedConfig checked;
  checked.config = std::move(*read);
  DaemonConfig &config = checked.config;
  const auto finish = [&] {
    for (const auto &file : config.files)
      file->findings.sort();
    return std::move(checked);
  };

  if (!config.keys_file) {
    if (config.uses.empty())
      config.files.front()->findings.add(0, Severity::advice, "no-keys-file",
                                         "the configuration names no keys file and uses no keys");
    else
      config.findings_at(config.uses.front().place).add(config.uses.front().place.offset, "no-keys-file");
    return finish();
  }
  const ConfigPlace place = config.keys_file->place;
  checked.keys_path = config.keys_file->path;
  const bool there = exists(checked.keys_path, environment.files);
  if (!there && given.empty()) {
    const std::string &beside = config.keys_file->beside;
    const bool is_beside = !beside.empty() && exists(beside, environment.files);
    const std::string directive = config.program == "chrony" ? "keyfile " : "keys ";
    config.findings_at(place).add(place.offset, "keys-file-missing",
                                  "there is no keys file " + escaped(checked.keys_path) + ", so no key is loaded",
                                  is_beside ? "write '" + directive + escaped(environment.host.absolute(beside)) +
                                                  "': this file is looked at in its place"
                                            : "");
    if (!is_beside)
      return finish();
    checked.keys_path = beside;
    checked.stands_in = true;
  } else if (!there) {
    checked.keys_path = given.front();
    checked.stands_in = true;
    config.findings_at(place).add(place.offset, "other-keys-file",
                                  "the keys file named here is not on this machine; " + escaped(given.front()) +
                                      " is looked at in its place");
  }
  for (const std::string &other : given)
    if (there && environment.host.absolute(other) != environment.host.absolute(checked.keys_path))
      config.findings_at(place).add(place.offset, "other-keys-file",
                                    "the daemon reads the file that is named here, and not " + escaped(other));
  auto keys = check_keys(checked.keys_path, config.program, programs, call);
  if (!keys)
    return failure(std::move(keys).error());
  checked.keys = std::move(*keys);

  auto reader = environment.plugins.key_file_reader(config.program);
  if (!reader)
    return failure(std::move(reader).error());
  auto loaded = (*reader)->interpret(checked.keys->file.text.reveal(), environment.secrets);
  if (!loaded)
    return failure(std::move(loaded).error());
  Join(checked, call).run(*loaded);
  return finish();
}

} // namespace ntpkeygen::cli
