#include "cli/placement_hints.hpp"

#include "cli/shell_words.hpp"

#include <algorithm>
#include <array>

namespace ntpkeygen::cli {
namespace {

// An AppArmor profile judges the path behind a link, so the file that the link points to is out of the daemon's reach.
struct Profile {
  std::string_view file, format, readable;
};
constexpr std::array<Profile, 1> profiles{{{"/etc/apparmor.d/usr.sbin.ntpd", "ntpsec", "/etc/ntpsec/ntp.keys"}}};

} // namespace

std::vector<std::string> placement_hints(const Placement &placement, const FormatInfo &format, Host &host) {
  std::vector<std::string> hints;
  const std::string folder = host.absolute(placement.folder);
  // Elsewhere it is a draft, and asking the user database would only cost time.
  if (folder != "/etc" && !folder.starts_with("/etc/"))
    return hints;
  const std::string path = quoted_for_a_shell(folder + "/" + placement.name);

  const auto group = std::ranges::find_if(format.daemon_groups,
                                          [&](const std::string &known) { return host.group(known).has_value(); });
  if (host.effective_user() == 0 && ((placement.mode & 0040U) == 0 || placement.group == 0) &&
      group != format.daemon_groups.end())
    hints.push_back("only root can read this file; for a daemon that reads it after it has dropped its privileges: "
                    "chown root:" +
                    *group + " " + path + " && chmod 0640 " + path + " (or '--owner root:" + *group +
                    " --mode 0640' from the start)");
  for (const Profile &profile : profiles)
    if (format.name == profile.format && folder + "/" + placement.name != profile.readable &&
        host.has(std::string(profile.file)))
      hints.push_back("the AppArmor profile " + std::string(profile.file) + " lets ntpd read only " +
                      std::string(profile.readable) +
                      " itself, not a file behind a link; to have keys there: '--output " +
                      std::string(profile.readable) + " --replace'");
  if (host.has("/sys/fs/selinux/enforce"))
    hints.push_back("under SELinux, give the file its label: restorecon -v " + path);
  return hints;
}

} // namespace ntpkeygen::cli
