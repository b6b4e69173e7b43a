#include "cli/key_file_place.hpp"

#include "cli/foreign_text.hpp"
#include "cli/shell_words.hpp"

#include <algorithm>

namespace ntpkeygen::cli {
namespace {

// Those who may have the keys anyway.
class Trusted {
public:
  Trusted(const FormatInfo &format, Host &host) : users_{0, host.effective_user()}, groups_{0} {
    for (const std::string &name : format.daemon_groups) {
      if (const auto group = host.group(name)) {
        groups_.push_back(*group);
        group_name_ = group_name_.empty() ? name : group_name_;
      }
      if (const auto user = host.user(name))
        users_.push_back(user->user);
    }
  }
  [[nodiscard]] bool user(std::uint32_t user) const { return std::ranges::find(users_, user) != users_.end(); }
  // A user's private group has nobody else in it, by custom.
  [[nodiscard]] bool group(Owner owner) const {
    return std::ranges::find(groups_, owner.group) != groups_.end() || (owner.group == owner.user && user(owner.user));
  }
  [[nodiscard]] const std::string &group_name() const { return group_name_; } // empty: the daemon is not installed

private:
  std::vector<std::uint32_t> users_, groups_;
  std::string group_name_{};
};

void check_folder(const std::string &path, const Trusted &trusted, FileSystem &files, Findings &findings) {
  const auto folder = files.open_folder(path);
  const auto status = folder ? (*folder)->status(".") : failure(ErrorCode::not_found, "");
  if (!status || !*status)
    return;
  constexpr std::uint32_t sticky = 01000; // others can make files, but not replace this one
  const FileStatus &seen = **status;
  const std::string quoted = escaped(quoted_for_a_shell(path));
  if ((seen.mode & 0002U) != 0 && (seen.mode & sticky) == 0)
    findings.add(0, "folder-writable",
                 "every user can put another file in the place of this one, in the folder " + escaped(path),
                 "chmod o-w " + quoted);
  else if ((seen.mode & 0020U) != 0 && (seen.mode & sticky) == 0 && !trusted.group(seen.owner))
    findings.add(0, Severity::warning, "folder-writable",
                 "a group can put another file in the place of this one, in the folder " + escaped(path),
                 "chmod g-w " + quoted);
  if (!trusted.user(seen.owner.user))
    findings.add(0, Severity::warning, "folder-writable",
                 "the folder " + escaped(path) +
                     " belongs to somebody else, who can put another file in the place of this one",
                 "keep the file in a folder of root's, such as /etc/ntpsec or /etc/chrony");
}

} // namespace

void check_place(const std::string &path, const FileStatus &file, const FormatInfo &format, Environment &environment,
                 Findings &findings) {
  const Trusted trusted(format, environment.host);
  const std::string quoted = escaped(quoted_for_a_shell(path));
  if ((file.mode & 0004U) != 0)
    findings.add(0, "readable-by-others", {},
                 "chmod o-rwx " + quoted + ", and make new keys if somebody else could have read these");
  else if ((file.mode & 0040U) != 0 && !trusted.group(file.owner))
    findings.add(0, "readable-by-group", {},
                 trusted.group_name().empty()
                     ? "chmod g-rwx " + quoted
                     : "chgrp " + trusted.group_name() + " " + quoted + ", or chmod g-rwx " + quoted);
  if ((file.mode & 0002U) != 0)
    findings.add(0, "writable-by-others", "every user of this machine can change the keys", "chmod o-w " + quoted);
  else if ((file.mode & 0020U) != 0 && file.owner.group != 0)
    findings.add(0, Severity::warning, "writable-by-others", "the file's group can change the keys",
                 "chmod g-w " + quoted);
  if (!trusted.user(file.owner.user))
    findings.add(0, "foreign-owner", {}, "chown root " + quoted);

  const std::string folder = split_path(path).folder;
  check_folder(folder, trusted, environment.files, findings);
  // Behind a link there is another folder.
  const std::string real = split_path(environment.host.absolute(path)).folder;
  if (real != environment.host.absolute(folder))
    check_folder(real, trusted, environment.files, findings);
}

} // namespace ntpkeygen::cli
